import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMarked, holdTree, stopTree } from '../../src/host/kill.js';
import { killMarks, until } from '../act/stage.js';

let dir = '';
let mark = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-tree-'));
  mark = `tree-${dir.slice(-6)}`;
});
afterEach(() => {
  killMarks(mark);
  rmSync(dir, { recursive: true, force: true });
});

const text = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');

/** Twenty shells in sessions of their own, each of which goes on to another command when its child ends. */
async function plant(script: string): Promise<void> {
  for (let n = 0; n < 20; n++)
    spawn('bash', ['-c', script], {
      cwd: dir,
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], TEND_MARK: mark },
    }).unref();
  await until('all of them wait', () => text('begun').length === 20 && findMarked(mark).length === 40);
}

for (const [how, gentle, graceMs] of [
  ['TERM', ['SIGTERM'], 5_000],
  ['INT, then TERM', ['SIGINT', 'SIGTERM'], 5_000],
  ['KILL', [], 0],
] as const)
  test(`no shell that is stopped with ${how} goes on to its next command because its child went first`, async () => {
    await plant('printf x >>begun; sleep 300; echo "went on" >>log');
    expect(await stopTree(0, mark, graceMs, gentle)).toEqual([]);
    expect(text('log')).toBe('');
  });

test('what is held stands still, and goes on where it was when it is released', async () => {
  await plant('printf x >>begun; while [ ! -e go ]; do sleep 0.1; done; sleep 0.2; echo done >>log; exec sleep 300');
  holdTree(0, mark, 'hold');
  const states = () =>
    findMarked(mark).map((pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0]);
  await until('all of them are stopped', () => states().every((state) => state === 'T'));
  holdTree(0, mark, 'release');
  spawn('touch', ['go'], { cwd: dir });
  await until('each of them goes on', () => text('log').split('done').length === 21);
  expect(await stopTree(0, mark, 5_000)).toEqual([]);
});
