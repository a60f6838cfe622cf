// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are shell, not templates.
/** What must hold for any command at all, the second opinion being a real bash. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Arg } from '../../src/policy/gate/arg.js';
import { objectionToText } from '../../src/policy/gate/judge-text.js';
import { judgeShell } from '../../src/policy/gate.js';
import { ASKED, HARMLESS, NOT_ALLOWED, REFUSED } from './gate-table.js';

const RUNS = Number(process.env['GATE_FUZZ'] ?? 400);
/** Time that this process has worked: a busy machine must not make a hang of a wait. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const oneLine = (cmd: string): boolean => !/[\n\0]/.test(cmd) && /^\s*[^#\s]/.test(cmd) && cmd.length < 200;
/** Open quotes, comments and the like swallow what follows: those are for the fuzz below. */
const parses = (cmd: string): boolean => spawnSync('bash', ['-n', '-c', cmd]).status === 0;
const HARMFUL = [...ASKED, ...NOT_ALLOWED, ...REFUSED].filter((cmd) => oneLine(cmd) && parses(cmd));

const harmful = fc.constantFrom(...HARMFUL);
const harmless = fc.constantFrom(...HARMLESS.filter(oneLine));

/** Every way to put something around a command that still runs it. */
const AROUND: readonly ((bad: string, good: string) => string)[] = [
  (bad, good) => `${good.replace(/\s+#.*$/, '')}; ${bad}`,
  (bad, good) => `${good.replace(/\s+#.*$/, '')} && ${bad}`,
  (bad, good) => `${good.replace(/\s+#.*$/, '')} || ${bad}`,
  (bad, good) => `${good.replace(/\s+#.*$/, '')} | ${bad}`,
  (bad, good) => `${good}\n${bad}`,
  (bad, good) => `${bad}\n${good}`,
  (bad) => `${bad} # only looks`,
  (bad) => `# only looks\n${bad}`,
  (bad) => `  ${bad}  `,
  (bad) => `( ${bad}\n)`,
  (bad) => `{ ${bad}\n}`,
  (bad) => `! ${bad}`,
  (bad) => `if true; then ${bad}\nfi`,
  (bad) => `for x in 1 2; do ${bad}\ndone`,
  (bad) => `while true; do ${bad}\ndone`,
  (bad) => `echo "$( ${bad}\n)"`,
  (bad) => `cat <( ${bad}\n)`,
  (bad) => `f() { ${bad}\n}; f`,
  (bad) => `sh -c ${quote(bad)}`,
  (bad) => `bash -c ${quote(bad)}`,
  (bad) => `sh -c ${quote(`bash -c ${quote(bad)}`)}`,
  (bad) => `eval ${quote(bad)}`,
  (bad) => `watch ${quote(bad)}`,
  (bad) => `ssh host ${quote(bad)}`,
  (bad) => `sudo sh -c ${quote(bad)}`,
  (bad) => `nohup sh -c ${quote(bad)}`,
  (bad) => `timeout 5 bash -c ${quote(bad)}`,
  (bad) => `env LC_ALL=C sh -c ${quote(bad)}`,
  (bad) => `find . -exec sh -c ${quote(bad)} \\;`,
  (bad) => `xargs sh -c ${quote(bad)}`,
  (bad) => `echo ${quote(bad)} | sh`,
  (bad) => `PAGER=cat bash -c ${quote(bad)}`,
  (bad, good) => `${bad}\n${good.replace(/\s+#.*$/, '')} | cat`,
  (bad) => `x=1\n${bad}`,
  (bad) => `x=$( ${bad}\n); ls`,
  (bad) => `[ -f x ] && ${bad}`,
  (bad) => `case x in x) ${bad}\n;; esac`,
  (bad) => `while IFS=, read -r line; do ${bad}\ndone < list`,
  (bad) => `for x in "$( ${bad}\n)"; do ls; done`,
  (bad) => `cat <<E\n$( ${bad}\n)\nE`,
  (bad) => `ls "\${x:-$( ${bad}\n)}"`,
  (bad) => `coproc { ${bad}\n}`,
  (bad) => `trap ${quote(bad)} EXIT`,
  (bad) => `sudo -u postgres sh -c ${quote(bad)}`,
  (bad) => `ssh -p 22 -o ConnectTimeout=5 me@host ${quote(bad)}`,
  (bad) => `ssh host sh -c ${quote(bad)}`,
  (bad) => `docker exec web sh -c ${quote(bad)}`,
  (bad) => `kubectl exec web -- sh -c ${quote(bad)}`,
  (bad) => `xargs -a list sh -c ${quote(bad)}`,
  (bad) => `nice -n 5 stdbuf -oL time bash -c ${quote(bad)}`,
  (bad) => `git -c ${quote(`alias.x=!${bad}`)} x`,
];

test('no prefix, suffix, wrapper or substitution turns an asked command into an allowed one', () => {
  fc.assert(
    fc.property(
      harmful,
      harmless,
      fc.array(fc.nat(AROUND.length - 1), { minLength: 1, maxLength: 3 }),
      (bad, good, ways) => {
        const cmd = ways.reduce((inner, way) => AROUND[way]!(inner, good), bad);
        expect({ cmd, verdict: judgeShell(cmd).verdict }).not.toEqual({ cmd, verdict: 'allow' });
      },
    ),
    { numRuns: RUNS * 5 },
  );
});

test('each way around each command, once', () => {
  const allowed: string[] = [];
  for (const bad of HARMFUL)
    for (const around of AROUND) {
      const cmd = around(bad, 'ls -la');
      if (judgeShell(cmd).verdict === 'allow') allowed.push(cmd);
    }
  expect(allowed).toEqual([]);
});

test('a refused command stays refused behind any other', () => {
  fc.assert(
    fc.property(fc.constantFrom(...REFUSED.filter((cmd) => oneLine(cmd) && parses(cmd))), harmless, (bad, good) => {
      for (const cmd of [`${good}\n${bad}`, `${bad}\n${good}`, `sudo sh -c ${quote(bad)}`, `echo "$( ${bad}\n)"`])
        expect({ cmd, verdict: judgeShell(cmd).verdict }).toEqual({ cmd, verdict: 'refuse' });
    }),
    { numRuns: RUNS },
  );
});

let stage = '';
beforeAll(() => {
  stage = mkdtempSync(join(tmpdir(), 'tend-gate-'));
  mkdirSync(join(stage, 'bin'));
  mkdirSync(join(stage, 'work'));
  // Every program is this one: it writes down what it was given, and does nothing.
  const wire = join(stage, 'wire');
  // A file a process: the programs of a pipeline run at the same time.
  writeFileSync(wire, `#!/bin/bash\nprintf '%s\\0' "\${0##*/}" "$@" > ${stage}/log/$$\n`);
  chmodSync(wire, 0o755);
  for (const name of PROGRAMS) symlinkSync(wire, join(stage, 'bin', name));
});
afterAll(() => rmSync(stage, { recursive: true, force: true }));

const PROGRAMS =
  'ls cat git grep rm sort sh bash find xargs env head wc tee sed awk uniq curl date cp touch python3 kubectl'.split(
    ' ',
  );

interface Seen {
  ran: string[][];
  left: string[];
}

/** Runs a text where every program is a tripwire. */
function runWired(text: string): Seen {
  const log = join(stage, 'log');
  const work = join(stage, 'work');
  rmSync(log, { recursive: true, force: true });
  mkdirSync(log);
  const env = { PATH: join(stage, 'bin'), HOME: '/home/x' };
  const ended = spawnSync('/bin/bash', ['-c', text], { cwd: work, env, timeout: 10_000, input: '' });
  expect({ text, error: ended.error }).toEqual({ text, error: undefined });
  const ran = readdirSync(log).map((name) => readFileSync(join(log, name), 'utf8').split('\0').slice(0, -1));
  const left = readdirSync(work);
  for (const name of left) rmSync(join(work, name), { recursive: true, force: true });
  return { ran, left };
}

/** True when these words could be what the judged words became. */
function covers(args: readonly Arg[], words: readonly string[]): boolean {
  if (args.every((arg) => arg.fixed)) return JSON.stringify(args.map((arg) => arg.value)) === JSON.stringify(words);
  // Loose words may become none or several; each begins with what is certain of one of them.
  return (
    args[0]!.value === words[0] &&
    words
      .slice(1)
      .every((word) => args.some((arg) => (arg.fixed ? arg.value === word : arg.splits || word.startsWith(arg.prefix))))
  );
}

const PIECES = [
  ...PROGRAMS,
  ...[
    'rm x',
    'ls -la',
    'git log',
    'git status',
    'cat a',
    'sort',
    'echo',
    'true',
    'cd',
    'sh -c',
    "'ls'",
    "'rm x'",
    'xargs',
    '-exec',
  ],
  ...[' ', ' ', ' ', ' ', '\n', '\t', ';', '&&', '||', '|', '&', '|&', '(', ')', '{ ', '; }', '! ', 'time '],
  ...['>', '>>', '<', '2>&1', '>/dev/null', '2>/dev/null', '&>x', '>x', '<<<', '<<E\n', '\nE\n', '<(', '>('],
  ...['"', "'", '\\', '$', '`', '$(', '${', '}', '$((', '))', "$'", '$"', '#', ' # ', '\\\n', '\r'],
  ...[
    '*',
    '?',
    '[a]',
    '{a,b}',
    '{1..3}',
    '{rm,x}',
    '~',
    '!',
    '=',
    'X=1 ',
    'PATH=. ',
    'LC_ALL=C ',
    '$X',
    '"$HOME"',
    '$@',
    '$?',
  ],
  ...[
    'if ',
    'then ',
    'fi',
    'for f in a b',
    '; do ',
    '; done',
    'while ',
    'case ',
    ' in ',
    'esac',
    'f()',
    'function ',
    '[[ ',
    ' ]]',
    '-a ',
    '-o ',
    '-- ',
    '--output=x',
    '-f',
    'eval ',
    '. ',
    'exec ',
    'command ',
  ],
];
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));
/** Commands that are allowed, with pieces changed: closer to the border than soup. */
const changed = fc
  .tuple(
    fc.constantFrom(
      'ls -la | sort',
      'git log --oneline | head -5',
      'for f in a b; do wc -l "$f"; done',
      'if ls; then cat a; fi',
      "sh -c 'ls; cat a'",
      'cat a && (ls; date)',
      'grep "a b" x 2>/dev/null || echo no',
      'ls | while read -r f; do cat "$f"; done',
      'find . -name "*.c" -exec grep x {} \\;',
    ),
    fc.nat(60),
    fc.nat(6),
    fc.constantFrom(...PIECES),
  )
  .map(([base, at, cut, piece]) => base.slice(0, at) + piece + base.slice(at + cut));

test('no text crashes or hangs the gate', () => {
  fc.assert(
    fc.property(fc.oneof(soup, changed, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
      const begun = cpuMs();
      expect(['allow', 'ask', 'refuse']).toContain(judgeShell(text).verdict);
      // A hang is the failure; a second is many times what the longest command takes.
      expect(cpuMs() - begun).toBeLessThan(1_000);
    }),
    { numRuns: RUNS * 10 },
  );
});

test.each([
  ['deep substitutions', '$('.repeat(10_000)],
  ['deep quotes', `${'"$('.repeat(5_000)}`],
  ['a long list', 'ls;'.repeat(10_000)],
  ['a long pipeline', `ls${'|ls'.repeat(9_000)}`],
  ['many braces', `echo ${'{a,b}'.repeat(5_000)}`],
  ['many loops', `${'for x in a b c d e f g h; do '.repeat(30)}ls${'; done'.repeat(30)}`],
  ['a wrapper of wrappers', `${'env '.repeat(7_000)}ls`],
  ['a shell in a shell', `${'sh -c "'.repeat(4_000)}`],
  ['many words', `ls ${'a '.repeat(14_000)}`],
  ['many stars', `cat ${'*a'.repeat(14_000)}`],
  ['one long word', `cat ${'a'.repeat(29_000)}`],
  ['backslashes', '\\'.repeat(29_999)],
  ['a long sed script', `sed '${'s/a/b/;'.repeat(4_000)}'`],
  ['a long awk program', `awk '${'{print}'.repeat(4_000)}'`],
  ['a long query', `psql -c "select ${'a,'.repeat(14_000)}a"`],
  ['open quotes in a query', `psql -c "select ${"'".repeat(14_000)}"`],
  ['unicode', '\u{1f600}'.repeat(14_000)],
])('the largest command of a kind is judged in time: %s', (_, text) => {
  const begun = cpuMs();
  judgeShell(text);
  expect(cpuMs() - begun).toBeLessThan(5_000);
});

test('what is allowed runs exactly the words that were judged, and leaves nothing behind', () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.oneof(soup, changed, changed), (text) => {
      const judged: Arg[][] = [];
      if (
        objectionToText(text, (args) => judged.push([...args])) !== undefined ||
        /yes|sleep|while true|until false/.test(text)
      )
        return;
      const { ran, left } = runWired(text);
      expect({ text, left }).toEqual({ text, left: [] });
      for (const words of ran)
        expect({ text, words, isJudged: judged.some((args) => covers(args, words)) }).toEqual({
          text,
          words,
          isJudged: true,
        });
      compared += 1;
    }),
    { numRuns: RUNS * 5 },
  );
  expect(compared).toBeGreaterThan(RUNS / 20);
});

test('the second opinion sees: a tripwire that nobody judged is noticed', () => {
  const judged: Arg[][] = [];
  objectionToText('ls -la', (args) => judged.push([...args]));
  const { ran, left } = runWired('ls -la; rm x > y');
  expect(ran.map((words) => judged.some((args) => covers(args, words)))).toEqual([true, false]);
  expect(left).toEqual(['y']);
});
