/** A temp data dir and a built program for tests that start and kill real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { ActDeps } from '../../src/act/act.js';
import { findMarked } from '../../src/host/kill.js';
import { depsFor } from './deps.js';

export interface Stage {
  root: string;
  bin: string;
  deps: ActDeps;
  path(key: string): string;
  /** Runs the program; resolves with its JSON answer. */
  run(args: readonly string[], env?: Record<string, string>): Promise<unknown>;
  /** Starts the program without waiting; the test may kill it. */
  start(args: readonly string[], env?: Record<string, string>): ChildProcess;
  close(): void;
}

/** Builds the program once per file: children start quickly and need no loader. */
export async function buildProgram(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'tend-program-'));
  const outfile = join(dir, 'program.mjs');
  await build({
    entryPoints: [new URL('./program.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'error',
    banner: { js: 'import{createRequire as $r}from"node:module";const require=$r(import.meta.url);' },
  });
  return outfile;
}

export const removeProgram = (bin: string): void => rmSync(dirname(bin), { recursive: true, force: true });

export function openStage(bin: string): Stage {
  const root = mkdtempSync(join(tmpdir(), 'tend-act-'));
  const children: ChildProcess[] = [];
  const start = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  return {
    root,
    bin,
    deps: depsFor(root, bin),
    path: (key) => join(root, key),
    start,
    run: async (args, env) => answerOf(start(args, env)),
    close: () => {
      for (const child of children) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => (out += chunk));
  child.stderr!.on('data', (chunk) => (err += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`program ended with ${code}: ${err}`);
  return JSON.parse(out);
}

/** Polls until the condition holds; throws after 20 s, which is a hang. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 800; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never: ${what}`);
}

/** Kills everything that carries one of these marks, so that no test leaves a process. */
export function killMarks(...marks: string[]): void {
  for (const pid of marks.flatMap(findMarked)) process.kill(pid, 'SIGKILL');
}
