/** `tend watch` on a real terminal: records of a profile on disk, keys typed, the screen read back. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sizeMark } from '../../../src/lib/size-mark.js';
import { BIN, makeProfile, type Profile, until } from '../../contract/tend-process.js';
import { type Person, sitDown } from './person.js';

let at: Profile;
let person: Person | undefined;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => {
  person?.leave();
  at.remove();
});

const transcript = (id: string) => join(at.root, 'workers', id, 'transcript.log');

/** The records of a worker that has ended, as its supervisor leaves them. */
function endedWorker(id: string, output: string, more: object = {}): void {
  const dir = join(at.root, 'workers', id);
  mkdirSync(dir, { recursive: true });
  const spec = { format: 1, id, generation: `g-${id}`, desired: 'running', ts: 1_700_000_000 };
  const status = {
    ...{ format: 1, id, generation: `g-${id}`, state: 'exited', exit_code: 0, socket: '/none', nonce: 'n' },
    ...{
      supervisor_pid: 1,
      child_pid: null,
      columns: 80,
      rows: 24,
      started_ts: 1_700_000_000,
      ended_ts: 1_700_000_100,
    },
  };
  writeFileSync(join(dir, 'spec.json'), JSON.stringify(spec));
  writeFileSync(join(dir, 'status.json'), JSON.stringify({ ...status, ...more }));
  writeFileSync(transcript(id), output);
}

function event(event: string, fields: object, second: number): void {
  mkdirSync(at.root, { recursive: true });
  const ts = new Date(2026, 10, 21, 7, 42, second).toISOString();
  appendFileSync(join(at.root, 'events-2026-11-21.ndjson'), `${JSON.stringify({ format: 1, event, ts, ...fields })}\n`);
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n}\r\n`).join('');
const sit = (args: string[], size?: { columns: number; rows: number }) => {
  person = sitDown(['watch', ...args], { env: at.env, ...size });
  return person;
};
const sees = (who: Person, what: string | RegExp) =>
  until(`${what} on\n${who.text()}`, () =>
    typeof what === 'string' ? who.text().includes(what) : what.test(who.text()),
  );

test('the tour: the log of the pulse, a worker, its history, what comes, all and living, and out again', async () => {
  event('pulse.start', { pid: 7, version: '0.1.0' }, 1);
  event('beat.decided', { action: 'run_shell', said: 'count the 日本 mails', ms: 2_345 }, 2);
  event('beat.failed', { code: 'timeout', error: 'it hung', run: 'beat-20261121-074203-abcd' }, 3);
  endedWorker('api', `\u001b[31mred\u001b[0m one\r\n${numbered(0, 200)}`);
  endedWorker('web', 'hello from web\r\n');
  const who = sit(['api'], { columns: 100, rows: 20 });
  await sees(who, 'line 199');
  await sees(who, '▸ api');
  expect(who.text()).toMatch(/pulse {2}down/);
  expect(who.text()).not.toContain('web');
  expect(who.text()).toContain('Tab all (1 more)');

  // The window stays on its rows while others arrive, and g and G go to the ends.
  who.type('\u0002');
  await sees(who, /── api · \d+ rows back/);
  const seen = who.lines()[0]!;
  const back = Number(/(\d+) rows back/.exec(who.text())![1]);
  appendFileSync(transcript('api'), numbered(200, 230));
  await sees(who, `${back + 30} rows back`);
  expect(who.lines()[0]).toBe(seen);
  who.type('g');
  await sees(who, 'red one');
  expect(who.cell(0, 0)!.getFgColor()).toBe(1);
  who.type('G');
  await sees(who, 'line 229');
  appendFileSync(transcript('api'), 'and more\r\n');
  await sees(who, 'and more');

  who.type('\t');
  await sees(who, 'web');
  expect(who.text()).toContain('Tab living');
  who.type('\u001b[B');
  await sees(who, 'hello from web');
  who.type('\u001b[A\u001b[A');
  await sees(who, 'pulse up · pid 7');
  expect(who.text()).toContain('[07:42:02] run_shell · count the 日本 mails · 2.3s');
  expect(who.text()).toContain('timeout · it hung · see runs/2026-11-21/beat-20261121-074203-abcd');
  const row = who.lines().findIndex((line) => line.includes('it hung'));
  expect(who.cell(row, 12)!.getFgColor()).toBe(1);
  event('worker.lost', { id: 'web', why: 'gone' }, 9);
  await sees(who, 'worker web was lost: gone · see tend logs web');

  const golden = new URL('../../golden/watch/pulse.txt', import.meta.url).pathname;
  const screen = `${who.text()}\n`;
  if (process.env['UPDATE']) {
    mkdirSync(join(golden, '..'), { recursive: true });
    writeFileSync(golden, screen);
  }
  expect(screen).toBe(readFileSync(golden, 'utf8'));

  who.type('q');
  await until('the end', () => who.ended());
  expect(who.ended()).toMatchObject({ code: 0 });
  expectClean(who);
});

/** The other screen is left, the cursor is there, and mouse, margins and wrapping are as a shell wants them. */
function expectClean(who: Person): void {
  expect(who.isAlternate()).toBe(false);
  const last = (on: string) => who.bytes().lastIndexOf(on);
  expect(last('\u001b[?25h')).toBeGreaterThan(last('\u001b[?25l'));
  expect(last('\u001b[?7h')).toBeGreaterThan(last('\u001b[?7l'));
  expect(last('\u001b[?1002l')).toBeGreaterThan(last('\u001b[?1002h'));
}

test('hung up or ended, or hit in the middle of a painting: the terminal is left clean', async () => {
  endedWorker('api', numbered(0, 50));
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGTERM', 0],
  ] as const) {
    const who = sit(['api']);
    await sees(who, 'line 49');
    who.kill(signal);
    await until('the end', () => who.ended());
    expect(who.ended(), signal).toMatchObject({ code });
    expectClean(who);
    who.leave();
  }
});

test('a transcript is replayed at the sizes that it was recorded in; one that is replaced is begun anew', async () => {
  const wide = sizeMark({ columns: 60, rows: 10 }, { columns: 20, rows: 5 });
  // At 20 columns the first line takes two rows, so two up is its beginning; at 60 the second takes one.
  const first = `${'a'.repeat(30)}\u001b[1AX\r\n\r\n`;
  const second = `${'b'.repeat(30)}\u001b[1A\rY`;
  endedWorker('api', first + wide + second, { columns: 60, rows: 10 });
  const who = sit(['api']);
  await sees(who, 'b'.repeat(30));
  const rows = who.lines().slice(0, 4);
  expect(rows).toMatchInlineSnapshot(`
    [
      "aaaaaaaaaaXaaaaaaaaa",
      "Yaaaaaaaaa",
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "",
    ]
  `);
  expect((await at.tend(['screenshot', 'api'])).stdout).toBe(`${rows.slice(0, 3).join('\n')}\n`);
  writeFileSync(`${transcript('api')}.new`, 'another log altogether\r\n');
  renameSync(`${transcript('api')}.new`, transcript('api'));
  await sees(who, 'another log altogether');
  expect(who.text()).not.toContain('bbb');
});

test('a family of emoji and CJK keeps its columns, as the program that drew them reckoned', async () => {
  // The bar is put at column 12 by a movement of the cursor, once after what takes 4 columns and once after none.
  endedWorker('api', '🙂日\u001b[12G|\r\ne\u0301x\u001b[12G|\r\n🙂z\u001b[3D|\r\n');
  const who = sit(['api']);
  await sees(who, '|');
  const shot = (await at.json<{ cells: object[] }>(['screenshot', 'api', '--json'])).cells;
  expect(shot).toContainEqual({ row: 0, col: 0, char: '🙂', wide: true });
  expect(shot).toContainEqual({ row: 0, col: 2, char: '日', wide: true });
  expect(shot).toContainEqual({ row: 1, col: 0, char: 'e\u0301' });
  expect(shot).toContainEqual({ row: 2, col: 0, char: '|' });
});

test('a new day of the pulse is a file of its own, and the day before stays above it', async () => {
  event('pulse.start', { pid: 7, version: '0.1.0' }, 1);
  const who = sit([]);
  await sees(who, 'pulse up · pid 7');
  const ts = new Date(2026, 10, 22, 0, 0, 5).toISOString();
  writeFileSync(join(at.root, 'events-2026-11-22.ndjson'), `${JSON.stringify({ event: 'pulse.stop', ts, pid: 7 })}\n`);
  await sees(who, /pulse up · pid 7[\s\S]*pulse stopped · pid 7/);
  // Half a line is no event yet.
  appendFileSync(join(at.root, 'events-2026-11-22.ndjson'), '{"event":"pulse.st');
  appendFileSync(join(at.root, 'events-2026-11-22.ndjson'), `art","ts":"${ts}","pid":8,"version":"9"}\n`);
  await sees(who, 'pulse up · pid 8 · tend 9');
});

test('small windows, and one that changes its size', async () => {
  endedWorker('api', `wide 日本語 text and an emoji 🙂 here\r\n${numbered(0, 30)}`);
  const who = sit(['api'], { columns: 30, rows: 8 });
  await sees(who, 'line 29');
  who.resize(12, 3);
  await until('3 rows', () => who.lines()[0]!.includes('line 29') && who.lines()[1]!.startsWith('── api'));
  who.resize(90, 24);
  await sees(who, 'q quit');
  who.type('g');
  await sees(who, 'wide 日本語 text');
});

test('no such worker, contradictory flags, no keyboard: said before the terminal is touched', async () => {
  endedWorker('api', 'x');
  expect(await at.tend(['watch', 'nobody'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"nobody": no such worker'),
  });
  expect(await at.tend(['watch', '--all', '--since', '1h'])).toMatchObject({ code: 2 });
  const who = sitDown(['watch', 'nobody'], { env: at.env });
  person = who;
  await until('the end', () => who.ended());
  expect(who.bytes()).not.toContain('\u001b[?1049h');
});

test('into a pipe the table and the end of the log are printed once', async () => {
  endedWorker('api', `\u001b[31mred\u001b[0m\r\nlast`);
  const { code, stdout } = await at.tend(['watch', 'api']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ID +HEALTH[\s\S]*\napi +dead +exit 0[\s\S]*\n\nred\nlast\n$/);
});

test('in the shell of Emacs as well', async () => {
  endedWorker('api', 'last');
  person = sitDown(['watch', 'api'], { env: { ...at.env, INSIDE_EMACS: '29.1,comint' }, term: 'dumb' });
  const who = person;
  await until('the end', () => who.ended());
  expect(who.text()).toMatch(/api +dead[\s\S]*last/);
  expect(who.bytes()).not.toContain('\u001b');
});

test('Ctrl-Z stops it as a job on a clean terminal, fg paints it again, and its mouse is heard', async () => {
  endedWorker('api', numbered(0, 400));
  const who = sitDown(['--norc', '--noprofile', '-i'], { env: { ...at.env, PS1: '$ ' }, program: 'bash' });
  person = who;
  await sees(who, '$');
  who.type(`'${process.execPath}' '${BIN}' watch api\r`);
  await sees(who, 'line 399');
  who.type('\u001a');
  await sees(who, 'Stopped');
  expect(who.isAlternate()).toBe(false);
  const mouse = (mode: string) => who.bytes().lastIndexOf(`\u001b[?1000${mode}`);
  expect(mouse('l')).toBeGreaterThan(mouse('h'));
  who.type('fg\r');
  await sees(who, 'line 399');
  await until('its mouse', () => mouse('h') > mouse('l'));
  who.type('\u001b[<64;5;5M');
  await sees(who, '3 rows back');
  who.type('q');
  await until('the shell', () => !who.isAlternate());
});

test('the mouse: the wheel scrolls, a click chooses, the bar is dragged and let go anywhere', async () => {
  endedWorker('api', numbered(0, 400));
  endedWorker('web', 'hello from web\r\n');
  const who = sit(['api', '--all'], { columns: 60, rows: 20 });
  await sees(who, 'line 399');
  await sees(who, 'web');
  who.type('\u001b[<64;5;5M');
  await sees(who, '3 rows back');
  who.type('\u001b[<65;5;5M');
  await until('the end again', () => !who.text().includes('rows back'));
  const thumb = who.lines().findLastIndex((line) => line.endsWith('┃'));
  who.type(`\u001b[<0;60;${thumb + 1}M\u001b[<32;3;1M`);
  await until('the top', () => who.lines()[0]!.startsWith('line 0'));
  who.type('\u001b[<0;3;19m\u001b[<32;60;19M');
  const web = who.lines().findIndex((line) => line.includes('web'));
  who.type(`\u001b[<0;3;${web + 1}M`);
  await sees(who, 'hello from web');
});

test('without colour there is none', async () => {
  endedWorker('api', '\u001b[31mred\u001b[0m and \u001b[1mbold\u001b[0m\r\n');
  person = sitDown(['watch', 'api'], { env: { ...at.env, NO_COLOR: '1' } });
  const who = person;
  await sees(who, 'red and bold');
  expect(who.cell(0, 0)!.isFgDefault()).toBe(true);
  expect(who.cell(0, 8)!.isBold()).not.toBe(0);
});

test('while nothing happens it writes nothing and reads nothing', async () => {
  endedWorker('api', numbered(0, 50));
  const who = sit(['api']);
  await sees(who, 'line 49');
  await sees(who, '▸ api');
  const trace = spawnSync('timeout', ['3', 'cat', `/proc/${who.pid}/io`], { encoding: 'utf8' }).stdout;
  const written = who.bytes().length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = readFileSync(`/proc/${who.pid}/io`, 'utf8');
  const of = (text: string, name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)![1]);
  expect(who.bytes().length).toBe(written);
  // Node's own loop wakes itself through small reads; a look at the fleet is some hundred bytes, a transcript read again thousands.
  expect(of(after, 'rchar') - of(trace, 'rchar')).toBeLessThan(1_000);
});
