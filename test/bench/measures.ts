/** The measures of the performance table that need no model: each makes its profile, measures, and leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { type Compared, compare, spread, wallMs } from './pairs.js';
import { type BenchProfile, fill, within } from './profile.js';
import { cpuNs, fingerprint, rssMb, up, writtenBytes } from './pulse.js';
import { BIN, tend } from './tend.js';

export interface Row {
  id: string;
  what: string;
  baseline: string;
  result: string;
  reach: string;
  ok: boolean;
  /** Everything that was measured. */
  raw: object;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const said = ({ ratio, measuredMs, baselineMs }: Compared): string =>
  `${ratio.toFixed(2)} × · ${spread(measuredMs)} against ${spread(baselineMs)}`;

export const p1 = (pairs: number): Promise<Row> =>
  within(async (profile) => {
    fill(profile, { goals: 50, pending: 100 });
    const asks = () => wallMs({ argv: [process.execPath, BIN, '_', 'asks', '--json'], env: profile.env });
    const raw = await compare(pairs, asks, () => wallMs({ argv: [process.execPath, '-e', '0'] }));
    return {
      id: 'P1',
      what: '`tend _ asks --json`, 50 goals, 100 asks',
      baseline: '`node -e 0`',
      result: said(raw),
      reach: '≤ 1.4 ×, then 1.15 ×',
      ok: raw.ratio <= 1.4,
      raw,
    };
  });

const N_SENSORS = 50;

export const p4 = (pairs: number): Promise<Row> =>
  within(async (profile) => {
    for (let i = 0; i < N_SENSORS; i++)
      profile.write(`sensors/s${i}.sh`, `#!/usr/bin/env bash\necho '{"signal":{"v":${i}}}'\n`, 0o700);
    const actor = await startActor(profile);
    try {
      const raw = await compare(pairs, actor.sense, () =>
        wallMs({ argv: ['sh', '-c', 'ls sensors/*.sh | xargs -P 8 -n 1 bash'], cwd: profile.dataDir }),
      );
      return {
        id: 'P4',
        what: `sensing ${N_SENSORS} sensors of one \`echo\` each`,
        baseline: '`ls sensors/*.sh | xargs -P 8 -n 1 bash`',
        result: said(raw),
        reach: '≤ 1.15 ×, then 1.05 ×',
        ok: raw.ratio <= 1.15,
        raw,
      };
    } finally {
      actor.child.kill();
    }
  });

/** Bundled, so that the process that forks is as large as a pulse and not as a compiler. */
async function startActor(profile: BenchProfile): Promise<{ child: ChildProcess; sense(): Promise<number> }> {
  const outfile = `${profile.base}/actor.mjs`;
  await build({
    entryPoints: [new URL('./sense-actor.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url);" },
  });
  const child = spawn(process.execPath, [outfile, profile.dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const sense = async (): Promise<number> => {
    child.stdin.write('\n');
    const { ms, facts, failed } = JSON.parse((await lines.next()).value as string) as Record<string, number>;
    if (facts !== N_SENSORS || failed !== 0) throw new Error(`${facts} facts, ${failed} failed`);
    return ms!;
  };
  return { child, sense };
}

/** A profile whose decider and sensors count how often they were called, outside of the data dir. */
function livelyProfile(profile: BenchProfile, intervalS: number): { calls(): number; beats(): number } {
  const count = (name: string): number => statSync(`${profile.base}/${name}`, { throwIfNoEntry: false })?.size ?? 0;
  const tick = `cat > /dev/null; printf x >> '${profile.base}/calls'; echo '{"action":"noop"}'`;
  profile.write('config.json', JSON.stringify({ runner: 'custom', tick_command: tick, interval: intervalS }));
  profile.write('goals/one.md', '# One\n\nKeep it.\n');
  for (let i = 0; i < 3; i++) {
    const tally = i === 0 ? `printf x >> '${profile.base}/beats'\n` : '';
    profile.write(`sensors/s${i}.sh`, `#!/usr/bin/env bash\n${tally}echo '{"signal":{"v":1}}'\n`, 0o700);
  }
  return { calls: () => count('calls'), beats: () => count('beats') };
}

export const p5 = (beats: number): Promise<Row> =>
  within(async (profile) => {
    const tally = livelyProfile(profile, 1);
    const pid = up(profile);
    try {
      // The first look decides; after it the world is as it was.
      while (tally.calls() < 1 || tally.beats() < 4) await sleep(200);
      await sleep(1_500);
      const before = {
        calls: tally.calls(),
        beats: tally.beats(),
        bytes: writtenBytes(pid),
        files: fingerprint(profile.dataDir),
      };
      while (tally.beats() < before.beats + beats) await sleep(200);
      const after = {
        calls: tally.calls(),
        beats: tally.beats(),
        bytes: writtenBytes(pid),
        files: fingerprint(profile.dataDir),
      };
      const n = after.beats - before.beats;
      const calls = after.calls - before.calls;
      const same = before.files === after.files;
      return {
        id: 'P5',
        what: 'an unchanged beat, three sensors',
        baseline: '–',
        result: `${n} beats: ${calls} model calls, data dir ${same ? 'byte for byte the same' : 'changed'}, ${after.bytes - before.bytes} bytes to write() (wake-up pipes of the event loop among them)`,
        reach: '0 model calls, 0 bytes written',
        ok: calls === 0 && same,
        raw: { before, after },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

export const p6 = (idleS: number): Promise<Row> =>
  within(async (profile) => {
    livelyProfile(profile, 60);
    fill(profile, { goals: 50, pending: 20 });
    const pid = up(profile);
    try {
      await sleep(10_000);
      const from = { ns: cpuNs(pid), at: performance.now() };
      const rss: number[] = [];
      while (performance.now() - from.at < idleS * 1000) {
        await sleep(Math.min(5_000, idleS * 1000));
        rss.push(rssMb(pid));
      }
      const percent = ((cpuNs(pid) - from.ns) / 1e6 / (performance.now() - from.at)) * 100;
      const most = Math.max(...rss);
      return {
        id: 'P6',
        what: `idle pulse over ${idleS} s, 50 goals, 20 asks, 3 sensors a minute`,
        baseline: '–',
        result: `${percent.toFixed(3)} % of a core, at most ${most.toFixed(1)} MB`,
        reach: '< 0.2 %, < 80 MB, then 60 MB',
        ok: percent < 0.2 && most < 80,
        raw: { percent, rss },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

export const p7 = (pairs: number): Promise<Row> =>
  within((full) =>
    within(async (empty) => {
      fill(full, { goals: 10_000, answered: 10_000, runs: 100_000 });
      fill(empty, { goals: 1 });
      const state = (profile: BenchProfile) => () =>
        wallMs({ argv: [process.execPath, BIN, '_', 'state', '--json'], env: profile.env });
      const raw = await compare(pairs, state(full), state(empty));
      return {
        id: 'P7',
        what: '`tend _ state --json`, 10,000 goals, 10,000 answered asks, 100,000 runs',
        baseline: 'the same on an empty profile',
        result: said(raw),
        reach: '≤ 2 ×, then 1.3 ×',
        ok: raw.ratio <= 2,
        raw,
      };
    }),
  );
