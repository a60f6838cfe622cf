/** `tend client` as a person has it: the built program on a real terminal, keys typed, the screen read back, the records on disk. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAnswer } from '../../../src/store/asks.js';
import { BIN, makeProfile, type Profile } from '../../contract/tend-process.js';
import { approval, raise } from './mailbox.js';
import { type Person, type PersonTerms, sitDown } from './person.js';

let at: Profile;
let person: Person;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => {
  person?.close();
  at.remove();
});

const sit = (terms: Partial<PersonTerms> = {}): Person => {
  person = sitDown({ ...terms, env: { ...at.env, ...terms.env } });
  return person;
};
const answerTo = async (id: string) => {
  const read = await readAnswer(at.disk, id);
  return read.state === 'present' ? { answer: read.value.answer, channel: read.value.channel } : read.state;
};
const ESC = '\u001b';
const paste = (text: string) => `${ESC}[200~${text}${ESC}[201~`;

test('the oldest ask is on top; a number is an option; the answer is recorded with the channel', async () => {
  const second = raise(at.disk, 'And this one?', { worker: 'api', ageS: 60 });
  const first = raise(at.disk, '# Where does it *belong*?', { options: ['bills', 'taxes'], ageS: 900 });
  sit();
  await person.sees('2 waiting for you');
  expect(person.row(2)).toMatch(/^▸ web-1 .*15m/);
  expect(person.row(3)).toMatch(/^ {2}api-1 /);
  person.type('\r');
  await person.sees('Where does it belong?');
  await person.sees('2 taxes');
  person.type('2');
  await person.sees('answers web-1 with: taxes');
  expect(await answerTo(first)).toBe('absent');
  person.type('\r');
  await person.sees('answered web-1: taxes');
  await person.sees('1 waiting for you');
  expect(await answerTo(first)).toEqual({ answer: 'taxes', channel: 'tui' });
  expect(await answerTo(second)).toBe('absent');
  person.type('q');
  expect(await person.ended).toEqual({ code: 0, signal: 0 });
  expect(person.isOtherScreen()).toBe(false);
});

test('an approval shows the exact move, takes a typed yes alone, and no with its reason', async () => {
  const first = approval(at.disk, 'git push --force origin main\u00a0# \u202eniam', {
    reason: 'the branch is old',
    ageS: 60,
  });
  const second = approval(at.disk, 'rm -r build', { ageS: 30 });
  sit({ args: [first] });
  await person.sees('A yes runs exactly this:');
  await person.sees('┃ git push --force origin main<U+00A0># <U+202E>niam');
  await person.sees('because: the branch is old');
  person.type('y\r');
  await person.sees('type yes in full');
  person.type('es, but tomorrow\r');
  await person.sees('an approval takes yes, or no and your reason');
  expect(await answerTo(first)).toBe('absent');
  person.type('\u0015yes');
  await person.sees(`Enter runs it: yes to ${first}`);
  person.type('\r');
  await person.sees(`answered ${first}: yes`);
  expect(await answerTo(first)).toMatchObject({ answer: 'yes' });
  await person.sees('1 waiting for you');
  person.type('\r');
  await person.sees('rm -r build');
  person.type('\u0018it is needed');
  await person.sees('› no, it is needed');
  person.type('\r');
  await person.sees(`answered ${second}: no, it is needed`);
  expect(await answerTo(second)).toMatchObject({ answer: 'no, it is needed' });
});

test('what is written stays with its ask, and an ask that is answered elsewhere says so', async () => {
  const first = raise(at.disk, 'The first?', { ageS: 60 });
  const second = raise(at.disk, 'The second?', { ageS: 30 });
  sit({ args: [first] });
  await person.sees('answers web-1');
  person.type('half an ans');
  await person.sees('› half an ans');
  person.type(`${ESC}[1;3B`);
  await person.sees('The second?');
  await person.seesNot('half an ans');
  person.type('other');
  await person.sees('› other');
  person.type(`${ESC}[1;3A`);
  await person.sees('› half an ans');
  expect((await at.tend(['answer', first, 'mine'])).code).toBe(0);
  await person.sees('It was answered by');
  await person.sees('"mine"');
  await person.sees('› half an ans');
  person.type('\r');
  await person.sees('is no longer pending');
  expect(await answerTo(first)).toMatchObject({ answer: 'mine', channel: 'cli' });
  expect(await answerTo(second)).toBe('absent');
  person.type(ESC);
  await person.sees('▸✎web-2');
  person.type('\u0003');
  await person.sees('written and not sent: web-1, web-2');
  person.type('\u0003');
  expect(await person.ended).toMatchObject({ code: 0 });
});

test('the editor takes many lines, a paste with newlines sends nothing, and history comes back', async () => {
  const first = raise(at.disk, 'Write much?', { ageS: 60 });
  const second = raise(at.disk, 'Again?', { ageS: 30 });
  sit({ args: [first] });
  await person.sees('your answer');
  person.type(paste('one\r\ntwo 日本語\r\nthree 👩‍👩‍👧'));
  await person.sees('three');
  person.type(`${ESC}\r`);
  person.type('four words go here');
  await person.sees('four words go here');
  // Two words back, one cut, and the first line's end.
  person.type(`${ESC}b${ESC}b\u0017${ESC}[A${ESC}[A${ESC}[A\u0005!`);
  await person.sees('one!');
  await person.sees('four go here');
  expect(await answerTo(first)).toBe('absent');
  person.type('\r');
  await person.sees('answered web-1');
  expect(await answerTo(first)).toMatchObject({ answer: 'one!\ntwo 日本語\nthree 👩‍👩‍👧\nfour go here' });
  person.type('\r');
  await person.sees('Again?');
  person.type(`${ESC}[A`);
  await person.sees('one!');
  person.type(`${ESC}[B${ESC}[B${ESC}[B${ESC}[B`);
  await person.seesNot('one!');
  expect(await answerTo(second)).toBe('absent');
});

test('$EDITOR gets the screen and the draft, and gives both back; goals and PLAYBOOK go through the verbs', async () => {
  const editor = join(at.root, '..', 'edit "it".sh');
  writeFileSync(
    editor,
    `#!/bin/sh\nstty -a | tr ';' '\\n' | grep -w -- 'icanon' > '${at.root}/stty'\nprintf ' and more\\n' >> "$2"\necho edited with "$1"\n`,
  );
  chmodSync(editor, 0o755);
  expect((await at.tend(['goal', 'write', 'inbox', 'Keep it empty'])).code).toBe(0);
  expect((await at.tend(['playbook', 'write', 'Be kind'])).code).toBe(0);
  const id = raise(at.disk, 'What?');
  sit({ args: [id], env: { EDITOR: `'${editor}' --wait`, VISUAL: '' } });
  await person.sees('your answer');
  person.type('mine\u0007');
  await person.sees('› mine and more');
  expect(person.isOtherScreen()).toBe(true);
  expect(at.disk.read('stty')).toMatchObject({ text: expect.stringMatching(/(?<!-)icanon/) });
  person.type('\r');
  await person.sees('answered web-1');
  expect(await answerTo(id)).toMatchObject({ answer: 'mine and more' });
  person.type('e');
  await person.sees('▸ PLAYBOOK.md');
  person.type('j\r');
  await person.until('the goal is written', () => {
    const read = at.disk.read('goals/inbox.md');
    return read.state === 'present' && read.text === 'Keep it empty\n and more\n';
  });
  await person.sees('▸ inbox');
  person.type('k\r');
  await person.until('the PLAYBOOK is written', () => {
    const read = at.disk.read('PLAYBOOK.md');
    return read.state === 'present' && read.text === 'Be kind\n and more\n';
  });
  expect((await at.tend(['journal'])).stdout).toContain('write-playbook');
});

test('search and filter leave what they name, and Escape ends them', async () => {
  raise(at.disk, 'About the invoice', { worker: 'alpha', ageS: 90 });
  raise(at.disk, 'About the garden', { worker: 'beta', ageS: 60 });
  approval(at.disk, 'rm -r garden', { ageS: 30 });
  sit({ size: { columns: 60, rows: 15 } });
  await person.sees('3 waiting');
  person.type('/gard');
  await person.seesNot('alpha-1');
  await person.sees('beta-1');
  await person.sees('gate-1');
  person.type('\r');
  await person.sees('search: gard');
  person.type(ESC);
  await person.sees('alpha-1');
  person.type('ff');
  await person.seesNot('alpha-1');
  await person.sees('gate-1');
});

test('hostile text moves nothing on the terminal', async () => {
  const evil = `Title${ESC}]0;owned\u0007 ${ESC}[2J${ESC}[1;1Hgone \u202eabc \u009b31m`;
  const id = raise(at.disk, `${evil}\n\n\`${ESC}[31mcode\`\n\n| a | ${ESC}[5m |\n|---|---|\n| 1 | 2 |`, {
    options: [`a${ESC}c`, 'b'],
  });
  sit();
  await person.sees('1 waiting');
  expect(person.row(2)).toContain('Title␛]0;owned');
  person.type('\r');
  await person.sees('gone <U+202E>abc');
  await person.sees('1 a␛c');
  person.type('q\r');
  await person.sees(`answered ${id}`);
  expect(person.bytes()).not.toContain(`${ESC}]0`);
  expect(person.bytes()).not.toContain('\u202e');
  expect(person.bytes().match(/\u001b\[2J/g)).toHaveLength(2);
});

test('without a terminal it says what it needs and what serves instead', () => {
  const ended = spawnSync(process.execPath, [BIN, 'client'], { env: at.env, encoding: 'utf8', input: '' });
  expect(ended.status).toBe(1);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toContain('stdin and stdout are no terminal');
  expect(ended.stderr).toContain('try: tend asks');
});

test('the shell of Emacs is sent no letters that it cannot place; a real terminal that was told TERM=dumb is served', async () => {
  sit({ term: 'dumb' });
  await person.until('it is painted', () => person.isOtherScreen());
  person.close();
  sit({ env: { INSIDE_EMACS: '29.1,comint' }, term: 'dumb' });
  expect(await person.ended).toMatchObject({ code: 1 });
  expect(person.bytes()).not.toContain('\u001b');
  expect(person.screen()).toMatch(/TERM is "dumb"[\s\S]*try: tend asks/);
});

test('NO_COLOR paints none, and CI does not silence it', async () => {
  approval(at.disk, 'rm x');
  sit({ env: { NO_COLOR: '1', CI: 'true' } });
  await person.sees('▸!gate-1');
  person.type('\r');
  await person.sees('A yes runs exactly this');
  expect(
    person
      .bytes()
      .match(/\u001b\[[\d;]*m/g)
      ?.filter((sgr) => /\[(?:3[0-8]|4[0-8]|9\d)/.test(sgr)),
  ).toEqual([]);
});
