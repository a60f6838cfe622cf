/** Sizes, terminals and widths: what is painted stays in its place, whatever the window, the multiplexer, or the script of the text. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIN, makeProfile, type Profile, until } from '../../contract/tend-process.js';
import { raise } from './mailbox.js';
import { type Person, sitDown } from './person.js';

let at: Profile;
let person: Person;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => {
  person?.close();
  at.remove();
});

const LONG = Array.from(
  { length: 60 },
  (_, n) => `Line ${n} 日本語のテキスト 🎉 and words that go on until they must be broken somewhere.`,
).join('\n\n');

test('60×15, 250×60, and sizes that change under it: no row is wider than the screen, nothing of the old size stays', async () => {
  for (let i = 0; i < 30; i++)
    raise(at.disk, `第${i}の質問 🎉 about thing ${i} with a long title that will not fit`, {
      worker: `w${i}`,
      ageS: 1000 - i,
    });
  raise(at.disk, LONG, { worker: 'long', options: ['はい', 'no 👩‍👩‍👧'], ageS: 2000 });
  person = sitDown({ env: at.env, size: { columns: 60, rows: 15 } });
  await person.sees('31 waiting');
  expect(person.row(14)).toContain('Enter open');
  person.type('\r');
  await person.sees('answers long-1');
  await person.sees('more lines: PgDn');
  person.type('日本🎉語');
  await person.sees('› 日本🎉語');
  expect(person.cursor()).toEqual({ row: 13, column: 10 });
  for (const size of [
    { columns: 250, rows: 60 },
    { columns: 20, rows: 5 },
    { columns: 1, rows: 1 },
    { columns: 100, rows: 30 },
  ]) {
    person.resize(size);
    if (size.columns < 60) continue;
    await person.until(`the hints in the last of ${size.rows} rows`, () =>
      person.row(size.rows - 1).includes('Enter send'),
    );
    await person.sees('› 日本🎉語');
  }
  person.type('\u001b');
  await person.sees('Enter open');
  const rows = person.screen().split('\n');
  expect(rows).toHaveLength(30);
  expect(rows.filter((row) => /answers long-1|more lines/.test(row))).toEqual([]);
  // Behind text about whose width terminals disagree, the bar of the list still stands in the last column.
  expect(rows.slice(1, 29).map((row) => /[┃│]$/.test(row))).toEqual(Array(28).fill(true));
});

test('painting little: a key costs a few bytes, and nothing is cleared', async () => {
  for (let i = 0; i < 100; i++) raise(at.disk, `Question ${i}`, { worker: `w${i}`, ageS: 1000 - i });
  person = sitDown({ env: at.env, size: { columns: 200, rows: 50 } });
  await person.sees('100 waiting');
  await person.sees('DOWN');
  const after = async (keys: string, what: RegExp) => {
    const from = person.bytes().length;
    person.type(keys);
    await person.sees(what);
    return person.bytes().slice(from);
  };
  const moved = await after('j', /▸ w1-1/);
  expect(moved.length).toBeLessThan(1_200);
  await after('\r', /answers w1-1/);
  const typed = await after('x', /› x/);
  expect(typed.length).toBeLessThan(1_200);
  const more = await after('y', /› xy/);
  expect(more.length).toBeLessThan(120);
  expect(moved + typed + more).not.toMatch(/\u001b\[[23]?J/);
});

const hasTmux = (() => {
  try {
    execFileSync('tmux', ['-V']);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasTmux)('under tmux it paints, takes keys and pastes, and leaves the pane as it was', async () => {
  const id = raise(at.disk, 'In a *pane*? 日本語');
  const socket = `tend-test-${process.pid}`;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
      env: { ...at.env, TERM: 'xterm-256color', CI: '' },
      encoding: 'utf8',
    });
  const pane = () => tmux('capture-pane', '-p', '-t', 's');
  try {
    tmux(
      'new-session',
      '-d',
      '-s',
      's',
      '-x',
      '90',
      '-y',
      '20',
      `echo before; '${process.execPath}' '${BIN}' client; echo "after $?"; sleep 1000`,
    );
    await until('the list', () => pane().includes('1 waiting for you'));
    tmux('send-keys', '-t', 's', 'Enter');
    await until('the ask', () => pane().includes('In a pane? 日本語'));
    tmux('set-buffer', 'two\nlines');
    tmux('paste-buffer', '-p', '-t', 's');
    await until('the paste', () => /› two\n {2}lines/.test(pane()));
    tmux('send-keys', '-t', 's', 'M-b', 'M-BSpace', 'Enter');
    await until('the answer', () => pane().includes(`answered ${id}`));
    tmux('send-keys', '-t', 's', 'q');
    await until('the end', () => /before\nafter 0/.test(pane()));
  } finally {
    tmux('kill-server');
  }
  const read = at.disk.read(`answers/${id}.md`);
  expect(read.state === 'present' && read.text.endsWith('---\nlines\n')).toBe(true);
});
