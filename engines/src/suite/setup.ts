/** What an engine's own test gives the suite that all engines share. */
import type { ContainerSpec, Engine, TenantSpec, VolumeKey } from '../contract.ts';

/** References that the engine can pull. Tags are other than `latest` unless said otherwise. */
interface SuiteImages {
  /** Exposes 8080 and serves there, over HTTP, what {@link SuiteSetup.read} says; ends when asked. */
  web: string;
  /** The same under the tag `latest`. */
  webLatest: string;
  /** The same by digest. */
  webDigest: string;
  /** Writes the lines `one`, `two`, `three` (and `oops` to stderr) and exits 1. */
  exit1: string;
  /**
   * Writes `ready` and runs until asked to end: exits 7 when by its own stop signal, with another
   * code by any other. Has `sh`.
   */
  shell: string;
  /** Writes `ready` and ignores being asked to end. */
  stubborn: string;
  /** Runs until killed as user 1234, which it has no name for, group 0. Has `sh`, as those that follow. */
  numbered: string;
  /** The same as user 1500 and group 1700, by their names. */
  named: string;
  /** The same as user 1500, group 1600, who have `/srv/data` of mode 750 with a file `seed` in it; `/data` leads there. */
  seeded: string;
  /** Is killed for its memory. */
  hog: string;
  /** No such image. */
  missing: string;
  /** The registry refuses it, if it says anything with `a word of the registry`. */
  denied: string;
  /** The registry fails at it. */
  broken: string;
}

/** What others do to a container behind the engine's back. */
interface SuiteTamper {
  kill(id: number): Promise<void>;
  pause(id: number): Promise<void>;
  /** Takes it off its network. */
  disconnect(id: number): Promise<void>;
  remove(id: number): Promise<void>;
  /** Takes a volume away, with its data. False: this engine lets nobody do that while an object mounts it. */
  volumeVanish(key: VolumeKey): Promise<boolean>;
  /** Makes something that is called as the volume would be, and is not marked as ours. */
  volumeForeign?(key: VolumeKey): Promise<{ remove(): Promise<void> }>;
  /** Makes what an `apply` leaves that died between creation and start. */
  makeHalf?(spec: ContainerSpec): Promise<void>;
}

export interface SuiteSetup {
  /** Started. The suite closes it. */
  engine: Engine;
  images: SuiteImages;
  tamper: SuiteTamper;
  /** Two networks that nothing else uses; the suite makes and removes them. */
  tenants: readonly [TenantSpec, TenantSpec];
  /** A subnet pair that a network has which is not this installation's. */
  takenSubnets: Pick<TenantSpec, 'ipv4Subnet' | 'ipv6Subnet'>;
  /** A second worker of the same installation, started. The suite closes it. */
  worker(): Promise<Engine>;
  /** An engine of another installation in the same place, started. The suite closes it. */
  stranger(): Promise<Engine>;
  /**
   * HTTP GET of `web`: `/` has `$GREETING` in it, `/cgi-bin/environ` is the environment, each entry
   * ended by NUL. Rejects when nothing answers.
   */
  read(address: string, port: number, path: string): Promise<string>;
  /** Has a running container write a text at the end of what is in the volume that it has there. */
  volumeWrite(containerId: number, mountPath: string, text: string): Promise<void>;
  /** All the text that is in it. */
  volumeRead(containerId: number, mountPath: string): Promise<string>;
  /** Moves a tag of `web` to another image that does the same. */
  republish(ref: string): Promise<void>;
  /** A reference of `web` whose pull does not end until `release`; each call gives another. */
  slowImage(): { ref: string; release(): void };
  now(): Date;
  /** Lets time pass, real or virtual: a moment long enough to poll again after. */
  tick(): Promise<void>;
  /** Ends what setup started, after the engines are closed. */
  close(): Promise<void>;
}
