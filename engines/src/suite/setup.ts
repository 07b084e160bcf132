/** What an engine's own test provides to the suite that all engines share. */
import type { ContainerSpec, Engine, TenantSpec, VolumeKey } from '../contract.ts';

/** References that the engine can pull. Tags are other than `latest` unless stated otherwise. */
interface SuiteImages {
  /** Exposes 8080 and serves there, over HTTP, what {@link SuiteSetup.read} describes; ends when asked. */
  web: string;
  /** The same image under the tag `latest`. */
  webLatest: string;
  /** The same image by digest. */
  webDigest: string;
  /** Writes the lines `one`, `two`, `three` (and `oops` to stderr) and exits with 1. */
  exit1: string;
  /**
   * Writes `ready` and runs until asked to end: exits with 7 on its own stop signal, with another code on any other.
   * Has `sh`.
   */
  shell: string;
  /** Writes `ready` and ignores being asked to end. */
  stubborn: string;
  /**
   * Runs until killed, as user 1234, which has no name in the image, and group 0. Has `sh`, as do the following images.
   */
  numbered: string;
  /** The same as user 1500 and group 1700, by name. */
  named: string;
  /**
   * The same as user 1500, group 1600, who own `/srv/data` of mode 750 with a file `seed` in it; `/data` is a link to
   * it.
   */
  seeded: string;
  /** The same as root, with a `VOLUME` at `/data` and one at `/data/inner`. */
  keeper: string;
  /** Is killed for its memory use. */
  hog: string;
  /** An image that does not exist. */
  missing: string;
  /** The registry denies access. If it gives a message, the message contains `a word of the registry`. */
  denied: string;
  /** The registry fails on it. */
  broken: string;
}

/** What others do to a container behind the engine's back. */
interface SuiteTamper {
  kill(id: number): Promise<void>;
  /** Omitted: nobody can pause a container of this engine. */
  pause?(id: number): Promise<void>;
  /** Disconnects it from its network. */
  disconnect(id: number): Promise<void>;
  remove(id: number): Promise<void>;
  /** Removes a volume and its data. False: this engine does not allow that while an object mounts it. */
  volumeVanish(key: VolumeKey): Promise<boolean>;
  /** Creates an object with the volume's name that is not marked as ours. */
  volumeForeign?(key: VolumeKey): Promise<{ remove(): Promise<void> }>;
  /**
   * Runs a container as versions did that left the `VOLUME`s of its image to the engine. Omitted: no version did on
   * this one.
   */
  makeOld?(spec: ContainerSpec): Promise<void>;
  /** Creates what an `apply` leaves behind if it died between creation and start. */
  makeHalf?(spec: ContainerSpec): Promise<void>;
}

export interface SuiteSetup {
  /** Already started. The suite closes it. */
  engine: Engine;
  images: SuiteImages;
  tamper: SuiteTamper;
  /** Two tenants that nothing else uses. The suite creates and removes them. */
  tenants: readonly [TenantSpec, TenantSpec];
  /** A tenant is not removed while it has containers, running or not. */
  tenantHoldsObjects?: true;
  /** An address that container `id` of that tenant may have. */
  addressIn(tenant: TenantSpec, id: number): string;
  /** A second worker of the same installation, already started. The suite closes it. */
  worker(): Promise<Engine>;
  /** An engine of another installation in the same place, already started. The suite closes it. */
  stranger(): Promise<Engine>;
  /**
   * HTTP GET of `web`: `/` contains `$GREETING`, `/cgi-bin/environ` is the environment with NUL after each entry.
   * Rejects if nothing answers.
   */
  read(address: string, port: number, path: string): Promise<string>;
  /** Has a running container append a text to the volume that it mounts there. */
  volumeWrite(containerId: number, mountPath: string, text: string): Promise<void>;
  /** All the text in the volume. */
  volumeRead(containerId: number, mountPath: string): Promise<string>;
  /** Has a running container's process write lines to its standard output, in one go. */
  linesWrite(containerId: number, lines: readonly string[]): Promise<void>;
  /** Moves a tag of `web` to another image that does the same. */
  republish(ref: string): Promise<void>;
  /** A reference of `web` whose pull does not end until `release`. Each call returns another one. */
  slowImage(): { ref: string; release(): void };
  now(): Date;
  /** Lets time pass, real or virtual, until it makes sense to poll again. */
  tick(): Promise<void>;
  /** Stops what the setup started, after the engines are closed. */
  close(): Promise<void>;
}
