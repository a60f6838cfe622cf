import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { monotonicMs, sleep } from './clock.js';

/** Sends a signal to a process group; false when the group is gone. Never to group 0 or 1, which would be ours or init's. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isInteger(pgid) || pgid <= 1) return false;
  try {
    process.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whether anything is in a process group; a zombie counts until somebody takes it away. */
export function isGroupLeft(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Pids whose environment carries `TEND_MARK=<mark>`: tools of agent CLIs start process groups of their own, a group signal
 * does not reach them. Zombies have no environment and do not count. Empty where there is no /proc.
 */
export function findMarked(mark: string): number[] {
  const found: number[] = [];
  for (const [pid, environment] of environments()) if (marksIn(environment).includes(mark)) found.push(pid);
  return found;
}

/** Those of `marks` that some process still carries: one look at the process table for all of them. */
export function marksLeft(marks: ReadonlySet<string>): string[] {
  const left = new Set<string>();
  for (const [, environment] of environments())
    for (const mark of marksIn(environment)) if (marks.has(mark)) left.add(mark);
  return [...left];
}

/** A pid is given again when all others have been used. Linux has 32,768 at least, and forks some 10,000 a second on two cores. */
const PIDS_COME_AGAIN_MS = 1_000;
/** Looking at so many pids one by one costs less than a list of all processes. */
const BORN_MAX = 512;

/**
 * Whether some process carries `mark` that was given to a child of ours with the pid `pid`, `ageMs` ago. Whoever has the mark was born after
 * that child, so while pids cannot have come round only those are looked at that were given since: microseconds where nothing else begins.
 */
export function isMarkLeft(mark: string, pid: number, ageMs: number): boolean {
  const born = ageMs < PIDS_COME_AGAIN_MS ? newestPid() - pid : -1;
  const names = born >= 0 && born <= BORN_MAX ? Array.from({ length: born }, (_, at) => `${pid + 1 + at}`) : undefined;
  for (const [, environment] of environments(names)) if (marksIn(environment).includes(mark)) return true;
  return false;
}

/** Fifth word of `/proc/loadavg`: the pid that was given last in our namespace. 0 where it does not say. */
function newestPid(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'latin1').split(' ')[4]) || 0;
  } catch {
    return 0;
  }
}

const ENTRY = '\0TEND_MARK=';

/** Every `TEND_MARK` of an environment; one that was set twice by hand counts both times. */
function marksIn(environment: Buffer): string[] {
  const marks: string[] = [];
  for (let at = environment.indexOf(ENTRY); at >= 0; at = environment.indexOf(ENTRY, at)) {
    const from = at + ENTRY.length;
    at = environment.indexOf(0, from);
    marks.push(environment.toString('utf8', from, at));
  }
  return marks;
}

/** What an environment takes as a rule; a longer one makes the buffer grow, up to the kernel's own limit. */
const ENVIRONMENT_BYTES = 65_536;

/**
 * Every other process that we may look at, or of those with these pids: pid and environment, each entry between two NULs. The bytes are
 * good for one step.
 */
function* environments(names = procNames()): Generator<[pid: number, environment: Buffer]> {
  let room = Buffer.allocUnsafeSlow(ENVIRONMENT_BYTES);
  room[0] = 0;
  // The newest first: one that forks and ends again and again has its newest process at the end, and it is gone in a moment.
  for (const name of names.reverse()) {
    const pid = Number(name);
    if (pid === process.pid) continue;
    try {
      const fd = openSync(`/proc/${name}/environ`, 'r');
      try {
        let end = 1;
        for (let got = 1; got > 0; end += got) {
          if (end === room.length) room = Buffer.concat([room], 2 * room.length);
          got = readSync(fd, room, end, room.length - end, null);
        }
        // A process that writes over its own environment may leave the last entry open.
        room[end] = 0;
        yield [pid, room.subarray(0, end + 1)];
      } finally {
        closeSync(fd);
      }
    } catch {
      // Gone meanwhile, or another user's: neither is ours to kill.
    }
  }
}

function procNames(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Death by KILL comes at once; a process in an uninterruptible wait may outlive it. */
const CONFIRM_MS = 2_000;

/**
 * `gentle` signals to the group and everything marked, one after the other, then KILL, and confirmation. `graceMs` is for all of
 * them together, in equal shares. Returns the pids that live all the same.
 */
export async function stopTree(
  pgid: number,
  mark: string,
  graceMs: number,
  gentle: readonly NodeJS.Signals[] = ['SIGTERM'],
): Promise<number[]> {
  for (const signal of gentle) {
    signalAll(pgid, mark, signal);
    if ((await untilGone(pgid, mark, graceMs / gentle.length)).length === 0) break;
  }
  return untilGone(pgid, mark, CONFIRM_MS, true);
}

/** Stops everything marked where it stands, or lets it go on; the group too, for machines on which marks cannot be seen. */
export function holdTree(pgid: number, mark: string, how: 'hold' | 'release'): void {
  if (how === 'hold') freeze(pgid, mark);
  else thaw(pgid, findMarked(mark));
}

/**
 * One signal to the whole tree, as if at one moment: all of it is stopped first, and goes on when each has its signal. A shell
 * whose child dies of the signal before the shell has it would go on to its next command: `prepare; deploy` would deploy.
 * Whoever got it with the group gets no second one: programs take two INT for "at once, whatever is left behind". Returns the
 * marked ones.
 */
function signalAll(pgid: number, mark: string, signal: NodeJS.Signals): number[] {
  const found = freeze(pgid, mark);
  const isGroupReached = signalGroup(pgid, signal);
  for (const pid of found) if (!isGroupReached || groupOf(pid) !== pgid) signalProcess(pid, signal);
  // The dead of a KILL need none; one that outlives it hangs in the kernel.
  if (signal !== 'SIGKILL') thaw(pgid, found);
  return found;
}

/** Looks after which something that forks faster than we look is left as it is: the KILL that comes later looks again. */
const FREEZE_LOOKS = 20;

/**
 * Stops the group and everything marked, each as it is found: by the end of a whole look it may have forked and gone. Looks until
 * there is nothing new: who was found running may have forked before it was stopped. Returns the marked ones, newest first.
 */
function freeze(pgid: number, mark: string): number[] {
  signalGroup(pgid, 'SIGSTOP');
  const found = new Set<number>();
  for (let looks = 0, before = -1; looks < FREEZE_LOOKS && found.size > before; looks++) {
    before = found.size;
    for (const [pid, environment] of environments()) {
      if (found.has(pid) || !marksIn(environment).includes(mark)) continue;
      signalProcess(pid, 'SIGSTOP');
      found.add(pid);
    }
  }
  return [...found].sort((one, other) => other - one);
}

/** Children before their parents: a job-control shell that sees a child stopped would report it, and wait no longer. */
function thaw(pgid: number, newestFirst: readonly number[]): void {
  for (const pid of newestFirst) signalProcess(pid, 'SIGCONT');
  signalGroup(pgid, 'SIGCONT');
}

/** `/proc/PID/stat`: behind the name in brackets, which may hold anything, come state, parent and group. 0 when it is gone. */
function groupOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return 0;
  }
}

/** True when there is no process of this id: a proof of death. That there is one proves nothing: it may be a zombie, or another. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** True when it runs no more: gone, or a zombie that its parent (in a container: nobody) has not taken away. */
export function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return isProcessGone(pid);
  }
}

/** Signals one process that the caller has proven to be the one it means. Gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone: what we wanted.
  }
}

/** Waits until nothing is left; `kill`: by killing what comes after. */
async function untilGone(pgid: number, mark: string, limitMs: number, kill = false): Promise<number[]> {
  const end = monotonicMs() + limitMs;
  for (let looks = 1, calm = 0; ; looks++) {
    // A process that forked between our look and our signal is new: signal again.
    const left = kill ? signalAll(pgid, mark, 'SIGKILL') : findMarked(mark);
    calm = left.length === 0 ? calm + 1 : 0;
    // Where there was something, one empty look may have missed what was being born.
    if (calm === (kill && looks > calm ? 2 : 1) || monotonicMs() >= end) return left;
    await sleep(kill ? 5 : 25);
  }
}
