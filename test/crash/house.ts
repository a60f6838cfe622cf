/**
 * A throw-away profile in which the built program is started, and killed at a point of `dying-fs.ts`. `prepare` makes a profile
 * once; a round works on a copy of it, so that each death begins in the same world.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { askBeacon } from '../../src/host/beacon.js';
import { readHolder } from '../../src/store/holder.js';
import { localDisk } from '../../src/store/local-disk.js';
import type { CrashPlan } from './crash-plan.js';

const BIN = process.env['TEND_TEST_BIN'] ?? new URL('../../dist/main.js', import.meta.url).pathname;
const RUNNER = new URL('../fakes/runners/queue.sh', import.meta.url).pathname;
/** Only a hang is so long. */
const HANG_MS = 60_000;
/** Limit of a whole scenario: its rounds wait for those of all others, and each has limits of its own. */
export const LIMIT_MS = 900_000;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
}

export type Dying = Pick<CrashPlan, 'programs' | 'die'>;
export type House = ReturnType<typeof houseAt>;

/** All houses of one test file: their common directory, and the compiled `dying-fs.ts`. */
export async function openStreet() {
  const root = mkdtempSync(join(tmpdir(), 'tend-c-'));
  const preload = join(root, 'dying-fs.cjs');
  const source = new URL('./dying-fs.ts', import.meta.url).pathname;
  await build({
    entryPoints: [source],
    outfile: preload,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  let built = 0;
  const houses = new Set<House>();
  return {
    /** A house, empty or a copy of one in which nobody is at work. */
    house(from?: House): House {
      const base = join(root, String(++built));
      if (from) cpSync(from.base, base, { recursive: true, preserveTimestamps: true });
      for (const dir of ['run', 'home', 'fake', 'fake/queue'])
        mkdirSync(join(base, dir), { recursive: true, mode: 0o700 });
      const house = houseAt(base, preload);
      houses.add(house);
      return house;
    },
    close() {
      for (const house of houses) house.abandon();
      for (const pid of inhabitants(root)) signal(pid, 'SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
export type Street = Awaited<ReturnType<typeof openStreet>>;

function houseAt(base: string, preload: string) {
  const root = join(base, 'data');
  const trace = join(base, 'trace');
  const disk = localDisk(root);
  const outside = Object.entries(process.env).filter(([name]) => !/^(?:TEND_|XDG_|NODE_OPTIONS|VITEST)/.test(name));
  const env: Record<string, string> = {
    ...(Object.fromEntries(outside) as Record<string, string>),
    HOME: join(base, 'home'),
    XDG_RUNTIME_DIR: join(base, 'run'),
    TEND_DATA_DIR: root,
    TEND_INTERVAL: '1',
    FAKE: join(base, 'fake'),
  };
  const children = new Set<ChildProcess>();

  const start = (args: readonly string[], dying?: Dying, input = ''): Started => {
    const plan: CrashPlan | undefined = dying && { ...dying, root, trace };
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: base,
      env: plan ? { ...env, NODE_OPTIONS: `--require=${preload}`, CRASH_PLAN: JSON.stringify(plan) } : env,
      stdio: 'pipe',
    });
    children.add(child);
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    // `exit`, not `close`: what a killed process has started may hold its pipes for as long as it likes.
    const ended = new Promise<Ended>((resolve) => {
      child.on('exit', (code, name) => {
        children.delete(child);
        setImmediate(() => resolve({ code, signal: name, out, err }));
      });
    });
    return { child, ended };
  };
  const within = (parts: string) => join(base, parts);
  const write = (key: string, text: string, mode = 0o600): void => {
    mkdirSync(dirname(join(root, key)), { recursive: true });
    writeFileSync(join(root, key), text);
    chmodSync(join(root, key), mode);
  };
  const queue = (index: number, text: string, mode: number) => {
    writeFileSync(within(`fake/queue/${index}`), text);
    chmodSync(within(`fake/queue/${index}`), mode);
  };
  return {
    base,
    root,
    disk,
    env,
    start,
    write,
    /** Runs a verb that must succeed. */
    async must(...args: string[]): Promise<string> {
      const { code, out, err } = await start(args).ended;
      if (code !== 0) throw new Error(`tend ${args.join(' ')} ended with ${code}: ${err}${out}`);
      return out;
    },
    text: (key: string): string => (existsSync(join(root, key)) ? readFileSync(join(root, key), 'utf8') : ''),
    names: (dir: string): string[] => {
      const listed = disk.list(dir);
      return listed.state === 'present' ? listed.names : [];
    },
    remove: (key: string) => rmSync(join(root, key), { recursive: true, force: true }),
    /** The tokens that commands left, see `Aftermath.effects`. */
    effects: (): string[] =>
      existsSync(within('effects')) ? readFileSync(within('effects'), 'utf8').split('\n').filter(Boolean) : [],
    /** A goal whose only rule wants `move` in every world. */
    rule: (goal: string, move: object, when = 'true') =>
      write(`goals/${goal}.md`, `---\nrules: ${JSON.stringify([{ when, move }])}\n---\nA goal.\n`),
    config: (config: object) => write('config.json', JSON.stringify(config)),
    /** What the fake decider says at its `index`-th call from now. */
    say: (index: number, decision: object | string) =>
      queue(
        index,
        typeof decision === 'string' ? `#!/bin/bash\n${decision}\n` : JSON.stringify(decision),
        typeof decision === 'string' ? 0o755 : 0o644,
      ),
    decider: `bash '${RUNNER}' '${within('fake')}'`,
    prompts: (): string[] =>
      readdirSync(within('fake'))
        .filter((name) => /^prompt-\d+\.md$/.test(name))
        .map((name) => readFileSync(within(`fake/${name}`), 'utf8')),
    /** Points that a planned process passed, in their order. */
    trace: (): string[] => (existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').filter(Boolean) : []),
    forget: () => rmSync(trace, { force: true }),
    /** What keys the pulse is at, or undefined while none can be asked. */
    async controllers(): Promise<{ controller: string; state: string; why: string }[] | undefined> {
      const holder = readHolder(disk);
      if (holder.state !== 'present') return undefined;
      const sight = await askBeacon(holder.value.socket, holder.value.nonce, { op: 'status' }, 5_000);
      return sight.state === 'alive' ? (sight.answer['controllers'] as never) : undefined;
    },
    abandon() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** Ends the pulse that `started` is, as a user would, and returns how. */
export async function end(started: Started): Promise<Ended> {
  started.child.kill('SIGTERM');
  return started.ended;
}

/** Every controller has looked, and found nothing more to do. */
export async function isAtRest(house: House): Promise<boolean> {
  if (house.names('intents').length > 0) return false;
  const controllers = await house.controllers();
  const pulse = controllers?.find((one) => one.controller === 'pulse');
  const isQuiet = pulse?.state === 'later' && !/^(?:looking again|the budget was raised)/.test(pulse.why);
  return isQuiet && (controllers ?? []).every((one) => one.state !== 'working' && one.state !== 'retrying');
}

/** Looks until `look` gives something; the limit is a hang, not a measure. */
export async function until<T>(
  what: () => string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
): Promise<T> {
  for (const last = Date.now() + HANG_MS; Date.now() < last; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`never came: ${what()}`);
}

/** Processes that carry this directory in their environment; it is a fresh name of ours. */
function inhabitants(root: string): number[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${root}/`) ? [pid] : [];
    } catch {
      // Gone meanwhile, or another user's.
      return [];
    }
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
