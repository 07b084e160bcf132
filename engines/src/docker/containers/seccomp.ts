/**
 * The system calls that a container may make, for any version of Docker.
 *
 * `seccomp-profile.json` is derived from the default profile of moby (github.com/moby/profiles, 2026, Apache-2.0),
 * reduced to the capabilities that our containers have. It is stricter in two places:
 *
 * - A socket must be UNIX, IPv4, IPv6 or netlink. Docker 20.10 allows all families, including AF_VSOCK, which lets a
 * container talk to the hypervisor. Only the 32 bits that the kernel reads are compared: a rule on the whole register
 * is bypassed by setting a bit above them.
 * - Neither `socketcall` nor the x32 ABI is allowed: both bypass other rules.
 *
 * As in moby's profile, these are not allowed: `io_uring`, `keyctl`, `bpf`, `userfaultfd`, `perf_event_open`, new
 * namespaces.
 */
import { readFileSync } from 'node:fs';

const PROFILE: unknown = JSON.parse(
  readFileSync(new URL('./seccomp-profile.json', import.meta.url), 'utf8'),
);

/** In the form that Docker's `SecurityOpt` expects. */
export const SECCOMP_OPTION = `seccomp=${JSON.stringify(PROFILE)}`;
