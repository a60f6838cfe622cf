/**
 * Runs histories and prints what they broke: `npx tsx test/simulation/main.ts [--seed N] [--histories N] [--jobs N]`. With one
 * history the seed is replayed. Exit code 1 when an invariant was broken. Each job is a process of its own with its own share of seeds.
 */
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Failure, type Ground, runHistory, shrink, told } from './history.js';
import { Crash } from './machine.js';
import { MemoryDisk } from './memory-disk.js';
import { APP, compile, Realm } from './realm.js';

const ROOT = new URL('../..', import.meta.url).pathname;

/** src/ as one script; what is not ours stays outside: the library for terminals and the screen behind them. */
async function bundle(): Promise<string> {
  const built = await build({
    entryPoints: [join(ROOT, 'test/simulation/program.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    external: ['@lydell/node-pty', '@xterm/headless'],
    define: { 'import.meta.url': JSON.stringify(`file://${APP}/dist/main.js`) },
    write: false,
    logLevel: 'error',
  });
  return built.outputFiles[0]!.text;
}

export async function ground(): Promise<Ground> {
  process.env['TZ'] = 'UTC';
  const code = compile(await bundle());
  const free: Realm[] = [];
  const realms = { take: () => free.pop() ?? new Realm(code), give: (realm: Realm) => void free.push(realm) };
  return { realms, from: template() };
}

/** The machine before its first pulse: the program with its seeds, and a data dir with policy, one sensor and a config. */
function template(): MemoryDisk {
  const disk = new MemoryDisk({
    now: () => Date.UTC(2026, 2, 2, 9),
    before: () => undefined,
    after: () => undefined,
    proc: () => undefined,
    pids: () => [],
    print: () => undefined,
  });
  const dir = (path: string) => void (disk.peek(path) ?? disk.put(path, '', 'dir', 0o700));
  const copy = (from: string, to: string) => {
    dir(to);
    for (const entry of readdirSync(from, { withFileTypes: true }))
      if (entry.isDirectory()) copy(join(from, entry.name), `${to}/${entry.name}`);
      else disk.put(`${to}/${entry.name}`, readFileSync(join(from, entry.name)));
  };
  for (const path of [`${APP}/dist`, '/tmp', '/home/human', '/data/sensors', '/data/goals', '/data/reports']) dir(path);
  disk.put(`${APP}/dist/main.js`, '');
  disk.put(`${APP}/package.json`, readFileSync(join(ROOT, 'package.json')));
  copy(join(ROOT, 'seeds'), `${APP}/seeds`);
  disk.put('/data/PLAYBOOK.md', 'Be calm.\n');
  disk.put('/data/goals/g0.md', '# Keep the depth low\n');
  disk.put('/data/sensors/depth.sh', '#!/bin/sh\ncat /depth\n', 'file', 0o700);
  const config = {
    runner: 'custom',
    tick_command: 'model',
    worker_command: 'agent {{prompt_file}}',
    gate: { allow: ['echo *'] },
    budget: { day_usd: 0.6 },
    interval: 300,
  };
  disk.put('/data/config.json', JSON.stringify(config));
  return disk;
}

/** How many failures are looked into before a run ends: each is shrunk, which takes some hundred histories. */
const FAILURES_MAX = 3;

export interface Share {
  seed: number;
  histories: number;
  /** Every so many-th seed is ours. */
  stride: number;
}

/** Runs a share of histories; waits between them so that what Node has to say is heard. */
async function runShare({ seed, histories, stride }: Share): Promise<Failure[]> {
  const on = await ground();
  const failures: Failure[] = [];
  let unheard: unknown;
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof Crash)) unheard ??= reason;
  });
  for (let i = 0; i < histories && failures.length < FAILURES_MAX; i++) {
    const at = seed + i * stride;
    let failure = runHistory(on, at);
    if (i % 50 === 49 || failure) await new Promise((resolve) => setImmediate(resolve));
    if (unheard !== undefined) failure ??= { seed: at, name: 'no promise fails unheard', what: String((unheard as Error)?.stack ?? unheard), events: [] };
    unheard = undefined;
    if (failure) failures.push(histories === 1 || failure.events.length === 0 ? failure : shrink(on, failure));
  }
  return failures;
}

function flag(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at > 0 ? Number(process.argv[at + 1]) : otherwise;
  if (!Number.isInteger(value)) throw new Error(`--${name} takes a whole number`);
  return value;
}

async function main(): Promise<void> {
  const seed = flag('seed', 1);
  const histories = flag('histories', 1_000);
  const jobs = Math.min(flag('jobs', 2), histories);
  const stride = flag('stride', 0);
  if (stride > 0) {
    process.send!(await runShare({ seed, histories, stride }));
    process.disconnect();
    return;
  }
  const begun = performance.now();
  const shares = Array.from({ length: jobs }, (_, job) => share({ seed: seed + job, histories: Math.ceil((histories - job) / jobs), stride: jobs }));
  const failures = (await Promise.all(shares)).flat();
  for (const { seed: at, name, what, events } of failures)
    process.stdout.write(`\nBROKEN: ${name}\n  ${what}\nreplay: SEED=${at} HISTORIES=1\n${told(events)}\n`);
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`\n${histories} histories from seed ${seed} in ${took} s: ${failures.length === 0 ? 'every invariant held' : 'broken'}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function share({ seed, histories, stride }: Share): Promise<Failure[]> {
  const args = ['--seed', seed, '--histories', histories, '--stride', stride].map(String);
  const child = fork(process.argv[1]!, args, { execArgv: [...process.execArgv, '--stack-trace-limit=0'] });
  return new Promise((resolve, reject) => {
    let got: Failure[] | undefined;
    child.on('message', (failures) => {
      got = failures as Failure[];
    });
    child.on('error', reject);
    child.on('exit', (code) => (got ? resolve(got) : reject(new Error(`a job ended with code ${code}`))));
  });
}

await main();
