/** Starts the real program from its sources, on a data dir and a home of its own. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
/** The loader by its address, so that it is found from any working directory. */
const TSX = import.meta.resolve('tsx');
export const PROGRAM: readonly string[] = [process.execPath, '--import', TSX, MAIN];

export interface Home {
  dir: string;
  data: string;
  /** A directory for PATH with a `tend` in it. */
  bin: string;
  env: Record<string, string>;
  remove(): void;
}

export function makeHome(): Home {
  const dir = mkdtempSync(join(tmpdir(), 'tend-cli-'));
  const data = join(dir, 'data');
  writeFileSync(join(dir, 'tend'), `#!/bin/sh\nexec ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(join(dir, 'tend'), 0o755);
  const env = { PATH: `${dir}:${process.env['PATH']}`, HOME: dir, TEND_DATA_DIR: data, TERM: 'xterm', LANG: 'C.UTF-8' };
  return { dir, data, bin: dir, env, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export interface Ended {
  stdout: string;
  stderr: string;
  code: number | null;
}

/** Runs a program to its end; `argv[0]` is looked up on the home's PATH. */
export function runIn(
  home: Home,
  argv: readonly string[],
  stdin = '',
  env: Record<string, string> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { cwd: home.dir, env: { ...home.env, ...env } });
    const ended: Ended = { stdout: '', stderr: '', code: null };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}
