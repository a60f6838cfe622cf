/**
 * A process of the store's own tests: one job on one data dir, told on argv as JSON, reported on stdout as one JSON line. The
 * races, the kills and the stops are real processes because that is what they are about.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fencedDisk } from '../../src/store/fenced-disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { acquireLock } from '../../src/store/lock.js';
import { watchKeys } from '../../src/store/watch.js';
import { tellRows } from '../../src/store/worker-rows.js';
import { readWorker } from '../../src/store/workers.js';

export interface Job {
  job:
    | 'publish'
    | 'read-while'
    | 'append'
    | 'count-up'
    | 'delete-race'
    | 'hold'
    | 'denied'
    | 'starve'
    | 'archive'
    | 'stop-in-lock'
    | 'tell-ends';
  root: string;
  n: number;
  name: string;
}

const task = JSON.parse(process.argv[2]!) as Job;
const disk = localDisk(task.root);
const report = (value: unknown) => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** All racers begin together, when the starter made the name. */
const start = async () => {
  report('ready');
  while (disk.stat('go').state === 'absent') await sleep(1);
};

const jobs: Record<Job['job'], () => Promise<void> | void> = {
  async publish() {
    await start();
    const won: number[] = [];
    for (let i = 0; i < task.n; i++) if (disk.publish(`race/${i}.md`, body(task.name, i))) won.push(i);
    report(won);
  },
  async 'read-while'() {
    await start();
    const bad: string[] = [];
    let seen = 0;
    while (disk.stat('done').state === 'absent') {
      const listed = disk.list('race');
      for (const name of listed.state === 'present' ? listed.names : []) {
        const read = disk.read(`race/${name}`);
        seen += 1;
        if (read.state !== 'present' || !/^\S+ \d+ x{2000}\n$/.test(read.text)) bad.push(`${name}: ${read.state}`);
      }
    }
    report({ seen, bad: bad.slice(0, 5) });
  },
  async 'tell-ends'() {
    await start();
    for (let i = 0; i < task.n; i++) tellRows(disk, readWorker(disk, `w${i}`)!);
  },
  async append() {
    await start();
    for (let i = 0; i < task.n; i++)
      disk.append('log.ndjson', JSON.stringify({ by: task.name, i, pad: 'p'.repeat(300) }));
    report('end');
  },
  async 'count-up'() {
    await start();
    let swapped = 0;
    while (swapped < task.n) {
      const read = disk.read('counter');
      if (read.state !== 'present') throw new Error(`the counter is ${read.state}`);
      if (disk.replaceIfEqual('counter', read.text, String(Number(read.text) + 1))) swapped += 1;
    }
    report(swapped);
  },
  async 'delete-race'() {
    await start();
    report(disk.removeIfEqual('lease', 'stale'));
  },
  async archive() {
    await start();
    report(disk.move('goals/x.md', `goals/archive/${task.name}.md`));
  },
  async hold() {
    const lost: string[] = [];
    const lock = await acquireLock(disk, 'pulse', { staleMs: task.n, onLost: (error) => lost.push(error.code) });
    if ('heldBy' in lock) return report(lock);
    const mine = fencedDisk(disk, lock);
    mine.replace('memory.json', task.name);
    mine.replace('touched', '');
    report({ epoch: lock.epoch });
    // Told by a line on stdin, so that a stopped process does nothing before it continues.
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const steps: Record<string, () => unknown> = {
      publish: () => mine.publish('new', 'x'),
      replace: () => mine.replace('memory.json', 'stale'),
      append: () => mine.append('log', 'x'),
      remove: () => mine.remove('memory.json'),
      removeIfEqual: () => mine.removeIfEqual('memory.json', 'second'),
      replaceIfEqual: () => mine.replaceIfEqual('memory.json', 'second', 'stale'),
      move: () => mine.move('memory.json', 'moved'),
      makeDir: () => mine.makeDir('dir'),
      removeTree: () => mine.removeTree('locks'),
      touch: () => mine.touch('touched', 0),
    };
    const ends: Record<string, string> = {};
    for (const [name, step] of Object.entries(steps)) {
      try {
        step();
        ends[name] = 'done';
      } catch (error) {
        ends[name] = (error as { code: string }).code;
      }
    }
    await sleep(task.n);
    lock.release();
    report({ ends, lost });
    process.stdin.destroy();
  },
  async starve() {
    const { openSync } = await import('node:fs');
    const abort = new AbortController();
    const warnings: string[] = [];
    const fds: number[] = [];
    disk.makeDir('asks');
    disk.publish('asks/web-1.md', 'x');
    try {
      for (;;) fds.push(openSync('/dev/null', 'r'));
    } catch {
      // Every descriptor is taken now.
    }
    let yielded = 0;
    const options = {
      pollMs: 10,
      signal: abort.signal,
      onWarning: (text?: string) => warnings.push(text ?? 'restored'),
    };
    for await (const key of watchKeys(disk, ['asks'], options)) if (key === 'asks' && ++yielded === 3) abort.abort();
    const read = disk.read('asks/web-1.md');
    const listed = disk.list('asks');
    const { closeSync } = await import('node:fs');
    for (const fd of fds) closeSync(fd);
    report({ warnings, read, listed });
  },
  denied() {
    const code = (step: () => unknown): unknown => {
      try {
        return step();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    report([
      disk.read('secret'),
      disk.read('locked/x'),
      disk.stat('locked/x'),
      disk.list('locked'),
      code(() => disk.publish('new', 'x')),
      code(() => disk.move('secret', 'moved')),
      code(() => disk.removeIfEqual('secret', 'x')),
    ]);
  },
  async 'stop-in-lock'() {
    const { withDirLock } = await import('../../src/store/dir-lock.js');
    withDirLock(task.root, () => {
      report('locked');
      // Never comes back: the test kills us here.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  },
};

const body = (name: string, i: number): string => `${name} ${i} ${'x'.repeat(2000)}\n`;

await jobs[task.job]();
