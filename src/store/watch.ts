/**
 * "Something may have changed, look again": file events with a slow poll behind them. A key that is yielded carries no data
 * and no promise; an event that is lost costs at most `pollMs`. One inotify watch per directory and none per file: with
 * 10,000 answers in the mailbox chokidar took 10,001 watches, 66 MB and 18 ms an event, this takes 1, nothing and 0.4 ms.
 */
import { type FSWatcher, watch as fsWatch, statSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '../model/error.js';
import type { Disk } from './disk.js';
import { settledStamp } from './settled-stamp.js';

export interface WatchOptions {
  /** Longest time a change can stay unseen when its event is lost, milliseconds. */
  pollMs: number;
  signal: AbortSignal;
  /** Called when the machine has no more file watches and the poll is all there is, and with undefined when all watches stand again. */
  onWarning?: (text: string | undefined) => void;
}

/**
 * Yields keys to look at: `asks/web-1.md` for an event, the directory (`asks`) at the start, at every poll, and when it appears
 * or disappears. A directory may be missing, be created later, be deleted and come back. `workers/*` means every directory
 * directly below `workers`. `''` is the data dir itself. The watches stand before the first key is given, so a caller that
 * looks when it is told misses nothing. Ends when the signal aborts.
 */
export async function* watchKeys(disk: Disk, dirs: readonly string[], options: WatchOptions): AsyncGenerator<string> {
  const { signal, pollMs } = options;
  const pending = new Set<string>();
  let wake = () => {};
  const notice = (key: string) => {
    pending.add(key);
    wake();
  };
  const everything = () => dirs.forEach((dir) => void notice(plain(dir)));
  const watches = openWatches(disk, dirs, { onKey: notice, onWarning: options.onWarning });
  const timer = setInterval(() => {
    watches.poll();
    everything();
  }, pollMs);
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    everything();
    while (!signal.aborted) {
      const next = pending.values().next();
      if (next.done) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      pending.delete(next.value);
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearInterval(timer);
    watches.close();
  }
}

export interface Wait {
  /** Resolves at the next event, poll tick or abort, whichever is first; never rejects. */
  changed: Promise<void>;
  /** Lets go of watches and timer; safe to call twice. */
  close(): void;
}

/**
 * One wait of a verb. It is armed when this returns, so the race-free order is: arm, look, then await `changed`, and again.
 * `only` leaves out keys that cannot matter to the caller.
 */
export function waitForChange(
  disk: Disk,
  dirs: readonly string[],
  options: WatchOptions & { only?: (key: string) => boolean },
): Wait {
  let close = () => {};
  const changed = new Promise<void>((resolve) => {
    const timer = setTimeout(() => close(), options.pollMs);
    const watches = openWatches(disk, dirs, {
      onKey: (key) => (options.only?.(key) ?? true) && close(),
      onWarning: options.onWarning,
    });
    close = () => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', close);
      watches.close();
      resolve();
    };
    options.signal.addEventListener('abort', close);
  });
  if (options.signal.aborted) close();
  return { changed, close: () => close() };
}

/**
 * How often the poll looks at each directory below a star, whatever the one above says: of a link to a directory, and of one that
 * something else was mounted on, the directory above tells nothing.
 */
const WHOLE_LOOK_MS = 60_000;

interface Watches {
  /** Watches what should be watched by now: new directories, and those that were replaced behind our back. */
  poll(): void;
  close(): void;
}

interface Sink {
  onKey(key: string): void;
  onWarning: WatchOptions['onWarning'] | undefined;
}

/** A directory under watch, known by its inode: the same name may be another directory a moment later. */
interface Armed {
  watcher: FSWatcher;
  inode: string;
}

function openWatches(disk: Disk, dirs: readonly string[], sink: Sink): Watches {
  const armed = new Map<string, Armed>();
  let closed = false;
  let warned = false;
  let isShort = false;
  const drop = (dir: string) => {
    armed.get(dir)?.watcher.close();
    armed.delete(dir);
  };
  const below = makeListings(disk);
  let wholeAt = performance.now();
  const arm = (dir: string): boolean => {
    const inode = inodeOf(disk.path(dir));
    if (armed.get(dir)?.inode !== inode) drop(dir);
    if (inode === undefined) return false;
    if (armed.has(dir)) return true;
    try {
      const watcher = fsWatch(disk.path(dir), (_event, name) => onEvent(dir, name));
      watcher.on('error', () => drop(dir));
      armed.set(dir, { watcher, inode });
    } catch (error) {
      isShort = true;
      // ENOSPC, EMFILE: no watch is left on this machine; permission: the reader of the directory will say so. The poll serves both.
      if (!warned)
        sink.onWarning?.(`Cannot watch "${dir || disk.root}" (${messageOf(error)}); looking now and then instead`);
      warned = true;
    }
    return true;
  };
  const refresh = (how: 'whole' | 'quick' = 'whole') => {
    if (closed) return;
    isShort = false;
    if (how === 'whole') below.forget();
    const globs = dirs.filter((dir) => GLOB.test(dir)).map((dir) => below.of(plain(dir)));
    const wanted = new Set([...dirs.map(plain), ...globs.flatMap((listing) => listing.dirs)]);
    // Of hundreds of directories whose names were not touched none is another one by now.
    const same = new Set(globs.flatMap((listing) => (listing.isSame ? listing.dirs : [])));
    // What is missing is awaited in the nearest directory above that exists, but never above the data dir.
    for (const dir of wanted)
      if (!(same.has(dir) && armed.has(dir)) && !arm(dir) && dir !== '') wanted.add(parentOf(dir));
    for (const dir of armed.keys()) if (!wanted.has(dir)) drop(dir);
    if (warned && !isShort) {
      warned = false;
      sink.onWarning?.(undefined);
    }
  };
  const onEvent = (dir: string, name: string | null) => {
    if (closed) return;
    // An event with the directory's own name: it was moved or removed. A new one may even get the old inode, so watch anew.
    const gone = name === basename(disk.path(dir));
    if (gone) drop(dir);
    else if (name?.startsWith('.')) return;
    const key = gone || name === null ? dir : dir === '' ? name : `${dir}/${name}`;
    const affected = dirs.filter((wanted) => isBelow(wanted, key));
    if (gone || name === null || affected.length > 0) refresh();
    if (dirs.some((wanted) => concerns(wanted, dir))) sink.onKey(key);
    for (const wanted of affected) sink.onKey(plain(wanted));
  };
  refresh();
  return {
    poll: () => {
      const isWhole = performance.now() - wholeAt >= WHOLE_LOOK_MS;
      if (isWhole) wholeAt = performance.now();
      refresh(isWhole ? 'whole' : 'quick');
    },
    close: () => {
      closed = true;
      for (const dir of [...armed.keys()]) drop(dir);
    },
  };
}

const GLOB = /(^|\/)\*$/;
const plain = (dir: string): string => dir.replace(GLOB, '');
const parentOf = (dir: string): string => (dir.includes('/') ? dir.slice(0, dir.lastIndexOf('/')) : '');

/** True when events inside `dir` are what `wanted` asks for. */
const concerns = (wanted: string, dir: string): boolean =>
  wanted === dir || (GLOB.test(wanted) && (plain(wanted) === dir || plain(wanted) === parentOf(dir)));

/** True when `wanted` is, or lies below, the changed `key`: a directory on the way to it appeared or went. */
const isBelow = (wanted: string, key: string): boolean =>
  wanted === key || wanted.startsWith(`${key}/`) || (GLOB.test(wanted) && parentOf(key) === plain(wanted));

interface Listing {
  /** Keys of the directories directly below. */
  dirs: readonly string[];
  /** No name below has come, gone or become another since the listing before. */
  isSame: boolean;
}

/**
 * The directories below a directory, looked at one by one only when its own time says that a name in it was touched: a poll over
 * hundreds that stand still costs one look.
 */
function makeListings(disk: Disk): { of(above: string): Listing; forget(): void } {
  const known = new Map<string, { stamp: string; dirs: readonly string[] }>();
  return {
    of(above) {
      // Before the listing: a name that comes in between is found by the next look.
      const stamp = settledStamp(disk, above);
      const before = known.get(above);
      if (before && before.stamp === stamp) return { dirs: before.dirs, isSame: true };
      const dirs = dirsBelow(disk, above);
      if (stamp === undefined) known.delete(above);
      else known.set(above, { stamp, dirs });
      return { dirs, isSame: false };
    },
    forget: () => known.clear(),
  };
}

function dirsBelow(disk: Disk, above: string): string[] {
  const listed = disk.list(above);
  const names = listed.state === 'present' ? listed.names : [];
  return names.map((name) => (above === '' ? name : `${above}/${name}`)).filter((key) => isDir(disk, key));
}

function isDir(disk: Disk, key: string): boolean {
  const stat = disk.stat(key);
  return stat.state === 'present' && stat.kind === 'dir';
}

/** Device and inode of a directory, or undefined when there is none that we can reach. */
function inodeOf(path: string): string | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    // Absent or out of reach: there is nothing to watch, and whoever reads the directory reports the reason.
    return undefined;
  }
}
