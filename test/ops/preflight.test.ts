import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whichProgram } from '../../src/host/which.js';
import type { Config } from '../../src/model/config.js';
import type { TendError } from '../../src/model/error.js';
import { preflight } from '../../src/ops/preflight.js';

let bin: string;
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'tend-which-'));
  for (const name of ['brain', 'hand', 'plain']) writeFileSync(join(bin, name), '#!/bin/sh\n');
  for (const name of ['brain', 'hand']) chmodSync(join(bin, name), 0o755);
  mkdirSync(join(bin, 'folder'));
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

const env = () => ({ PATH: `:${bin}:/nowhere` });
function missing(config: Config): TendError | undefined {
  try {
    preflight(config, env(), bin);
    return undefined;
  } catch (error) {
    return error as TendError;
  }
}

test.each([
  ['brain', true],
  ['./brain', true],
  ['plain', false],
  ['folder', false],
  ['absent', false],
  ['', false],
  ['./absent', false],
])('%j on PATH or below the cwd: %s', (name, found) => {
  expect(whichProgram(name, env(), bin) !== undefined).toBe(found);
});

test('programs that are there let the launch go on', () => {
  expect(
    missing({ runner: 'custom', tick_command: 'A=1 brain -p', worker_command: '"hand" {{prompt_file}}' }),
  ).toBeUndefined();
});

test('both commands are checked, and the error names each program, its key and how to get it', () => {
  const error = missing({ runner: 'claude', tick_command: 'claude -p', worker_command: 'absent {{prompt_file}}' });
  expect(error?.exit).toBe(3);
  expect(error?.message).toBe(
    'Cannot launch the runner: "claude" (tick_command) and "absent" (worker_command) are not on PATH',
  );
  expect(error?.hint).toContain('npm install -g @anthropic-ai/claude-code');
});

test('a runner without a tick command of its own is judged by its preset', () => {
  expect(missing({ runner: 'codex' })?.message).toContain('"codex" (tick_command) is not on PATH');
});

test('the embedded runner needs no program to decide', () => {
  expect(missing({ runner: 'embedded', tick_command: 'absent' })).toBeUndefined();
  expect(missing({ runner: 'embedded', worker_command: 'absent {{prompt_file}}' })).toBeDefined();
});

test('a command whose program cannot be told for sure is not judged', () => {
  expect(
    missing({ runner: 'custom', tick_command: '"$MY_BRAIN" -p', worker_command: 'if true; then x; fi' }),
  ).toBeUndefined();
});
