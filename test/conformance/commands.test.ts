/**
 * How every runner calls its CLI, in each mode: by real processes, with a stand-in that reads its stdin to the end and says what it was
 * given. A prompt arrives whole, is never taken for options, and no CLI waits for a stdin that stays open.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillTemplate } from '../../src/lib/shell-quote.js';
import { launch } from '../../src/runners/launch.js';
import { RUNNERS } from '../../src/runners/registry.js';
import { MODES, type Runner } from '../../src/runners/runner.js';
import { openHouse, until } from '../e2e/house.js';

const STAND_IN = new URL('../fakes/runners/record-call.sh', import.meta.url).pathname;
const shaOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const NOTHING = shaOf('');

/** The first begins like an option, the second is longer than any argument may be. */
const PROMPTS: Readonly<Record<string, string>> = {
  'that begins with a dash': `--help -n "$HOME" '\\n' \`id\`\n-- no option\u2028\u{1F600}\n`,
  'of a mebibyte': `-${'All of this "matters" & more. '.repeat(36_000)}\n`,
};

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-calls-'));
  mkdirSync(join(dir, 'bin'));
  for (const { program } of Object.values<Runner>(RUNNERS))
    if (program) copyFileSync(STAND_IN, join(dir, 'bin', program.name));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const calls = Object.values<Runner>(RUNNERS).flatMap((runner) =>
  Object.entries(MODES).flatMap(([mode, key]) => {
    const template = runner[key];
    return template === undefined ? [] : [{ name: runner.name, mode, template }];
  }),
);

describe.each(Object.entries(PROMPTS))('a prompt %s', (_, prompt) => {
  test.each(calls)('$name, $mode', async ({ mode, template }) => {
    const file = join(dir, 'prompt.md');
    const record = join(dir, 'record');
    rmSync(record, { force: true });
    writeFileSync(file, prompt);
    const shell = fillTemplate(template, { prompt_file: file, model: 'm', thinking: 'low', session: 's-1' });
    const { end, exitCode } = await launch({
      shell,
      cwd: dir,
      env: { PATH: `${join(dir, 'bin')}:/usr/bin:/bin`, RECORD: record, SAYS: '', TEND_MARK: 'calls' },
      ...(template.includes('{{prompt_file}}') ? {} : { input: prompt }),
      timeoutS: 30,
    });
    expect({ end, exitCode }).toEqual({ end: 'exited', exitCode: 0 });
    const [sum, ...argv] = readFileSync(record, 'utf8').split('\0').slice(0, -1);
    if (sum !== NOTHING) {
      // On stdin it is verbatim, and nothing of it is anywhere else.
      expect(sum).toBe(shaOf(prompt));
      expect(argv.filter((word) => word.includes(prompt.slice(0, 20)))).toEqual([]);
      return;
    }
    // The screens of two CLIs take it in argv alone, behind what ends their options.
    expect(['worker', 'resume']).toContain(mode);
    expect(argv.at(-2)).toBe('--');
    expect(argv.at(-1)).toBe(
      prompt.length < 130_000 ? prompt.trimEnd() : `Your task stands in the file ${file}: read all of it and do it.`,
    );
  });
});

test('a decision of the built program with a prompt of a mebibyte: the CLI gets on its stdin what the ledger keeps', async () => {
  const house = openHouse({ env: { TEND_PROMPT_MAX_BYTES: '0' } });
  try {
    const record = join(house.base, 'record');
    const move = JSON.stringify({ action: 'ask_human', prompt: 'Green or black?' });
    Object.assign(house.env, {
      PATH: `${join(dir, 'bin')}:${house.env['PATH']}`,
      RECORD: record,
      SAYS: JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: move }),
    });
    await house.must(['init', '--runner', 'claude', '--yes']);
    for (let n = 0; n < 140; n++) house.write(`goals/g${n}.md`, `# Goal ${n}\n${'- more to do\n'.repeat(620)}`);
    await house.up();
    await until('the question', async () => (await house.asks()).some((ask) => ask.prompt === 'Green or black?'));
    await house.must(['down']);
    const runs = readdirSync(join(house.root, 'runs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('/prompt.md'))
      .map((name) => `runs/${name}`);
    expect(runs.length).toBeGreaterThan(0);
    const kept = runs.map((key) => house.text(key)).filter((text) => text.length > 1 << 20);
    expect(kept.length).toBeGreaterThan(0);
    expect(existsSync(record)).toBe(true);
    expect(runs.map((key) => shaOf(house.text(key)))).toContain(readFileSync(record, 'utf8').split('\0')[0]);
  } finally {
    await house.close();
  }
});
