/**
 * One user with one profile: the built CLI as real processes, a decider that a test feeds move by move, real workers. `close`
 * takes everything down again, also after a failed test: what `tend down` leaves is found by the directory in its environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BIN = process.env['TEND_TEST_BIN'] ?? new URL('../../dist/main.js', import.meta.url).pathname;
const RUNNER = new URL('../fakes/runners/queue.sh', import.meta.url).pathname;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** What it has printed until now. */
  said(): { stdout: string; stderr: string };
}

export interface Terms {
  input?: string;
  env?: Record<string, string>;
}

export interface HouseOptions {
  /** Name of the data dir, for names that hurt. */
  data?: string;
  env?: Record<string, string>;
  /** User and group id under which everything here runs; only root can hand it over. */
  uid?: number;
}

export type House = ReturnType<typeof openHouse>;

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Nothing is initialised yet. Directory names are short, since sockets lie below. */
export function openHouse({ data = 'data', env: more = {}, uid }: HouseOptions = {}) {
  const base = mkdtempSync(join(tmpdir(), 'tend-e-'));
  const root = join(base, data);
  const fake = join(base, 'fake');
  for (const dir of ['run', 'home', 'fake', 'fake/queue']) mkdirSync(join(base, dir), { mode: 0o700 });
  const outside = Object.entries(process.env).filter(([name]) => !/^(TEND_|XDG_)/.test(name));
  const env: Record<string, string> = {
    ...(Object.fromEntries(outside) as Record<string, string>),
    HOME: join(base, 'home'),
    XDG_RUNTIME_DIR: join(base, 'run'),
    TEND_DATA_DIR: root,
    TEND_INTERVAL: '1',
    FAKE: fake,
    ...more,
  };
  const user = uid === undefined ? {} : { uid, gid: uid };
  if (uid !== undefined)
    for (const dir of ['', 'run', 'home', 'fake', 'fake/queue']) chownSync(join(base, dir), uid, uid);
  const children = new Set<ChildProcess>();
  let queued = 0;

  const start = (args: readonly string[], terms: Terms = {}): Started => {
    const child = spawn(process.execPath, [BIN, ...args], {
      env: { ...env, ...terms.env },
      stdio: 'pipe',
      cwd: base,
      ...user,
    });
    children.add(child);
    child.stdin.on('error', () => {});
    child.stdin.end(terms.input ?? '');
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => {
        children.delete(child);
        resolve({ code, ...said });
      });
    });
    return { child, ended, said: () => said };
  };
  const tend = (args: readonly string[], terms?: Terms) => start(args, terms).ended;
  const must = async (args: readonly string[], terms?: Terms): Promise<string> => {
    const { code, stdout, stderr } = await tend(args, terms);
    if (code !== 0) throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const json = async <T>(args: readonly string[]): Promise<T> => JSON.parse(await must(args)) as T;
  const text = (key: string): string => (existsSync(join(root, key)) ? readFileSync(join(root, key), 'utf8') : '');

  return {
    base,
    root,
    fake,
    env,
    start,
    tend,
    must,
    json,
    /** A file of the data dir, empty when it is not there. */
    text,
    write: (key: string, body: string) => writeFileSync(join(root, key), body),
    /** Puts a move (or the text of a bash script) at the end of what the decider will say. */
    next(move: object | string) {
      queued += 1;
      const name = String(queued).padStart(4, '0');
      const part = join(fake, `${name}.part`);
      const isScript = typeof move === 'string';
      writeFileSync(part, isScript ? `#!/bin/bash\n${move}\n` : JSON.stringify(move));
      chmodSync(part, isScript ? 0o755 : 0o644);
      // A whole file appears at once, so a decider under way cannot read half a move.
      renameSync(part, join(fake, 'queue', name));
    },
    calls: (): number => Number(existsSync(join(fake, 'calls')) ? readFileSync(join(fake, 'calls'), 'utf8') : 0),
    prompt: (call: number): string => readFileSync(join(fake, `prompt-${call}.md`), 'utf8'),
    lastPrompt: (): string => {
      const calls = promptCalls(fake);
      return calls.length === 0 ? '' : readFileSync(join(fake, `prompt-${calls.at(-1)}.md`), 'utf8');
    },
    prompts: (): string[] => promptCalls(fake).map((call) => readFileSync(join(fake, `prompt-${call}.md`), 'utf8')),
    /** `tend init` with the fake decider; a worker is its brief, run as a bash script from the line `#!script` on. */
    async init(...flags: string[]) {
      const tick = `bash ${quote(RUNNER)} ${quote(fake)}`;
      const worker = `sed '1,/^#!script$/d' {{prompt_file}} > {{prompt_file}}.sh; exec bash {{prompt_file}}.sh`;
      return must([
        'init',
        '--runner',
        'custom',
        '--tick-command',
        tick,
        '--worker-command',
        worker,
        '--yes',
        ...flags,
      ]);
    },
    async up(): Promise<number> {
      return (await json<{ pid: number }>(['up', '--json'])).pid;
    },
    pulse: async () => (await json<{ pulse: { alive: boolean; pid: number | null } }>(['status', '--json'])).pulse,
    asks: () => json<{ id: string; prompt: string; kind: string }[]>(['_', 'asks', '--json']),
    journal: () =>
      text('journal.md')
        .split('\n')
        .filter((line) => line !== ''),
    /** Waits until the pulse has looked and found nothing to do. */
    settled: () =>
      until('the pulse settles', async () => {
        const { controllers = [] } = await json<{ controllers: { controller: string; why: string }[] }>([
          'status',
          '--json',
        ]);
        return controllers.some((one) => one.controller === 'pulse' && one.why === 'nothing that matters changed');
      }),
    /** Kills the pulse without a word, and waits until that can be seen. */
    async kill(pid: number) {
      signal(pid, 'SIGKILL');
      await until(
        'it is dead',
        async () => !(await json<{ pulse: { alive: boolean } }>(['status', '--json'])).pulse.alive,
      );
    },
    /** Ids of processes that carry this house in their environment or working directory. */
    inhabitants: () => inhabitants(base),
    async close() {
      try {
        if (existsSync(root)) await tend(['down', '--timeout', '5']);
      } finally {
        for (const child of children) child.kill('SIGKILL');
        for (const pid of inhabitants(base)) signal(pid, 'SIGKILL');
        rmSync(base, { recursive: true, force: true, maxRetries: 10 });
      }
    },
  };
}

/** Numbers of the calls whose whole prompt is there, in their order. */
const promptCalls = (fake: string): number[] =>
  readdirSync(fake)
    .flatMap((name) => (/^prompt-\d+\.md$/.test(name) ? [Number(name.slice(7, -3))] : []))
    .sort((a, b) => a - b);

/** A process id is signalled only after it was found under the house's own directory. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

function inhabitants(base: string): number[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const belongs =
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${base}/`) ||
        readlinkSync(`/proc/${pid}/cwd`).startsWith(`${base}/`);
      return belongs && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ') ? [pid] : [];
    } catch {
      return [];
    }
  });
}

/** Looks until `look` gives something; the limit is a hang, not a measure. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 45_000,
): Promise<T> {
  // Not the wall clock: a machine that was suspended, or whose clock was set, has not waited.
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`never came: ${what}`);
}
