/**
 * One process of a race for due loops, or one that runs commands as attempts: `loop-actor.mjs MODE DATA_DIR`. Prints `ready`, waits for
 * a line, does its job, prints one line of JSON.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { performAttempt } from '../../src/runs/attempt.js';
import { attemptDeps } from '../../src/runs/attempt-deps.js';
import { claimAttempt } from '../../src/runs/claim-attempt.js';
import { liveGlance } from '../../src/runs/live-glance.js';
import { lookAtLoop } from '../../src/runs/look-at-loop.js';
import type { RunDeps } from '../../src/runs/performer.js';
import { elsewhere } from '../../src/runs/tick.js';
import { localDisk } from '../../src/store/local-disk.js';
import { loopIds, readLoop } from '../../src/store/loops.js';

const [mode, root] = process.argv.slice(2) as [string, string];
const disk = localDisk(root);
const env = { ...process.env } as Record<string, string>;
const profile = { name: 'bench', dataDir: root, configPath: `${root}/config.json` } as unknown as RunDeps['profile'];
const deps = attemptDeps({ disk, profile, env, bin: '/bin/false', log: () => {} }, 'manual-tick');
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Every loop that is due, in the order of a tick: claimed, and not begun. */
async function claimAll(): Promise<object> {
  const pass = { ...deps, live: liveGlance(deps) };
  const claimed: { id: string; at: number }[] = [];
  let rest: readonly string[] = loopIds(disk);
  while (rest.length > 0) {
    const [id, ...others] = rest as [string, ...string[]];
    const { start } = await lookAtLoop(pass, id, deps.now());
    const ours = start && claimAttempt(deps, start);
    rest = start && !ours ? elsewhere(others, process.pid) : others;
    if (ours) claimed.push({ id: `${ours.ref.loop} ${ours.ref.slot}`, at: Date.parse(ours.claim.createdAt) });
  }
  return { claimed, endedAt: Date.now() };
}

/** The loop's command as the attempt that its schedule wants next, from its claim to its row. */
async function attempt(id: string): Promise<object> {
  const entry = readLoop(disk, id);
  if (entry?.state !== 'ok') throw new Error(`loop ${id} cannot be read`);
  const from = performance.now();
  const slot = Date.parse(entry.loopState.nextRunAt ?? '');
  const claimed = claimAttempt(deps, { spec: entry.spec, slot, attempt: 1, source: 'schedule' });
  if (!claimed) throw new Error('not claimed');
  const end = await performAttempt(deps, claimed, new AbortController().signal);
  if (end.state !== 'finished' || end.result.status !== 'succeeded') throw new Error(JSON.stringify(end));
  return { ms: performance.now() - from };
}

/** The same command, started by Node and nothing else. */
async function bare(id: string): Promise<object> {
  const entry = readLoop(disk, id);
  if (entry?.state !== 'ok' || entry.spec.target.type !== 'command') throw new Error(`loop ${id} is no command`);
  const { command, args = [], shell } = entry.spec.target;
  const from = performance.now();
  const child = shell
    ? spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  await new Promise((resolve) => child.on('close', resolve));
  return { ms: performance.now() - from };
}

say('ready');
for (let next = await lines.next(); !next.done; next = await lines.next()) {
  const [job, id = ''] = next.value.split(' ');
  const done = mode === 'race' ? await claimAll() : job === 'bare' ? await bare(id) : await attempt(id);
  say(JSON.stringify(done));
  if (mode === 'race') process.exit(0);
}
process.exit(0);
