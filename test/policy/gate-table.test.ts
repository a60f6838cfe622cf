import { describe, expect, test } from 'vitest';
import { judgeShell } from '../../src/policy/gate.js';
import { ASKED, ATTACKS, HARMLESS, HARMLESS_ASKED, NOT_ALLOWED, REFUSED } from './gate-table.js';

describe('a command that only looks runs without asking', () => {
  test.each(HARMLESS.map((cmd) => [cmd]))('%j', (cmd) => {
    expect(judgeShell(cmd)).toMatchObject({ verdict: 'allow' });
  });
});

describe('a command that writes, runs other code, shows a secret or is not known is asked', () => {
  test.each(ASKED.map((cmd) => [cmd.length > 200 ? `${cmd.slice(0, 60)}… (${cmd.length})` : cmd, cmd]))(
    '%j',
    (_, cmd) => {
      const { verdict, reason, part } = judgeShell(cmd);
      expect({ cmd, verdict }).toEqual({ cmd, verdict: 'ask' });
      expect(reason).not.toBe('');
      expect(part === undefined || cmd.includes(part) || part.length > 0).toBe(true);
    },
  );
});

describe('a catastrophe is refused, wherever it hides', () => {
  test.each(REFUSED.map((cmd) => [cmd]))('%j', (cmd) => {
    expect(judgeShell(cmd)).toMatchObject({ verdict: 'refuse' });
  });
});

describe('nothing that writes, runs other code or leaks is ever allowed', () => {
  test.each(NOT_ALLOWED.map((cmd) => [cmd]))('%j', (cmd) => {
    expect(['ask', 'refuse']).toContain(judgeShell(cmd).verdict);
  });
});

test('nothing that an attacker hides in a question is allowed', () => {
  expect(ATTACKS.filter((cmd) => judgeShell(cmd).verdict === 'allow')).toEqual([]);
  expect(ATTACKS.length).toBeGreaterThan(1_500);
});

test('at most one in ten harmless commands is asked', () => {
  const asked = HARMLESS_ASKED.filter((cmd) => judgeShell(cmd).verdict !== 'allow').length;
  expect(asked / (HARMLESS.length + HARMLESS_ASKED.length)).toBeLessThan(0.1);
});

/** Words behind these are text, or flags of an operation on the other side, of which there are thousands. */
const OPEN = /^(?:sudo -n )?(?:echo|true|test|command -v|kill -l|aws|gcloud|az)\b/;
const PLAIN = HARMLESS.filter((cmd) => /^\w[\w ./=,:@-]*$/.test(cmd) && !cmd.includes(' -- ') && !OPEN.test(cmd));

test.each(['--zz-unknown', '--zz-unknown=x', '--output-zz=x'])('a flag that no manual knows is asked: %s', (flag) => {
  expect(PLAIN.length).toBeGreaterThan(1_000);
  expect(PLAIN.filter((cmd) => judgeShell(`${cmd} ${flag}`).verdict === 'allow')).toEqual([]);
});

test('what a command prints is never written to a file unasked', () => {
  const written = PLAIN.flatMap((cmd) => [`${cmd} > f`, `${cmd} >> f`, `${cmd} 2> f`, `${cmd} &> f`, `${cmd} >| f`]);
  expect(written.filter((cmd) => judgeShell(cmd).verdict === 'allow')).toEqual([]);
});

test('a cluster of short flags is judged flag by flag', () => {
  const clusters = [
    'sort -u',
    'tree -a',
    'ls -l',
    'cat -n',
    'fd -H',
    'ss -t',
    'tar -t',
    'uniq -c',
    'file -b',
    'wget -q',
  ];
  const odd = clusters.flatMap((cmd) => ['!', '%', '=', '+', 'é'].map((letter) => `${cmd}${letter}`));
  const writing = [
    'sort -uo f',
    'tree -ao f',
    'fd -Hx rm',
    'ss -tK',
    'file -bC',
    'wget -qP d',
    'shuf -ro f',
    'sed -ni p f',
  ];
  expect([...odd, ...writing].filter((cmd) => judgeShell(cmd).verdict === 'allow')).toEqual([]);
});

test('the table is as large as it promises', () => {
  expect(HARMLESS.length).toBeGreaterThanOrEqual(350);
  expect(ASKED.length + REFUSED.length).toBeGreaterThanOrEqual(550);
});

test.each([
  ['git status && rm -rf build', 'it deletes files', 'rm -rf build'],
  ['ls | sort > out.txt', 'it writes to a file', '> out.txt'],
  ['echo $(date)', '"$(date)" is made of another command\'s output', '$(date)'],
  ['cat README.md; cat .env', '".env" may hold a secret, and output reaches the model', 'cat .env'],
  ['ls; frobnicate x', 'the program "frobnicate" is not known', 'frobnicate x'],
])('the reason is in words and the part is what caused it: %s', (cmd, reason, part) => {
  expect(judgeShell(cmd)).toEqual({ verdict: 'ask', reason, part });
});
