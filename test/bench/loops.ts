/** Timed loops and the ledger: what a list costs at its size, what idle loops cost, a race for due ones, and what a run costs beside its command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { LOOP_DEFAULTS, type LoopSpec } from '../../src/model/loop.js';
import { createState } from '../../src/runs/rules/life.js';
import { jsonRow } from '../../src/store/codec.js';
import { localDisk } from '../../src/store/local-disk.js';
import { createLoop } from '../../src/store/loops.js';
import type { Row } from './measures.js';
import { compare, quantile, spread, wallMs } from './pairs.js';
import { type BenchProfile, within } from './profile.js';
import { cpuNs, fingerprint, rssMb, up } from './pulse.js';
import { BIN, tend } from './tend.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const DAY_S = 86_400;

/** Rows of 200 loops over 30 days, as many a day as it takes. */
function fillLedger(profile: BenchProfile, n: number): void {
  const perDay = Math.ceil(n / 30);
  const startOf = (day: number) => Math.floor(Date.now() / 1000) - day * DAY_S;
  for (let day = 30; day >= 1; day--) {
    const from = startOf(day);
    const date = new Date(from * 1000);
    const name = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
    const rows = Array.from({ length: perDay }, (_, i) => {
      const loop = (i % 200).toString(16).padStart(12, '0');
      return jsonRow({
        id: `${loop}-${new Date((from + i) * 1000).toISOString().replace(/[-:.]/g, '')}`,
        kind: 'loop',
        ts: from + i,
        duration_ms: 12,
        ok: true,
        status: 'succeeded',
        summary: `loop ${loop}: succeeded`,
        loop,
        loop_name: `loop ${loop}`,
        slot: new Date((from + i) * 1000).toISOString(),
        attempt: 1,
        source: 'schedule',
        runner: 'command',
        exit_code: 0,
        finished_ts: from + i,
        out_bytes: 120,
        err_bytes: 0,
      });
    });
    profile.write(`runs/${name}.ndjson`, rows.map((row) => `\n${row}\n`).join(''));
  }
}

export const l1 = (pairs: number): Promise<Row> =>
  within((full) =>
    within(async (empty) => {
      const n = 100_000;
      fillLedger(full, n);
      empty.write('PLAYBOOK.md', '# P\n');
      const runs = (profile: BenchProfile) => () =>
        wallMs({ argv: [process.execPath, BIN, 'runs', '--json', '-n', '50'], env: profile.env });
      const raw = await compare(pairs, runs(full), runs(empty));
      return {
        id: 'L1',
        what: '`tend runs --json -n 50`, 100,000 runs of 200 loops over 30 days',
        baseline: 'the same on an empty profile',
        result: `${raw.ratio.toFixed(2)} × · ${spread(raw.measuredMs)} against ${spread(raw.baselineMs)}`,
        reach: '≤ 1.3 ×',
        ok: raw.ratio <= 1.3,
        raw,
      };
    }),
  );

type Timing = Pick<LoopSpec, 'schedule' | 'target'> & Partial<Pick<LoopSpec, 'catchUp' | 'catchUpLimit'>>;

function makeLoops(profile: BenchProfile, n: number, timing: Timing, createdAt: number): string[] {
  const disk = localDisk(profile.dataDir);
  return Array.from({ length: n }, (_, i) => {
    const id = (i + 1).toString(16).padStart(12, '0');
    const spec: LoopSpec = {
      format: 1,
      id,
      name: `loop ${i}`,
      catchUp: LOOP_DEFAULTS.catchUp,
      catchUpLimit: LOOP_DEFAULTS.catchUpLimit,
      ...timing,
      overlap: LOOP_DEFAULTS.overlap,
      maxAttempts: 1,
      retryDelayMs: LOOP_DEFAULTS.retryDelayMs,
      leaseMs: LOOP_DEFAULTS.leaseMs,
      breaker: 5,
      createdAt: new Date(createdAt).toISOString(),
    };
    createLoop(disk, spec, createState(spec, createdAt, 'UTC', 'bench'));
    return id;
  });
}

const TRUE: LoopSpec['target'] = { type: 'command', command: '/bin/true', args: [], shell: false };

export const l2 = (idleS: number): Promise<Row> =>
  within(async (profile) => {
    profile.write('config.json', JSON.stringify({ runner: 'embedded' }));
    const hourly: Timing = { schedule: { type: 'cron', expression: '0 3 1 1 *' }, target: TRUE };
    makeLoops(profile, 500, hourly, Date.now());
    const pid = up(profile);
    try {
      // The retention goes through the ledger a minute after the start, and then once an hour.
      await sleep(75_000);
      const from = { ns: cpuNs(pid), at: performance.now(), files: fingerprint(profile.dataDir) };
      const rss: number[] = [];
      while (performance.now() - from.at < idleS * 1000) {
        await sleep(Math.min(5_000, idleS * 1000));
        rss.push(rssMb(pid));
      }
      const percent = ((cpuNs(pid) - from.ns) / 1e6 / (performance.now() - from.at)) * 100;
      const same = from.files === fingerprint(profile.dataDir);
      const most = Math.max(...rss);
      return {
        id: 'L2',
        what: `pulse with 500 idle loops over ${idleS} s`,
        baseline: '–',
        result: `${percent.toFixed(3)} % of a core, at most ${most.toFixed(1)} MB, data dir ${same ? 'byte for byte the same' : 'CHANGED'}`,
        reach: '< 0.5 %, no write but the sign of life',
        ok: percent < 0.5 && same,
        raw: { percent, rss, same },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

interface Actor {
  child: ChildProcess;
  ask(line: string): Promise<Record<string, unknown>>;
}

async function bundle(profile: BenchProfile): Promise<string> {
  const outfile = `${profile.base}/loop-actor.mjs`;
  await build({
    entryPoints: [new URL('./loop-actor.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    external: ['@lydell/node-pty'],
    banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url);" },
  });
  return outfile;
}

async function actor(file: string, mode: string, profile: BenchProfile): Promise<Actor> {
  const child = spawn(process.execPath, [file, mode, profile.dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    child,
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return JSON.parse((await lines.next()).value as string) as Record<string, unknown>;
    },
  };
}

const LOOPS = 1_000;
const RACERS = 8;

/** The race twice: for the claims alone, and whole `tend loops tick`s that also run what they claimed. */
export const l3 = (): Promise<Row> =>
  within(async (profile) => {
    const once: Timing = { schedule: { type: 'once', at: new Date(Date.now() - 1_000).toISOString() }, target: TRUE };
    makeLoops(profile, LOOPS, once, Date.now() - 2_000);
    const file = await bundle(profile);
    const racers = await Promise.all(Array.from({ length: RACERS }, () => actor(file, 'race', profile)));
    const from = Date.now();
    const ends = await Promise.all(racers.map(({ ask }) => ask('go')));
    const claims = ends.flatMap(({ claimed }) => claimed as { id: string; at: number }[]);
    const claimMs = Math.max(...claims.map(({ at }) => at)) - from;
    const isOnce = new Set(claims.map(({ id }) => id)).size === LOOPS && claims.length === LOOPS;
    const ticks = await within(async (other) => {
      makeLoops(other, LOOPS, { ...once, target: TRUE }, Date.now() - 2_000);
      const at = performance.now();
      const ended = await Promise.all(Array.from({ length: RACERS }, () => tick(other)));
      const claimed = ended.flatMap(({ claimed: own }) => own);
      const rows = JSON.parse(tend(other, ['runs', '--json', '-n', '5000'])) as { id: string; status: string }[];
      return {
        ms: performance.now() - at,
        claimed: claimed.length,
        rows: rows.length,
        succeeded: rows.filter(({ status }) => status === 'succeeded').length,
      };
    });
    const isWhole = ticks.claimed === LOOPS && ticks.rows === LOOPS && ticks.succeeded === LOOPS;
    return {
      id: 'L3',
      what: `${LOOPS} loops due in the same second, ${RACERS} processes racing`,
      baseline: '–',
      result: `claimed in ${(claimMs / 1000).toFixed(2)} s, ${isOnce ? 'each once' : `${claims.length} CLAIMS`}; ${RACERS} whole ticks: ${(ticks.ms / 1000).toFixed(1)} s until all have run, ${isWhole ? 'each once' : JSON.stringify(ticks)}`,
      reach: '≤ 2 s, each once',
      ok: claimMs <= 2_000 && isOnce && isWhole,
      raw: { claimMs, claims: claims.length, ticks },
    };
  });

function tick(profile: BenchProfile): Promise<{ claimed: unknown[] }> {
  const child = spawn(process.execPath, [BIN, 'loops', 'tick', '--json'], {
    env: { ...process.env, ...profile.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(text) as { claimed: unknown[] }) : reject(new Error(`tick ended with ${code}`)),
    ),
  );
}

/** A command that does nothing, and the smallest one that people schedule: a Node program. */
const COMMANDS: readonly LoopSpec['target'][] = [
  TRUE,
  { type: 'command', command: process.execPath, args: ['-e', '0'], shell: false },
];

export const l4 = (pairs: number): Promise<Row> =>
  within(async (profile) => {
    const disk = localDisk(profile.dataDir);
    const file = await bundle(profile);
    // Each run moves the cursor on to a time that is due, too: nothing is missed, and no pulse is there.
    const minutely: Timing['schedule'] = { type: 'interval', everyMs: 60_000, anchor: 'fixed_rate' };
    const behind: Timing = { schedule: minutely, target: TRUE, catchUp: 'all', catchUpLimit: 100_000 };
    const [id] = makeLoops(profile, 1, behind, Date.now() - 7 * DAY_S * 1_000) as [string];
    const { child, ask } = await actor(file, 'attempt', profile);
    const spec = JSON.parse((disk.read(`schedules/${id}/spec.json`) as { text: string }).text) as LoopSpec;
    const results: string[] = [];
    const ratios: number[] = [];
    const raw: object[] = [];
    try {
      for (const target of COMMANDS) {
        disk.replace(`schedules/${id}/spec.json`, JSON.stringify({ ...spec, target }));
        const ms = async (how: string) => Number((await ask(`${how} ${id}`))['ms']);
        const pair = await compare(
          pairs,
          () => ms('attempt'),
          () => ms('bare'),
        );
        ratios.push(pair.ratio);
        raw.push(pair);
        const name = target.type === 'command' && target.command === '/bin/true' ? '`true`' : '`node -e 0`';
        const more = quantile(pair.measuredMs, 0.5) - quantile(pair.baselineMs, 0.5);
        results.push(
          `${name} ${pair.ratio.toFixed(2)} × · ${spread(pair.measuredMs)} against ${spread(pair.baselineMs)}, ${more.toFixed(1)} ms more`,
        );
      }
    } finally {
      child.kill();
    }
    return {
      id: 'L4',
      what: 'a command as an attempt, from its claim to its row, within one process',
      baseline: 'the same command by `spawn`',
      result: results.join('; '),
      reach: '≤ 1.5 ×',
      ok: ratios.every((ratio) => ratio <= 1.5),
      raw: { raw },
    };
  });
