import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const text = (key: string) => readFileSync(join(p.root, key), 'utf8');
const out = async (...args: string[]) => (await p.tend(args)).stdout;

test('a goal is written from words, from stdin, shown, listed, archived, and journaled', async () => {
  expect(await p.tend(['_', 'goal', 'write', 'ship', 'Ship', 'it'])).toEqual({
    code: 0,
    stdout: 'write-goal ship\n',
    stderr: '',
  });
  expect(text('goals/ship.md')).toBe('Ship it\n');
  const body = '---\nowner: ada\n---\n# Ship it **well**\n\nlast line';
  expect((await p.tend(['goal', 'write', 'ship', '-', '--journal', 'sharper'], { input: `${body}\n\n` })).code).toBe(0);
  expect(await out('goal', 'show', 'ship')).toBe(`${body}\n`);
  expect(await p.json(['goal', 'list', '--json'])).toMatchObject([{ id: 'ship', title: 'Ship it **well**' }]);
  expect(await out('goal', 'archive', 'ship')).toBe('archive-goal ship\n');
  expect(await out('goal', 'list')).toBe('no goals\n');
  expect(readdirSync(join(p.root, 'goals/archive'))).toEqual(['ship.md']);
  const lines = await p.json<string[]>(['journal', '--json']);
  expect(lines.map((line) => line.slice(19))).toEqual(['write-goal ship', 'sharper', 'archive-goal ship']);
});

test.each([
  [['goal', 'write', 'ship', ' '], 2, 'empty'],
  [['goal', 'write', '../x', 'y'], 2, '"../x"'],
  [['goal', 'archive', 'nope'], 1, 'there is no such goal'],
  [['goal', 'show', 'nope'], 1, 'tend goal list'],
  [['playbook', 'show'], 1, 'there is none yet'],
  [['playbook', 'write', ' '], 2, 'empty'],
  [['history', 'config.json'], 2, 'PLAYBOOK.md, goals/<id>.md or sensors/<name>.sh is wanted'],
  [['history', 'goals/../../x.md'], 2, '".."'],
  [['history', 'show', 'PLAYBOOK.md', '2026'], 1, 'no version of it is kept'],
  [['journal', '-n', 'many'], 2, 'many'],
])('%j ends with %i and says why', async (args, code, message) => {
  const ended = await p.tend(args);
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toContain(message);
});

test('a blank PLAYBOOK from stdin is refused and the old one stays', async () => {
  await p.tend(['playbook', 'write', 'be careful']);
  expect((await p.tend(['playbook', 'write', '-'], { input: '\n \n' })).code).toBe(2);
  expect(await out('playbook', 'show')).toBe('be careful\n');
});

test('a goal longer than the limit is refused by its length and not cut', async () => {
  const ended = await p.tend(['goal', 'write', 'big', '-'], { input: 'x'.repeat(65_537) });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('longer than 65536 characters');
  expect(await p.json(['goal', 'list', '--json'])).toEqual([]);
});

test('an older version is listed, shown, compared and brought back, and the restore can be undone', async () => {
  for (const body of ['one\nsame\n', 'two\nsame\n']) await p.tend(['playbook', 'write', '-'], { input: body });
  const [version] = await p.json<{ file: string; stamp: string }[]>(['history', 'PLAYBOOK.md', '--json']);
  expect(version).toMatchObject({ file: 'PLAYBOOK.md' });
  const { stamp } = version!;
  expect(await out('history')).toContain(`PLAYBOOK.md  1 version, the latest ${stamp}`);
  expect(await out('history', 'show', 'playbook', stamp)).toBe('one\nsame\n');
  expect(await out('history', 'diff', 'PLAYBOOK.md', stamp)).toBe('-one\n+two\n same\n');
  expect((await p.tend(['history', 'restore', 'PLAYBOOK.md', stamp])).code).toBe(0);
  expect(await out('playbook', 'show')).toBe('one\nsame\n');
  const after = await p.json<{ stamp: string }[]>(['history', 'PLAYBOOK.md', '--json']);
  expect(after).toHaveLength(2);
  expect(await out('history', 'show', 'PLAYBOOK.md', after[1]!.stamp)).toBe('two\nsame\n');
  expect(await out('journal')).toContain(`restored PLAYBOOK.md as it was before ${stamp}`);
});

test('a removed sensor can be brought back, executable', async () => {
  await p.tend(['sensor', 'write', 'disk', '#!/bin/sh\necho 1']);
  await p.tend(['sensor', 'remove', 'disk']);
  const [version] = await p.json<{ stamp: string }[]>(['history', 'sensors/disk.sh', '--json']);
  expect((await p.tend(['history', 'restore', 'sensors/disk.sh', version!.stamp])).code).toBe(0);
  expect(p.disk.stat('sensors/disk.sh')).toMatchObject({ executable: true });
});

test('the journal prints the newest lines, oldest first, and nothing else', async () => {
  expect(await out('journal')).toBe('the journal is empty\n');
  mkdirSync(p.root, { recursive: true });
  writeFileSync(join(p.root, 'journal.md'), '- 2026-11-21 07:41 a\n\ntorn li\n- 2026-11-21 07:42 b\n');
  expect(await out('journal', '-n', '1')).toBe('- 2026-11-21 07:42 b\n');
  expect(await p.json(['journal', '--json'])).toEqual(['- 2026-11-21 07:41 a', '- 2026-11-21 07:42 b']);
});

test("a worker's own session cannot steer", async () => {
  for (const args of [
    ['goal', 'write', 'a', 'b'],
    ['goal', 'archive', 'a'],
    ['playbook', 'write', 'x'],
    ['run', 'true'],
  ])
    expect(await p.tend(args, { env: { TEND_SESSION_ID: 'web' } })).toMatchObject({ code: 1, stdout: '' });
  expect(p.disk.list('goals').state).toBe('absent');
});
