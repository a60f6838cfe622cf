import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localDisk } from '../../src/store/local-disk.js';
import { waitForChange, watchKeys } from '../../src/store/watch.js';

/** A poll so slow that only an event can be the cause of what is seen. */
const NO_POLL = 3_600_000;

let root: string;
let abort: AbortController;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-watch-'));
  abort = new AbortController();
});
afterEach(() => {
  abort.abort();
  rmSync(root, { recursive: true, force: true });
});

/** Collects keys in the background; `seen(key)` waits until it was yielded after the last `forget()`. */
function collect(dirs: string[], pollMs = NO_POLL, disk = localDisk(root)) {
  const keys: string[] = [];
  let wake = () => {};
  const warnings: string[] = [];
  const ended = (async () => {
    for await (const key of watchKeys(disk, dirs, {
      pollMs,
      signal: abort.signal,
      onWarning: (text) => warnings.push(text ?? 'restored'),
    })) {
      keys.push(key);
      wake();
    }
  })();
  return {
    keys,
    warnings,
    ended,
    forget: () => keys.splice(0),
    async seen(key: string) {
      while (!keys.includes(key)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test('every watched directory is yielded at the start, also a missing one', async () => {
  const watched = collect(['asks', 'goals']);
  await watched.seen('asks');
  await watched.seen('goals');
});

test('a published, a replaced and a removed record each yield their key, and temp files yield nothing', async () => {
  const disk = localDisk(root);
  disk.makeDir('asks');
  const watched = collect(['asks']);
  await watched.seen('asks');
  for (const change of [
    () => disk.publish('asks/web-1.md', 'one'),
    () => disk.replace('asks/web-1.md', 'two'),
    () => disk.remove('asks/web-1.md'),
  ]) {
    watched.forget();
    change();
    await watched.seen('asks/web-1.md');
  }
  expect(watched.keys.filter((key) => key.includes('.tmp'))).toEqual([]);
});

test('a directory that appears later is yielded and watched, however deep', async () => {
  const watched = collect(['asks/archive/old']);
  await watched.seen('asks/archive/old');
  watched.forget();
  localDisk(root).makeDir('asks/archive/old');
  await watched.seen('asks/archive/old');
  localDisk(root).publish('asks/archive/old/web-1.md', 'one');
  await watched.seen('asks/archive/old/web-1.md');
});

test('a directory that is deleted and made again goes on being watched', async () => {
  const disk = localDisk(root);
  disk.makeDir('asks');
  const watched = collect(['asks']);
  await watched.seen('asks');
  for (let round = 0; round < 3; round++) {
    watched.forget();
    rmSync(join(root, 'asks'), { recursive: true });
    mkdirSync(join(root, 'asks'));
    await watched.seen('asks');
    disk.publish(`asks/web-${round}.md`, 'one');
    await watched.seen(`asks/web-${round}.md`);
  }
});

test('a data dir that is replaced under us is found again by the poll', async () => {
  localDisk(root).makeDir('asks');
  const watched = collect(['asks'], 50);
  await watched.seen('asks');
  renameSync(root, `${root}-old`);
  mkdirSync(join(root, 'asks'), { recursive: true });
  watched.forget();
  await watched.seen('asks');
  await watched.seen('asks');
  watched.forget();
  await watched.seen('asks');
  localDisk(root).publish('asks/web-1.md', 'one');
  await watched.seen('asks/web-1.md');
  rmSync(`${root}-old`, { recursive: true });
});

test('a star stands for every directory below, also one that appears later', async () => {
  const disk = localDisk(root);
  disk.makeDir('workers/web');
  const watched = collect(['workers/*']);
  await watched.seen('workers');
  disk.publish('workers/web/status.json', '{}');
  await watched.seen('workers/web/status.json');
  watched.forget();
  disk.makeDir('workers/api');
  await watched.seen('workers');
  disk.publish('workers/api/status.json', '{}');
  await watched.seen('workers/api/status.json');
});

test('the poll yields every directory again, without any event', async () => {
  const watched = collect(['asks'], 20);
  await watched.seen('asks');
  watched.forget();
  await watched.seen('asks');
});

/** The disk as it is hours later: what was made a moment ago has stood for long. `looks` are the keys that were looked at. */
function hoursLater() {
  const disk = localDisk(root);
  const looks: string[] = [];
  return {
    ...disk,
    looks,
    path(key: string) {
      looks.push(key);
      return disk.path(key);
    },
    stat(key: string) {
      looks.push(key);
      const stat = disk.stat(key);
      return stat.state === 'present' ? { ...stat, mtimeMs: stat.mtimeMs - 1e7, ctimeMs: stat.ctimeMs - 1e7 } : stat;
    },
  };
}

test('of directories below a star that stand still the poll looks at the one above alone, and finds what comes and goes', async () => {
  const disk = hoursLater();
  for (let n = 0; n < 20; n++) disk.makeDir(`workers/w${n}`);
  const watched = collect(['workers/*'], 20, disk);
  const polls = async (n: number) => {
    for (let i = 0; i < n; i++) {
      watched.forget();
      await watched.seen('workers');
    }
  };
  await polls(3);
  disk.looks.splice(0);
  await polls(3);
  expect(new Set(disk.looks)).toEqual(new Set(['workers']));
  renameSync(disk.path('workers/w3'), disk.path('workers/moved'));
  disk.makeDir('workers/w3');
  await polls(2);
  for (const key of ['workers/w3/status.json', 'workers/moved/status.json', 'workers/w4/status.json']) {
    watched.forget();
    disk.publish(key, '{}');
    await watched.seen(key);
  }
});

test('a directory below a star whose coming raised no event is watched from a poll on', async () => {
  const disk = hoursLater();
  disk.makeDir('workers/old');
  disk.makeDir('elsewhere');
  const deaf = { ...disk, path: (key: string) => disk.path(key === 'workers' ? 'elsewhere' : key) };
  const watched = collect(['workers/*'], 20, deaf);
  await watched.seen('workers');
  for (const name of ['new', 'newer']) {
    disk.makeDir(`workers/${name}`);
    for (let polls = 0; polls < 3; polls++) {
      watched.forget();
      await watched.seen('workers');
    }
    disk.publish(`workers/${name}/status.json`, '{}');
    await watched.seen(`workers/${name}/status.json`);
  }
});

test('the poll serves a directory that cannot be watched', async () => {
  writeFileSync(join(root, 'asks'), 'a file where a directory should be');
  const watched = collect(['asks'], 20);
  await watched.seen('asks');
  watched.forget();
  await watched.seen('asks');
});

test('the iteration ends when the signal aborts', async () => {
  const watched = collect(['asks']);
  await watched.seen('asks');
  abort.abort();
  await watched.ended;
});

test('a wait that was armed before the change resolves, although nobody was awaiting it yet', async () => {
  const disk = localDisk(root);
  disk.makeDir('answers');
  const wait = waitForChange(disk, ['answers'], { pollMs: NO_POLL, signal: abort.signal });
  disk.publish('answers/web-1.md', 'yes');
  await wait.changed;
  wait.close();
});

test('a wait resolves when the directory it waits for is created', async () => {
  const wait = waitForChange(localDisk(root), ['answers'], { pollMs: NO_POLL, signal: abort.signal });
  localDisk(root).publish('answers/web-1.md', 'yes');
  await wait.changed;
});

test('a wait resolves at the poll, at an abort and at its close', async () => {
  const disk = localDisk(root);
  await waitForChange(disk, ['answers'], { pollMs: 10, signal: abort.signal }).changed;
  const closed = waitForChange(disk, ['answers'], { pollMs: NO_POLL, signal: abort.signal });
  closed.close();
  await closed.changed;
  const aborted = waitForChange(disk, ['answers'], { pollMs: NO_POLL, signal: abort.signal });
  abort.abort();
  await aborted.changed;
  await waitForChange(disk, ['answers'], { pollMs: NO_POLL, signal: abort.signal }).changed;
});

test('a wait for one key sleeps through the others', async () => {
  const disk = localDisk(root);
  disk.makeDir('answers');
  const woken: string[] = [];
  const only = (key: string) => {
    woken.push(key);
    return key === 'answers/web-2.md';
  };
  const wait = waitForChange(disk, ['answers'], { pollMs: NO_POLL, signal: abort.signal, only });
  let done = false;
  void wait.changed.then(() => (done = true));
  disk.publish('answers/web-1.md', 'yes');
  while (!woken.includes('answers/web-1.md')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(done).toBe(false);
  disk.publish('answers/web-2.md', 'yes');
  await wait.changed;
});
