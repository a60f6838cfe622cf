/** However the screen ends, the terminal is as it was: its modes, its cursor, the text that stood on it; and the exit code says why. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAnswer } from '../../../src/store/asks.js';
import { BIN, makeProfile, type Profile } from '../../contract/tend-process.js';
import { raise } from './mailbox.js';
import { type Person, sitDown } from './person.js';

let at: Profile;
let person: Person;
beforeEach(() => {
  at = makeProfile();
  raise(at.disk, 'May I?');
});
afterEach(() => {
  person?.close();
  at.remove();
});

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** `tend client` inside bash, which says afterwards how it ended and whether the terminal is the same. */
function inShell(env: Record<string, string> = {}): Person {
  const script = [
    'echo before',
    'was=$(stty -g)',
    `${quote(process.execPath)} ${quote(BIN)} client`,
    'code=$?',
    `[ "$was" = "$(stty -g)" ] && echo "SAME $code" || echo "OTHER $code"`,
    'sleep 1000',
  ].join('\n');
  // Its own end signals must not end the shell as well.
  person = sitDown({ env: { ...at.env, ...env }, argv: ['bash', '-c', `trap : INT TERM HUP\n${script}`] });
  return person;
}

/** Pid of the client: the child of the shell. */
async function clientPid(): Promise<number> {
  let pid = 0;
  await person.until('the client runs', () => {
    pid = Number(readFileSync(`/proc/${person.pid}/task/${person.pid}/children`, 'utf8').trim().split(' ')[0]);
    return pid > 0;
  });
  return pid;
}

function expectClean(): void {
  expect(person.isOtherScreen()).toBe(false);
  expect(person.screen()).toMatch(/^before\n/);
  const bytes = person.bytes();
  const last = (mode: string) => bytes.lastIndexOf(`\u001b[?${mode}`);
  expect(last('25h')).toBeGreaterThan(last('25l'));
  expect(last('2004l')).toBeGreaterThan(last('2004h'));
  expect(last('1049l')).toBeGreaterThan(last('1049h'));
}

test.each([
  ['q', 0, 'q'],
  ['Ctrl-C', 0, '\u0003'],
])('%s leaves a clean terminal', async (_name, code, keys) => {
  inShell();
  await person.sees('1 waiting');
  person.type(keys);
  await person.sees(`SAME ${code}`);
  expectClean();
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
])('%s leaves a clean terminal and its code', async (signal, code) => {
  inShell();
  await person.sees('1 waiting');
  process.kill(await clientPid(), signal);
  await person.sees(`SAME ${code}`);
  expectClean();
});

test('a crash leaves a clean terminal, and its words stand on it', async () => {
  const preload = join(at.root, '..', 'crash.cjs');
  writeFileSync(preload, `process.on('SIGUSR2', () => setTimeout(() => { throw new Error('planted crash'); }, 0));`);
  inShell({ NODE_OPTIONS: `--require ${preload}` });
  await person.sees('1 waiting');
  process.kill(await clientPid(), 'SIGUSR2');
  await person.sees('SAME 70');
  expectClean();
  expect(person.screen()).toContain('tend: bug: Error: planted crash');
});

test('when its terminal goes it ends', async () => {
  person = sitDown({ env: at.env });
  await person.sees('1 waiting');
  const { pid } = person;
  person.hangUp();
  await person.until('it is gone', () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
});

/** A shell with job control, as people have it; the client is started by typing. */
async function inJobs(): Promise<Person> {
  person = sitDown({ env: { ...at.env, PS1: '$ ' }, argv: ['bash', '--norc', '--noprofile', '-i'] });
  await person.sees('$');
  // Ctrl-Z goes to whoever is in front: the shell's own echo of it is no sign that the client stopped.
  person.type(`${quote(process.execPath)} ${quote(BIN)} client\r`);
  await person.sees('1 waiting');
  return person;
}

test.each<[string, (who: Person) => Promise<void>]>([
  ['Ctrl-Z', async (who) => who.type('\u001a')],
  ['a TSTP from elsewhere', async () => void process.kill(await clientPid(), 'SIGTSTP')],
])('%s stops it as a job on a clean terminal, and fg paints it again with what was written', async (_name, stop) => {
  const who = await inJobs();
  who.type('\rhalf an ans');
  await who.sees('› half an ans');
  await stop(who);
  await who.sees(/Stopped/);
  expect(who.isOtherScreen()).toBe(false);
  // The shell has its keys as it knows them, and the window is another one meanwhile.
  who.resize({ columns: 90, rows: 20 });
  who.type('echo shell $((6 * 7))\r');
  await who.sees('shell 42');
  who.type('fg\r');
  await who.sees('› half an ans');
  expect(who.isOtherScreen()).toBe(true);
  who.type('wer\r');
  await who.until('the answer', () => at.disk.stat('answers/web-1.md').state === 'present');
  await who.sees('nobody waits');
  expect(who.screen()).not.toContain('shell 42');
  who.type('q');
  await who.until('the shell again', () => !who.isOtherScreen());
  expect((await readAnswer(at.disk, 'web-1')) as object).toMatchObject({ value: { answer: 'half an answer' } });
});

test('a STOP that it cannot hear costs nothing but that: fg takes the terminal anew', async () => {
  const who = await inJobs();
  process.kill(await clientPid(), 'SIGSTOP');
  await who.sees(/Stopped/);
  who.type('fg\r');
  await who.until('it is painted whole', () => /1 waiting/.test(who.row(0)) && !/Stopped/.test(who.screen()));
  who.type('q');
  await who.until('the shell again', () => !who.isOtherScreen());
});

test('where no shell could let it go on, Ctrl-Z stops nothing', async () => {
  person = sitDown({ env: at.env });
  await person.sees('1 waiting');
  const painted = person.bytes().length;
  person.type('\u001a');
  await person.until('it is painted again', () => person.bytes().lastIndexOf('1 waiting') > painted);
  person.type('q');
  expect(await person.ended).toMatchObject({ code: 0 });
});
