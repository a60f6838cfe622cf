/**
 * Starting and stopping from outside: the pulse first, then the workers. Everything that is reported was observed on a
 * beacon; a pid is only ever signalled after its beacon has answered, or was silent, with the nonce of that holder.
 */
import { askBeacon } from '../host/beacon.js';
import { monotonicMs, sleep } from '../host/clock.js';
import { detach, residentArgv } from '../host/detach.js';
import { ownPid } from '../host/end-signals.js';
import type { Env } from '../host/env.js';
import { hasEnded, isProcessGone, signalProcess } from '../host/kill.js';
import type { Profile } from '../host/profile.js';
import { tailBytes } from '../lib/clip.js';
import { nonce } from '../lib/hash.js';
import type { Disk } from '../store/disk.js';
import type { Holder } from '../store/holder.js';
import { isLockFresh, LOCK_STALE_MS } from '../store/lock.js';
import { type PulseLife, pulseLife } from './pulse-life.js';

/** How long `up` waits to see the pulse alive (specs/looop.md 1.2), plus what a loaded machine needs to load Node. */
const UP_WAIT_MS = 10_000;
const POLL_MS = 40;
/** Between the last word of a pulse and the end of its process. */
const EXIT_MS = 2_000;
export const PULSE_LOG = 'pulse/pulse.log';

export interface StartRequest {
  disk: Disk;
  profile: Profile;
  env: Env;
  bin: string;
  json: boolean;
}

export type Started =
  | { state: 'started' | 'already-running'; pid: number }
  /** The one before was told to end and is still at its last beat; no other was started. */
  | { state: 'still-ending'; pid: number | null }
  /** Spawned but never seen alive; `log` is the end of what it said. */
  | { state: 'not-seen'; log: string };

/** Starts the pulse detached, with the data dir as its working directory and its output in a log file. Idempotent. */
export async function startPulse(request: StartRequest): Promise<Started> {
  const { disk, profile } = request;
  const before = await lifeAfterEnding(disk);
  if (before.isEnding) return { state: 'still-ending', pid: before.pid };
  if (before.state === 'alive' && before.pid !== null) return { state: 'already-running', pid: before.pid };
  requireRoom(disk);
  rotateLog(disk);
  const env = { ...definedOf(request.env), TEND_DATA_DIR: profile.dataDir, TEND_CONFIG: profile.configPath };
  const child = await detach({
    argv: [...residentArgv(request.bin), '__pulse', ...(request.json ? ['--json'] : [])],
    cwd: disk.root,
    env,
    logPath: disk.path(PULSE_LOG),
  });
  const pid = await seenAlive(disk, before, () => isProcessGone(child));
  if (pid !== undefined) return { state: pid === before.pid ? 'already-running' : 'started', pid };
  return { state: 'not-seen', log: logTail(disk) };
}

/** What it said at last. */
export function logTail(disk: Disk): string {
  const log = disk.tail(PULSE_LOG, 2_000);
  return log.state === 'present' ? tailBytes(Buffer.from(log.text), 2_000).trim() : '';
}

/** Pid of the pulse that answers within the time that `up` waits; undefined when none does, or when `hasEnded` and still none does. */
export async function seenAlive(
  disk: Disk,
  before: PulseLife,
  hasEnded: () => boolean | Promise<boolean>,
): Promise<number | undefined> {
  // One that is stopped may be overtaken when its last sign of life is old; one that was only busy soon answers.
  const end = monotonicMs() + UP_WAIT_MS + (before.state === 'silent' ? LOCK_STALE_MS : 0);
  for (let isGone = false; monotonicMs() < end; ) {
    const life = await pulseLife(disk, 500);
    if (life.state === 'alive' && !life.isEnding && life.pid !== null) return life.pid;
    // It has ended, and has said why; one that found another pulse has ended too, and then that one was seen just now.
    if (isGone) break;
    isGone = await hasEnded();
    await sleep(POLL_MS);
  }
  return undefined;
}

/** More than a block of any file system, so that a full disk has no room for it. */
const PROBE_BYTES = 8_192;

/** A pulse that cannot write ends before it can say why, because its log lies on the same disk: so we find out first. Throws why. */
function requireRoom(disk: Disk): void {
  // By this name it is swept when we die in between.
  const probe = `pulse/.tmp-${ownPid()}-${nonce(4)}`;
  disk.publish(probe, Buffer.alloc(PROBE_BYTES));
  disk.remove(probe);
}

/** One that was told to end still answers: to call it running would leave nobody running a moment later. */
export async function lifeAfterEnding(disk: Disk): Promise<PulseLife> {
  for (const end = monotonicMs() + UP_WAIT_MS; ; await sleep(POLL_MS)) {
    const life = await pulseLife(disk);
    if (!life.isEnding || monotonicMs() >= end) return life;
  }
}

/** 5 MiB, as for the journal: years of decisions. One older generation is kept. */
const LOG_BYTES_MAX = 5 * 1024 * 1024;

export function rotateLog(disk: Disk): void {
  const log = disk.stat(PULSE_LOG);
  if (log.state !== 'present' || log.bytes <= LOG_BYTES_MAX) return;
  disk.remove(`${PULSE_LOG}.1`);
  disk.move(PULSE_LOG, `${PULSE_LOG}.1`);
}

export type Stopped =
  | { state: 'not-running' }
  | { state: 'stopped'; pid: number | null; forced: boolean }
  | { state: 'survived'; pid: number | null }
  | { state: 'unknown'; reason: string };

/**
 * Asks the pulse to end now: a decision under way is aborted, a shell command goes on under its supervisor. One that does not
 * end within `graceMs` (or is stopped and cannot hear us) is killed, which loses nothing.
 */
export async function stopPulse(disk: Disk, graceMs: number): Promise<Stopped> {
  const life = await pulseLife(disk, 2_000, { op: 'stop' });
  if (life.state === 'unknown') return { state: 'unknown', reason: life.reason ?? 'it cannot be asked' };
  if (!life.alive || !life.holder) return { state: 'not-running' };
  const { pid } = life.holder;
  if (life.state === 'alive' && (await diesWithin(disk, life.holder, graceMs)))
    return { state: 'stopped', pid, forced: false };
  signalProcess(pid, 'SIGKILL');
  // Where its socket's name is gone, death shows in the lock, which goes stale.
  return (await diesWithin(disk, life.holder, LOCK_STALE_MS + 2_000))
    ? { state: 'stopped', pid, forced: true }
    : { state: 'survived', pid };
}

async function diesWithin(disk: Disk, { socket, nonce, epoch, pid }: Holder, ms: number): Promise<boolean> {
  const end = monotonicMs() + ms;
  for (;;) {
    const sight = await askBeacon(socket, nonce, { op: 'ping' }, 500);
    if (sight.state === 'dead' && (!sight.gone || isProcessGone(pid) || !isLockFresh(disk, 'pulse', epoch)))
      return endsSoon(pid);
    if (monotonicMs() >= end) return false;
    await sleep(POLL_MS);
  }
}

/** It has given everything up, and its process ends a moment later: what is reported as stopped shall be gone. Always true. */
async function endsSoon(pid: number): Promise<true> {
  // The number may be another's by now, so nothing depends on it.
  for (const end = monotonicMs() + EXIT_MS; !hasEnded(pid) && monotonicMs() < end; ) await sleep(POLL_MS);
  return true;
}

/** True when the pulse, if any, is proven dead: the only state in which somebody else may take its lock over at once. */
export const isProvenDead = (life: PulseLife): boolean => life.state === 'dead';

function definedOf(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
