/**
 * The two waits of a human's word. P2: from the `link` that gives an answer its name to the moment at which this process has read
 * the asker's whole stdout. P3: from the `rename` that replaces a goal to the moment at which a sensor of the next beat has
 * written its byte; the beat began before that, by what it takes to start a shell, so the number is an upper bound.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  watch,
  writeSync,
} from 'node:fs';
import { renderFrontMatter } from '../../src/lib/front-matter.js';
import type { Row } from './measures.js';
import { quantile, spread } from './pairs.js';
import { type BenchProfile, within } from './profile.js';
import { up } from './pulse.js';
import { BIN, tend } from './tend.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const said = (ms: readonly number[], q: number): string =>
  `p${q * 100} ${quantile(ms, q).toFixed(1)} ms, median ${spread(ms)}, worst ${Math.max(...ms).toFixed(1)} ms, n = ${ms.length}`;

interface Asker {
  id: string;
  /** `performance.now()` when the answer had been read. */
  printed: Promise<number>;
  child: ChildProcess;
}

const WAITERS = 50;

/** Steps of store/README.md "Publish", with the time of the one that counts. */
function publishAnswer({ dataDir }: BenchProfile, id: string): number {
  const head = { format: 1, id, outcome: 'answered', by: 'bench', channel: 'cli', ts: Math.floor(Date.now() / 1000) };
  const temp = `${dataDir}/answers/.tmp-${process.pid}-${id}`;
  const fd = openSync(temp, 'wx', 0o600);
  writeSync(fd, renderFrontMatter(head, 'yes'));
  fsyncSync(fd);
  closeSync(fd);
  linkSync(temp, `${dataDir}/answers/${id}.md`);
  const at = performance.now();
  unlinkSync(temp);
  return at;
}

function ask({ env }: BenchProfile, worker: string): Asker {
  const args = [BIN, '_', 'ask', worker, '--prompt', 'May I?'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = new Promise<number>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text === 'yes\n') resolve(performance.now());
    });
    child.once('exit', (code) => code !== 0 && reject(new Error(`ask ended with ${code}`)));
  });
  printed.catch(() => undefined);
  return { id: `${worker}-1`, printed, child };
}

/** Until it blocks: its ask is there, and soon after that it sleeps in the kernel for good. */
async function blocked({ dataDir }: BenchProfile, { id }: Asker): Promise<void> {
  while (!existsSync(`${dataDir}/asks/${id}.md`)) await sleep(10);
  await sleep(200);
}

async function answered(profile: BenchProfile, asker: Asker): Promise<number> {
  const from = publishAnswer(profile, asker.id);
  return (await asker.printed) - from;
}

export const p2 = (answers: number): Promise<Row> =>
  within(async (profile) => {
    profile.write('answers/.keep', '');
    let askers = 0;
    const next = () => ask(profile, `w${askers++}`);
    const waiting = Array.from({ length: WAITERS }, next);
    try {
      await Promise.all(waiting.map((asker) => blocked(profile, asker)));
      const ms: number[] = [];
      for (let i = 0; i < answers; i++) {
        ms.push(await answered(profile, waiting.shift()!));
        const asker = next();
        waiting.push(asker);
        await blocked(profile, asker);
      }
      const atOnce = await Promise.all(waiting.map((asker) => answered(profile, asker)));
      return {
        id: 'P2',
        what: `answer published → blocked \`_ ask\` has printed it, ${WAITERS} waiting processes`,
        baseline: '–',
        result: `${said(ms, 0.99)}; all ${WAITERS} answered in one go: worst ${Math.max(...atOnce).toFixed(1)} ms`,
        reach: 'p99 < 25 ms, then 10 ms',
        ok: quantile(ms, 0.99) < 25,
        raw: { ms, atOnce },
      };
    } finally {
      for (const { child } of waiting) child.kill();
    }
  });

export const p3 = (edits: number): Promise<Row> =>
  within(async (profile) => {
    const tally = `${profile.base}/beats`;
    const goal = (n: number, name: string) => profile.write(name, `# One\n\nKeep it, version ${n}.\n`);
    const tick = `cat > /dev/null; echo '{"action":"noop"}'`;
    profile.write('config.json', JSON.stringify({ runner: 'custom', tick_command: tick, interval: 3600 }));
    profile.write('sensors/s.sh', `#!/bin/sh\nprintf x >> '${tally}'\necho '{"signal":1}'\n`, 0o700);
    goal(0, 'goals/one.md');
    up(profile);
    try {
      const beats = () => statSync(tally, { throwIfNoEntry: false })?.size ?? 0;
      while (beats() === 0) await sleep(50);
      const ms: number[] = [];
      for (let i = 1; i <= edits; i++) {
        const before = await quiet(beats);
        goal(i, 'goals/.one.new');
        renameSync(`${profile.dataDir}/goals/.one.new`, `${profile.dataDir}/goals/one.md`);
        const from = performance.now();
        ms.push((await grown(tally, () => beats() > before)) - from);
      }
      return {
        id: 'P3',
        what: 'goal file replaced → a sensor of the next beat has run',
        baseline: '–',
        result: said(ms, 0.95),
        reach: 'p95 < 100 ms, then 50 ms',
        ok: quantile(ms, 0.95) < 100,
        raw: { ms },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

/** The number of beats once none has begun for a second: the pulse takes one event a second for as long as one likes. */
async function quiet(beats: () => number): Promise<number> {
  for (let last = beats(); ; last = beats()) {
    await sleep(1_050);
    if (beats() === last) return last;
  }
}

/** `performance.now()` when the file had grown. */
function grown(path: string, hasGrown: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      if (!hasGrown()) return;
      watcher.close();
      resolve(performance.now());
    };
    const watcher = watch(path, look);
    look();
  });
}
