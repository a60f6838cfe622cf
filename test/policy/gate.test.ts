// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are shell, not templates.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS, type Move } from '../../src/model/move.js';
import { type GateConfig, judge } from '../../src/policy/gate.js';
import { matchesShape, readCommand } from '../../src/policy/shape.js';

const shell = (cmd: string): Move => ({ action: 'run_shell', cmd });
const GATE: GateConfig = { allow: ['shipit status *', 'lx', 'deploy run test:*', 'echo *'] };

test.each([
  ['shipit status'],
  ['shipit status --short'],
  ['shipit  status'],
  ['\tshipit status\n'],
  ["'shipit' status"],
  ['"shipit" "status"'],
  ['\\shipit status'],
  ['shipit status \'a b\' "c d"'],
  ["shipit status '$(rm -rf x)'"],
  ["shipit status '; rm -rf x'"],
  ['shipit status \\; rm'],
  ['lx'],
  ['deploy run test:unit'],
  ['echo'],
  ["echo 'two\nlines'"],
])('a command of an allowed shape runs without asking: %j', (cmd) => {
  expect(judge(shell(cmd), GATE).verdict).toBe('allow');
});

test.each([
  ['shipit status; rm -rf x'],
  ['shipit status && rm -rf x'],
  ['shipit status || rm -rf x'],
  ['shipit status | sh'],
  ['shipit status |& sh'],
  ['shipit status & rm x'],
  ['shipit status &'],
  ['shipit status;'],
  ['shipit status\nrm -rf x'],
  ['shipit status\r\nrm -rf x'],
  ['shipit status \\\n rm'],
  ['shipit status $(rm -rf x)'],
  ['shipit status `rm -rf x`'],
  ['shipit status "$(rm -rf x)"'],
  ['shipit status "`rm -rf x`"'],
  ['shipit status "${x:-$(rm -rf x)}"'],
  ['shipit status $HOME'],
  ['shipit status "$HOME"'],
  ['shipit status ${x}'],
  ['shipit status $((1+1))'],
  ['shipit status <(rm x)'],
  ['shipit status > f'],
  ['shipit status >> f'],
  ['shipit status 2>&1'],
  ['shipit status < f'],
  ['shipit status <<< x'],
  ['shipit status <<E\nx\nE'],
  ['> f shipit status'],
  ['FOO=1 shipit status'],
  ['GIT_EXTERNAL_DIFF=rm shipit status'],
  ['shipit status *'],
  ['shipit status ?'],
  ['shipit status [a]'],
  ['shipit status {a,b}'],
  ['shipit status ~'],
  ['shipit status ~root/x'],
  ['shipit status --x=~/y'],
  ["shipit $'status'"],
  ['shipit $"status"'],
  ['! shipit status'],
  ['time shipit status'],
  ['(shipit status)'],
  ['{ shipit status; }'],
  ['coproc shipit status'],
  ['shipit() { rm x; }; shipit status'],
  ['shipit() { rm x; }'],
  ['if shipit status; then rm x; fi'],
  ['shipit status # rm'],
  ['# shipit status'],
  ['shipit status "'],
  ["shipit status '"],
  ['shipit status )'],
  ['shipit status ;;'],
  ['shipit\u00a0status'],
  ['shipit \u00a0status'],
  ['shipit status\u2028rm'],
  ['shipit status \u202e'],
  ['shipit st\u200batus'],
  ['shipit status\u0000rm'],
  ['shipit status\u001b[2K'],
  ['shіpit status'],
  ['shipit statusx'],
  ['shipit'],
  ['sudo shipit status'],
  ['/usr/bin/shipit status'],
  ['env shipit status'],
  ['bash -c "shipit status"'],
  ['lx -l'],
  ['deploy run tests'],
  [' '],
  ['$(shipit status)'],
  [`${'$('.repeat(3000)}shipit status`],
  [`shipit status ${'('.repeat(3000)}`],
])('anything else is asked first: %j', (cmd) => {
  expect(judge(shell(cmd), GATE).verdict).toBe('ask');
});

test('a command that no table knows is asked, with the reason in words and the part that caused it', () => {
  expect(judge(shell('ls; shipit now'))).toEqual({
    verdict: 'ask',
    reason: 'the program "shipit" is not known',
    part: 'shipit now',
  });
});

test('an allowed shape covers one plain command, and no part of a longer one', () => {
  expect(judge(shell('shipit status; ls'), GATE)).toMatchObject({ verdict: 'ask', part: 'shipit status' });
});

test('what tend refuses by itself no shape allows, unless the config says unsafe', () => {
  const allow = ['rm -rf /'];
  expect(judge(shell('rm -rf /'), { allow }).verdict).toBe('refuse');
  expect(judge(shell('rm -rf /'), { allow, unsafe: false }).verdict).toBe('refuse');
  expect(judge(shell('rm -rf /'), { unsafe: true }).verdict).toBe('refuse');
  expect(judge(shell('rm -rf / x'), { allow, unsafe: true }).verdict).toBe('refuse');
  expect(judge(shell('rm -rf /'), { allow, unsafe: true }).verdict).toBe('allow');
});

test('gate.ask asks for what would be allowed, also inside a wrapper', () => {
  for (const cmd of ['git log', 'env git log', "sh -c 'ls; git log'", 'echo x | xargs git log'])
    expect(judge(shell(cmd), { ask: ['git log *'] }), cmd).toMatchObject({
      verdict: 'ask',
      reason: '"git log *" is asked by gate.ask',
    });
});

test('shell text that a decider gives to a worker is judged like its own, and a refusal in either field wins', () => {
  const worker = { action: 'start_worker', id: 'a', prompt: 'p' } as const;
  expect(judge(worker).verdict).toBe('allow');
  expect(judge({ ...worker, verify: 'test -f result && git diff --stat' }).verdict).toBe('allow');
  expect(judge({ ...worker, verify: 'rm result' })).toMatchObject({
    verdict: 'ask',
    reason: 'its verify is not harmless by itself: it deletes files',
  });
  expect(judge({ ...worker, command: 'agent {{prompt_file}}' }).verdict).toBe('ask');
  expect(judge({ ...worker, command: 'agent {{prompt_file}}', verify: 'rm -rf /' }).verdict).toBe('refuse');
  expect(judge({ ...worker, command: 'reboot', verify: 'rm x' }).verdict).toBe('refuse');
});

test('a sensor is asked unless the config allows sensors', () => {
  const sensor = { action: 'write_sensor', name: 'a', script: '#!/bin/sh' } as const;
  expect(judge(sensor).verdict).toBe('ask');
  expect(judge(sensor, { sensors: 'allow' }).verdict).toBe('allow');
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
  expect(verdicts.filter(([, verdict]) => verdict !== 'allow')).toEqual([
    ['run_shell', 'ask'],
    ['write_sensor', 'ask'],
    ['write_schedule', 'ask'],
  ]);
});

test('a schedule is asked about when it has a command, also a harmless or an allowed one; a refused one is refused', () => {
  const schedule = (more: object) =>
    judge({ action: 'write_schedule', name: 'n', ...more } as Move, { allow: ['make *'] }).verdict;
  expect(schedule({ in_s: 60 })).toBe('allow');
  expect(schedule({ every_s: 60, cmd: 'ls' })).toBe('ask');
  expect(schedule({ cron: '@daily', cmd: 'make it' })).toBe('ask');
  expect(schedule({ cron: '@daily', cmd: 'rm -rf /' })).toBe('refuse');
  expect(schedule({ cron: 'often', cmd: 'ls' })).toBe('refuse');
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
      const cmd = ['shipit', 'status', ...before, hostile, ...after].join(' ');
      expect(judge(shell(cmd), GATE).verdict).not.toBe('allow');
    }),
    { numRuns: 500 },
  );
});

test('an asked command is never allowed by what is appended to it', () => {
  const gate = { allow: ['shipit status *'] };
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (tail) => {
      expect(judge(shell(`rm -rf x ${tail}`), gate).verdict).not.toBe('allow');
      expect(judge(shell(`rm -rf x\n${tail}`), gate).verdict).not.toBe('allow');
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
