/**
 * A lock file that names its holder, so that a lock whose holder died is taken over at once.
 *
 * Plain JavaScript for Node 20, because the bootstrap uses it before anything is installed.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

const HEARTBEAT_MS = 10_000;
const FOREIGN_HOLDER_DEAD_AFTER_MS = 60_000;

/** @typedef {import('./process-lock.d.mts').LockHolder} LockHolder */

/** @returns {LockHolder} */
function holderSelf() {
  return {
    pid: process.pid,
    startTime: processStartTime(process.pid),
    bootId: readOrNull('/proc/sys/kernel/random/boot_id'),
    pidNamespace: readlinkOrNull('/proc/self/ns/pid'),
    nonce: randomBytes(8).toString('hex'),
  };
}

export function processStartTime(pid) {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field, the command, may contain spaces and brackets, so fields are counted from its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

export function processIsAlive(pid, startTime) {
  if (fs.existsSync('/proc/self/stat')) {
    const now = processStartTime(pid);
    return now !== null && (startTime === null || now === startTime);
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

export function processLockAcquire(path) {
  const self = holderSelf();
  const draft = `${path}.${self.nonce}.new`;
  fs.writeFileSync(draft, JSON.stringify(self), { flag: 'wx', mode: 0o644 });
  try {
    const holder = claim(path, draft);
    if (holder !== null) return { holder };
  } finally {
    fs.rmSync(draft, { force: true });
  }
  removeLeftClaims(path);
  const heartbeat = setInterval(() => {
    // A holder in another PID namespace can't be looked up; only its heartbeat can be observed.
    fs.utimes(path, new Date(), new Date(), () => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release() {
      clearInterval(heartbeat);
      if (holderRead(path)?.nonce === self.nonce) fs.rmSync(path, { force: true });
    },
  };
}

export async function processLockWait(path, onWait) {
  for (let told = false; ; told = true) {
    const lock = processLockAcquire(path);
    if (!('holder' in lock)) return lock;
    if (!told) onWait(lock.holder);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * Links `draft` to `path`. A stale lock in the way is first claimed under a name derived from its nonce. If several
 * processes find it stale, only one of them replaces it, and only while it is still the same lock. Returns the live
 * holder that is in the way, or null.
 */
function claim(path, draft) {
  for (;;) {
    try {
      fs.linkSync(draft, path);
      return null;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const found = holderRead(path);
    if (found === null) continue;
    if (holderIsAlive(path, found)) return found;
    const claimPath = `${path}.${found.nonce}`;
    const rival = claim(claimPath, draft);
    if (rival !== null) return rival;
    try {
      if (holderRead(path)?.nonce === found.nonce) {
        fs.rmSync(path, { force: true });
      }
    } finally {
      fs.rmSync(claimPath, { force: true });
    }
  }
}

function holderIsAlive(path, holder) {
  if (holder.bootId !== readOrNull('/proc/sys/kernel/random/boot_id')) return false;
  if (holder.pidNamespace !== readlinkOrNull('/proc/self/ns/pid')) {
    const age = Date.now() - (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return age < FOREIGN_HOLDER_DEAD_AFTER_MS;
  }
  return processIsAlive(holder.pid, holder.startTime);
}

/** Removes what a process that died during a takeover or an acquisition left next to the lock. */
function removeLeftClaims(path) {
  for (const name of fs.readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const left = join(dirname(path), name);
    const holder = holderRead(left);
    // Unreadable: another process is writing it.
    if (holder === null || holder.pid === 0 || holderIsAlive(left, holder)) continue;
    fs.rmSync(left, { force: true });
  }
}

/** @returns {LockHolder | null} null when there is none (any more). */
function holderRead(path) {
  const text = readOrNull(path);
  if (text === null) return null;
  try {
    const holder = JSON.parse(text);
    if (Number.isInteger(holder.pid) && typeof holder.nonce === 'string') return holder;
  } catch {}
  // Not written by any version of ours, or truncated by a full disk: nobody holds it.
  return { pid: 0, startTime: null, bootId: 'unreadable', pidNamespace: null, nonce: 'unreadable' };
}

function readOrNull(path) {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function readlinkOrNull(path) {
  try {
    return fs.readlinkSync(path);
  } catch {
    return null;
  }
}
