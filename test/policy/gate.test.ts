// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are shell, not templates.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS, type Move } from '../../src/model/move.js';
import { type GateConfig, judge } from '../../src/policy/gate.js';
import { matchesShape, readCommand } from '../../src/policy/shape.js';

const shell = (cmd: string): Move => ({ action: 'run_shell', cmd });
const GATE: GateConfig = { allow: ['git status *', 'ls', 'npm run test:*', 'echo *'] };

test.each([
  ['git status'],
  ['git status --short'],
  ['git  status'],
  ['\tgit status\n'],
  ["'git' status"],
  ['"git" "status"'],
  ['\\git status'],
  ['git status \'a b\' "c d"'],
  ["git status '$(rm -rf /)'"],
  ["git status '; rm -rf /'"],
  ['git status \\; rm'],
  ['ls'],
  ['npm run test:unit'],
  ['echo'],
  ["echo 'two\nlines'"],
])('a command of an allowed shape runs without asking: %j', (cmd) => {
  expect(judge(shell(cmd), GATE).verdict).toBe('allow');
});

test.each([
  ['git status; rm -rf /'],
  ['git status && rm -rf /'],
  ['git status || rm -rf /'],
  ['git status | sh'],
  ['git status |& sh'],
  ['git status & rm x'],
  ['git status &'],
  ['git status;'],
  ['git status\nrm -rf /'],
  ['git status\r\nrm -rf /'],
  ['git status \\\n rm'],
  ['git status $(rm -rf /)'],
  ['git status `rm -rf /`'],
  ['git status "$(rm -rf /)"'],
  ['git status "`rm -rf /`"'],
  ['git status "${x:-$(rm -rf /)}"'],
  ['git status $HOME'],
  ['git status "$HOME"'],
  ['git status ${x}'],
  ['git status $((1+1))'],
  ['git status <(rm x)'],
  ['git status > f'],
  ['git status >> f'],
  ['git status 2>&1'],
  ['git status < f'],
  ['git status <<< x'],
  ['git status <<E\nx\nE'],
  ['> f git status'],
  ['FOO=1 git status'],
  ['GIT_EXTERNAL_DIFF=rm git status'],
  ['git status *'],
  ['git status ?'],
  ['git status [a]'],
  ['git status {a,b}'],
  ['git status ~'],
  ['git status ~root/x'],
  ['git status --x=~/y'],
  ["git $'status'"],
  ['git $"status"'],
  ['! git status'],
  ['time git status'],
  ['(git status)'],
  ['{ git status; }'],
  ['coproc git status'],
  ['git() { rm x; }; git status'],
  ['git() { rm x; }'],
  ['if git status; then rm x; fi'],
  ['git status # rm'],
  ['# git status'],
  ['git status "'],
  ["git status '"],
  ['git status )'],
  ['git status ;;'],
  ['git\u00a0status'],
  ['git \u00a0status'],
  ['git status\u2028rm'],
  ['git status \u202e'],
  ['git st\u200batus'],
  ['git status\u0000rm'],
  ['git status\u001b[2K'],
  ['gіt status'],
  ['git statusx'],
  ['git'],
  ['sudo git status'],
  ['/usr/bin/git status'],
  ['env git status'],
  ['bash -c "git status"'],
  ['ls -l'],
  ['npm run tests'],
  [' '],
  ['$(git status)'],
  [`${'$('.repeat(3000)}git status`],
  [`git status ${'('.repeat(3000)}`],
])('anything else is asked first: %j', (cmd) => {
  expect(judge(shell(cmd), GATE).verdict).toBe('ask');
});

test('with no shapes at all every command is asked, with the reason in words', () => {
  expect(judge(shell('git status'))).toEqual({ verdict: 'ask', reason: 'no shape in gate.allow covers this command' });
  expect(judge(shell('git status; ls'), GATE).reason).toBe(
    'gate.allow cannot cover it: it is more than one plain command',
  );
});

test.each([
  ['git push --force origin', 'refuse'],
  ['git push', 'ask'],
  ['git log', 'allow'],
  ['git log; git push --force origin', 'refuse'],
  ['git log $(git push --force x)', 'refuse'],
  ['git log "${a:-$(git push --force x)}"', 'refuse'],
  ['git log | while read x; do git push --force "$x"; done', 'refuse'],
  ['f() { git push --force x; }', 'refuse'],
  ['A=1 git push --force x > f', 'refuse'],
  ['/usr/bin/git push --force x', 'refuse'],
  ['git push --force x "', 'refuse'],
  ['git log && git push', 'ask'],
])('refuse wins over ask, ask over allow, wherever the command hides: %s → %s', (cmd, verdict) => {
  const gate = { allow: ['git *'], ask: ['git push *'], refuse: ['git push --force *'] };
  expect(judge(shell(cmd), gate).verdict).toBe(verdict);
});

test('a refusal names the shape and the part that met it', () => {
  expect(judge(shell('ls; rm -rf x'), { refuse: ['rm *'] })).toEqual({
    verdict: 'refuse',
    reason: '"rm *" is refused by gate.refuse',
    part: 'rm -rf x',
  });
});

test('every other kind of move is allowed, and no kind is forgotten', () => {
  const verdicts = ACTIONS.map((action) => [action, judge({ action, cmd: 'x' } as unknown as Move, {}).verdict]);
  expect(verdicts.filter(([, verdict]) => verdict !== 'allow')).toEqual([['run_shell', 'ask']]);
});

test.each([
  ['git status *', ['git', 'status'], true],
  ['git status *', ['git', 'status', 'a', 'b'], true],
  ['git status *', ['git'], false],
  ['git status', ['git', 'status', 'a'], false],
  ['git * show', ['git', 'a', 'show'], true],
  ['git * show', ['git', 'a', 'b', 'show'], false],
  ['make test-*', ['make', 'test-unit'], true],
  ['make test-*', ['make', 'test-'], true],
  ['make test-*', ['make', 'test-a', 'b'], false],
  ['make *-x-*', ['make', 'a-x-x-b'], true],
  ['make *-x-*', ['make', 'a-xx-b'], false],
  ['a.c', ['abc'], false],
  ['*', ['anything', 'at', 'all'], true],
  ['*', [], false],
  ['', ['x'], false],
  ['  ', ['x'], false],
])('shape %j and words %j: %s', (shape, words, expected) => {
  expect(matchesShape(shape, words)).toBe(expected);
});

test('a hostile word costs little: many stars end quickly', () => {
  expect(matchesShape(`x ${'a*'.repeat(50)}b`, ['x', 'a'.repeat(30_000)])).toBe(false);
});

/** Ways to make one command more than itself. */
const HOOKS = [';', '&&', '||', '|', '&', '\n', '|&', '>', '<', '>>', '<<<'];
const WRAPS = [
  (x: string) => `$(${x})`,
  (x: string) => `\`${x}\``,
  (x: string) => `"$(${x})"`,
  (x: string) => `<(${x})`,
];

test('no operator and no substitution behind an allowed command stays allowed', () => {
  const word = fc.stringMatching(/^[a-z-]{1,8}$/);
  const tail = fc.oneof(
    fc.tuple(fc.constantFrom(...HOOKS), word).map(([hook, x]) => `${hook} ${x}`),
    fc.tuple(fc.constantFrom(...WRAPS), word).map(([wrap, x]) => wrap(x)),
    word.map((x) => `$${x}`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 3 }), tail, fc.array(word, { maxLength: 2 }), (before, hostile, after) => {
      const cmd = ['git', 'status', ...before, hostile, ...after].join(' ');
      expect(judge(shell(cmd), GATE).verdict).toBe('ask');
    }),
    { numRuns: 500 },
  );
});

test('an asked command is never allowed by what is appended to it', () => {
  const gate = { allow: ['git status *'] };
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (tail) => {
      expect(judge(shell(`rm -rf / ${tail}`), gate).verdict).toBe('ask');
      expect(judge(shell(`rm -rf /\n${tail}`), gate).verdict).toBe('ask');
    }),
    { numRuns: 500 },
  );
});

test('the words that are judged are the words that bash runs', () => {
  const piece = fc.constantFrom(
    'a',
    'b c',
    '"',
    "'",
    '\\',
    '$',
    '`',
    '*',
    ';',
    '&',
    '(',
    ')',
    '<',
    '~',
    '#',
    '{',
    '\n',
    '=',
    '!',
    '[',
    '%',
  );
  let compared = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const cmd = `echo ${pieces.join('')}`;
      const { simple } = readCommand(cmd);
      if (simple === undefined || simple.length === 1) return;
      const script = `echo() { printf '%s\\0' "$@"; }\n${cmd}`;
      const words = execFileSync('bash', ['-c', script], { cwd: '/', encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(['echo', ...words]).toEqual(simple);
      compared += 1;
    }),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(10);
});
