/**
 * Runs histories and prints what they broke; started by simulation.test.ts with `--program FILE --root DIR --seed N --histories N
 * --jobs N`. Exit code 1 when an invariant was broken. Each job is a process of its own with its own share of the seeds.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { template } from './ground.js';
import { type Failure, type Ground, runHistory, shrink, told } from './history.js';
import { Crash, type Machine } from './machine.js';
import { DATA } from './outside.js';
import { compile, Realm } from './realm.js';

/** How many failures a job looks into before it ends: each is shrunk, which takes some hundred histories. */
const FAILURES_MAX = 2;
/** Node says that a promise failed unheard only when its event loop turns. */
const TURN_EVERY = 50;
const REPLAY_EVERY = 100;
/**
 * Short-lived garbage is what histories make. A stack would be taken for each of the many expected errors. Every realm warms up
 * by itself, so the quick compilers pay and the optimizing one, which works beside us on the other core, mostly does not.
 */
const NODE_OPTIONS = [
  '--stack-trace-limit=0',
  '--min-semi-space-size=64',
  '--max-semi-space-size=128',
  '--single-threaded-gc',
  '--always-sparkplug',
  '--maglev',
  '--interrupt-budget=1000000',
];

interface Share {
  seed: number;
  histories: number;
  /** Every so many-th seed is ours. */
  stride: number;
}

interface Told {
  failures: Failure[];
  histories: number;
}

function groundOf(): Ground {
  process.env['TZ'] = 'UTC';
  const code = compile(readFileSync(option('program'), 'utf8'));
  const free: Realm[] = [];
  const realms = { take: () => free.pop() ?? new Realm(code), give: (realm: Realm) => void free.push(realm) };
  return { realms, from: template(option('root')) };
}

async function runShare({ seed, histories, stride }: Share): Promise<Told> {
  const ground = groundOf();
  const failures: Failure[] = [];
  const unheard: unknown[] = [];
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof Crash)) unheard.push(reason);
  });
  let done = 0;
  for (; done < histories && failures.length < FAILURES_MAX; done++) {
    const at = seed + done * stride;
    const failure = done % REPLAY_EVERY === 0 ? runTwice(ground, at) : runHistory(ground, at);
    if (failure) failures.push(failure.events.length === 0 ? failure : shrink(ground, failure));
    if (failure || done % TURN_EVERY === 0 || done === histories - 1)
      await new Promise((resolve) => setImmediate(resolve));
    for (const reason of unheard.splice(0))
      failures.push({ seed: at, name: 'no promise fails unheard', what: String(reason), events: [] });
  }
  return { failures, histories: done };
}

/** A failure that cannot be replayed is worth little: some histories are run again and must leave the same data dir, byte for byte. */
function runTwice(ground: Ground, seed: number): Failure | undefined {
  const left: string[] = [];
  const leave = (machine: Machine) => void left.push(machine.disk.digest(DATA));
  const failure = runHistory({ ...ground, trace: leave }, seed);
  runHistory({ ...ground, trace: leave }, seed);
  if (failure || left[0] === left[1]) return failure;
  return { seed, name: 'the same seed gives the same history', what: 'the data dirs differ', events: [] };
}

/** One seed, with all that its processes said. */
function replay(seed: number): Told {
  const ground = groundOf();
  const failure = runHistory({ ...ground, trace }, seed);
  return { failures: failure ? [failure, shrink(ground, failure)] : [], histories: 1 };
}

function trace({ disk, processes }: Machine): void {
  for (const { name, printed, complaint, ended } of processes.values())
    process.stdout.write(`--- ${name} ${ended ? JSON.stringify(ended) : 'lives'}\n${printed}${complaint}`);
  for (const file of disk.names(DATA).filter((one) => /^events-|^journal/.test(one)))
    process.stdout.write(`--- ${file}\n${disk.text(`${DATA}/${file}`)}`);
}

function option(name: string): string {
  const value = process.argv[process.argv.indexOf(`--${name}`) + 1];
  if (!process.argv.includes(`--${name}`) || value === undefined) throw new Error(`--${name} is wanted`);
  return value;
}

function count(name: string): number {
  const value = Number(option(name));
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not ${option(name)}`);
  return value;
}

function inProcess(share: Share): Promise<Told> {
  const numbers = Object.entries(share).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = ['--program', option('program'), '--root', option('root'), ...numbers];
  const child = fork(process.argv[1]!, args, { execArgv: NODE_OPTIONS });
  return new Promise((resolve, reject) => {
    let got: Told | undefined;
    child.on('message', (message) => {
      got = message as Told;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => (got ? resolve(got) : reject(new Error(`a job ended with ${code ?? signal}`))));
  });
}

async function main(): Promise<void> {
  const [seed, histories] = [count('seed'), count('histories')];
  if (process.send) {
    process.send(await runShare({ seed, histories, stride: count('stride') }));
    process.disconnect();
    return;
  }
  const begun = performance.now();
  const jobs = Math.max(1, Math.min(count('jobs'), histories));
  const shareOf = (_: unknown, job: number): Share => ({
    seed: seed + job,
    histories: Math.ceil((histories - job) / jobs),
    stride: jobs,
  });
  const told_ =
    histories === 1 ? [replay(seed)] : await Promise.all(Array.from({ length: jobs }, shareOf).map(inProcess));
  const failures = told_.flatMap((one) => one.failures);
  for (const { seed: at, name, what, events } of failures)
    process.stdout.write(`\nBROKEN: ${name}\n  ${what}\nreplay: SEED=${at} HISTORIES=1\n${told(events)}\n`);
  const ran = told_.reduce((sum, one) => sum + one.histories, 0);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`\n${ran} histories from seed ${seed} in ${seconds} s, ${failures.length} broken\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await main();
