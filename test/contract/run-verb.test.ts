import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shellMark } from '../../src/act/moves/run-shell.js';
import { findMarked } from '../../src/host/kill.js';
import { makeProfile, type Profile, until } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const text = (key: string) => (existsSync(join(p.root, key)) ? readFileSync(join(p.root, key), 'utf8') : '');

test('several words keep their borders, one word is shell text', async () => {
  expect(await p.json(['run', '--json', 'printf', '%s\n', 'a  b', '$HOME', "it's"])).toMatchObject({
    exit_code: 0,
    output: "a  b\n$HOME\nit's\n",
  });
  expect(await p.json(['run', '--json', 'for x in 1 2; do echo $x; done'])).toMatchObject({ output: '1\n2\n' });
});

test('flags behind the command belong to the command', async () => {
  expect(await p.json(['run', '--json', 'echo', '--json', '--reason', 'x'])).toMatchObject({
    output: '--json --reason x\n',
  });
});

test('stdout is the summary; the journal has the reason, or the line that was given', async () => {
  expect(await p.tend(['_', 'run', '--reason', 'look around', 'echo noise'])).toEqual({
    code: 0,
    stdout: 'run-shell · look around\n',
    stderr: '',
  });
  await p.tend(['run', '--journal', 'looked again', 'true']);
  expect(text('journal.md')).toMatch(/ run-shell · look around\n\n- .* looked again\n/);
});

test('a failing command ends with 1, names code and output, and is not journaled', async () => {
  const ended = await p.tend(['run', 'echo broken >&2; exit 7']);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('exit code 7: broken');
  expect(text('journal.md')).toBe('');
});

test('a blank command is an input error', async () => {
  expect(await p.tend(['run', ' '])).toMatchObject({ code: 2, stdout: '' });
});

test('Ctrl-C stops the command with everything it started', async () => {
  const run = p.start(['run', 'trap "" INT; sleep 300 & echo $$ > pid; wait']);
  await until('the command has begun', () => text('pid') !== '');
  const listed = p.disk.list('intents');
  const mark = shellMark(p.root, listed.state === 'present' ? listed.names[0]!.replace('.json', '') : '');
  expect(findMarked(mark).length).toBeGreaterThan(0);
  run.child.kill('SIGINT');
  expect(await run.ended).toMatchObject({ stdout: '' });
  expect(findMarked(mark)).toEqual([]);
  expect(p.disk.list('intents')).toMatchObject({ names: [] });
});
