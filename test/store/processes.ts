/** Starts actor.ts as real processes: bundled once, so that sixteen of them start quickly. Every one is ended with its test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import type { Job } from './actor.js';

const dir = mkdtempSync(join(tmpdir(), 'tend-actor-'));
// Also for the actor that runs as nobody.
chmodSync(dir, 0o755);
const living = new Set<ChildProcess>();
let bundle: Promise<string> | undefined;

afterAll(() => {
  for (const child of living) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

export interface Actor {
  child: ChildProcess;
  /** The next line it reports. */
  next(): Promise<unknown>;
  ended: Promise<unknown>;
}

/** `prefix` is put before node: `['setpriv', …]` to run as somebody else, `['sh', '-c', 'ulimit …; exec "$@"', 'sh']` for less. */
export async function startActor(job: Partial<Job> & Pick<Job, 'job' | 'root'>, prefix: string[] = []): Promise<Actor> {
  bundle ??= makeBundle();
  const file = await bundle;
  const [command, ...args] = [...prefix, process.execPath, file, JSON.stringify({ n: 0, name: 'actor', ...job })];
  const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  living.add(child);
  const ended = once(child, 'exit').finally(() => living.delete(child));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done) throw new Error(`the ${job.job} process ended without a report`);
    return JSON.parse(line.value) as unknown;
  };
  return { child, next, ended };
}

async function makeBundle(): Promise<string> {
  const outfile = join(dir, 'actor.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'actor.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: 'import{createRequire as $r}from"node:module";const require=$r(import.meta.url);' },
  });
  return outfile;
}
