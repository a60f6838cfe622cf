import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAssignment, runnerBinaries, tickCommand } from '../../src/runners/command.js';
import { RUNNERS, runnerOf } from '../../src/runners/registry.js';
import type { Runner } from '../../src/runners/runner.js';

const AT = { promptFile: '/x', schemaFile: '/s.json' };

test.each([
  ['claude -p --verbose', ['claude']],
  ['FOO=1 BAR="a b" claude -p', ['claude']],
  ['env -i PATH=/bin claude', ['claude']],
  ['OPENCODE_PERMISSION=\'{"edit":"deny"}\' opencode run', ['opencode']],
  ['"/opt/my tools/pi" -p', ['/opt/my tools/pi']],
  ["'codex' exec", ['codex']],
  ['./run.sh {{prompt_file}}', ['./run.sh']],
  ['codex;', ['codex']],
  ['$RUNNER -p', []],
  ['9X=1 claude', ['9X=1']],
  ['cl\\aude -p', []],
  ['"claude -p', []],
  ['cl"au"de -p', []],
  ['"" -p', []],
  ['cd x && claude', []],
  ['if true; then claude; fi', []],
  ['(claude -p)', []],
  ['~/bin/claude', []],
  ['', []],
])('%j starts %j', (command, expected) => {
  expect(runnerBinaries(command)).toEqual(expected);
});

test('a name of an assignment does not begin with a digit', () => {
  expect(['FOO=1', '_x=', '9X=1', 'a-b=1', '=1'].map(isAssignment)).toEqual([true, true, false, false, false]);
});

test('every preset names a program that can be looked for, decides by stdin and works by file', () => {
  for (const runner of Object.values(RUNNERS)) {
    if (!runner.tick || !runner.worker) continue;
    expect(runnerBinaries(runner.tick)).toEqual([runner.name]);
    expect(runnerBinaries(runner.worker)).toEqual([runner.name]);
    expect(tickCommand(runner, {}, AT).takesStdin).toBe(true);
    expect(runner.worker).toContain('{{prompt_file}}');
  }
});

test.each([
  'bare {{prompt_file}}',
  "'{{prompt_file}}'",
  '"{{prompt_file}}"',
  '{{prompt_file}} {{prompt_file}}',
  '"$(cat {{prompt_file}})"',
])('%s reaches the program whole, whatever the path holds', (form) => {
  const dir = mkdtempSync(join(tmpdir(), 'tend "q" $HOME \'s\' '));
  const file = join(dir, 'p r.md');
  writeFileSync(file, 'BODY');
  const { shell, takesStdin } = tickCommand(
    RUNNERS.custom,
    { tick_command: `printf '%s|' ${form}` },
    { ...AT, promptFile: file },
  );
  expect(takesStdin).toBe(false);
  expect(execFileSync('bash', ['-c', shell], { encoding: 'utf8' })).toContain(
    form.includes('cat') ? 'BODY|' : `${file}|`,
  );
  rmSync(dir, { recursive: true, force: true });
});

test('model and thinking come from the config, then from the preset; a missing one is an error', () => {
  expect(tickCommand(RUNNERS.claude, {}, AT).shell).toContain('--model sonnet');
  expect(tickCommand(RUNNERS.claude, { model: "o'pus" }, AT).shell).toContain(`--model 'o'\\''pus'`);
  expect(tickCommand(RUNNERS.pi, { thinking: '' }, AT).shell).toContain('--thinking low');
  expect(() => tickCommand(RUNNERS.custom, { tick_command: 'x {{thinking}}' }, AT)).toThrow(/no "thinking"/);
});

test('an unnamed runner is custom when there is a command, and rules alone when there is none', () => {
  expect(runnerOf({ tick_command: 'x' }).name).toBe('custom');
  expect(runnerOf({}).name).toBe('embedded');
  expect(runnerOf({ runner: 'pi', tick_command: 'x' }).name).toBe('pi');
  expect(() => runnerOf({ runner: 'none' })).toThrow(/Cannot use runner "none" of the config: .*claude, codex/);
});

test.each<
  [
    string,
    Runner,
    Parameters<typeof tickCommand>[1],
    Partial<Parameters<typeof tickCommand>[2]>,
    string | RegExp,
    boolean,
  ]
>([
  ['codex is held to one by itself', RUNNERS.codex, {}, {}, / --output-schema \/s\.json -$/, true],
  ['claude is not', RUNNERS.claude, {}, {}, /--model sonnet $/, false],
  ['off', RUNNERS.codex, { answer_schema: 'off' }, {}, / {2}-$/, false],
  ['on', RUNNERS.claude, { answer_schema: 'on' }, {}, /--json-schema '\{"type":"object",.*\}'$/, false],
  ['after a refusal', RUNNERS.codex, {}, { withoutSchema: true }, / {2}-$/, false],
  [
    'a template that asks for the file has it',
    RUNNERS.custom,
    { tick_command: 'x {{schema_file}}' },
    {},
    'x /s.json',
    false,
  ],
  [
    'and after a refusal too',
    RUNNERS.custom,
    { tick_command: 'x {{schema_file}}' },
    { withoutSchema: true },
    'x /s.json',
    false,
  ],
  ['a template of before', RUNNERS.codex, { tick_command: 'codex exec -' }, {}, 'codex exec -', false],
])('a schema of the answer: %s', (_name, runner, config, terms, shell, isOptional) => {
  const command = tickCommand(runner, config, { ...AT, ...terms });
  expect(command.shell).toMatch(shell);
  expect(command.isSchemaOptional).toBe(isOptional);
  expect(command.schemaFile !== undefined).toBe(command.shell.includes('/s.json'));
  if (command.schemaFile !== undefined) expect(JSON.parse(command.schemaFile)).toMatchObject({ type: 'object' });
});

test.each<[string, Runner, Parameters<typeof tickCommand>[1], RegExp]>([
  ['there is no place for it', RUNNERS.codex, { tick_command: 'codex exec -' }, /"on" and its command has none of/],
  ['the runner takes none', RUNNERS.pi, { tick_command: 'pi {{answer_schema}}' }, /"pi" brings no words/],
])('a schema that is asked for and cannot be had is an error: %s', (_name, runner, config, words) => {
  expect(() => tickCommand(runner, { ...config, answer_schema: 'on' }, AT)).toThrow(words);
});
