/** The built CLI as real processes over a throw-away profile. `TEND_TEST_BIN` names another build. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';

export const BIN = process.env['TEND_TEST_BIN'] ?? new URL('../../dist/main.js', import.meta.url).pathname;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
}

export interface Terms {
  input?: string;
  env?: Record<string, string>;
}

export interface Profile {
  root: string;
  disk: Disk;
  env: NodeJS.ProcessEnv;
  start(args: readonly string[], terms?: Terms): Started;
  tend(args: readonly string[], terms?: Terms): Promise<Ended>;
  /** JSON of a verb that must end with 0. */
  json<T>(args: readonly string[]): Promise<T>;
  remove(): void;
}

/** The data dir is not created: that is the product's business. The name is short, since sockets lie below it. */
export function makeProfile(): Profile {
  const base = mkdtempSync(join(tmpdir(), 'tend-'));
  const root = join(base, 'data');
  const run = join(base, 'run');
  mkdirSync(run, { mode: 0o700 });
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('TEND_'));
  const env = { ...Object.fromEntries(outside), TEND_DATA_DIR: root, XDG_RUNTIME_DIR: run };
  const children = new Set<ChildProcess>();
  const start = (args: readonly string[], terms: Terms = {}): Started => {
    const child = spawn(process.execPath, [BIN, ...args], { env: { ...env, ...terms.env }, stdio: 'pipe' });
    children.add(child);
    child.stdin.on('error', () => {});
    child.stdin.end(terms.input ?? '');
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => {
        children.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return { child, ended };
  };
  const tend = (args: readonly string[], terms?: Terms) => start(args, terms).ended;
  return {
    root,
    disk: localDisk(root),
    env,
    start,
    tend,
    async json<T>(args: readonly string[]): Promise<T> {
      const { code, stdout, stderr } = await tend(args);
      if (code !== 0) throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    remove() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Looks until `look` gives something; the limit is a hang, not a measure. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`never came: ${what}`);
}
