/** The surface as a whole, over every verb there is: what no test of one verb can promise. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VERBS } from '../../src/verbs.js';
import { parseLine } from '../clients/cli/parse-line.js';
import { makeProfile, type Profile } from '../contract/tend-process.js';

let tend: Profile;
beforeEach(() => {
  tend = makeProfile();
});
afterEach(() => tend.remove());

const visible = Object.keys(VERBS).filter((words) => !words.startsWith('__'));

/** One process per verb, a few at a time. */
async function overAllVerbs(
  flag: string,
): Promise<Map<string, { code: number | null; stdout: string; stderr: string }>> {
  const ended = new Map<string, { code: number | null; stdout: string; stderr: string }>();
  const left = [...visible];
  const lane = async (): Promise<void> => {
    for (let words = left.pop(); words !== undefined; words = left.pop())
      ended.set(words, await tend.tend([...words.split(' '), flag], { input: 'a body that must not be saved' }));
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return ended;
}

test('--help of every verb prints its usage, ends with 0, and leaves no trace', async () => {
  for (const [words, { code, stdout, stderr }] of await overAllVerbs('--help')) {
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    expect(stdout).toContain(`tend ${words}`);
  }
  expect(existsSync(tend.root)).toBe(false);
});

test('an unknown flag of any verb ends with 2, says the flag, prints nothing to stdout, and leaves no trace', async () => {
  for (const [words, { code, stdout, stderr }] of await overAllVerbs('--no-such-flag')) {
    const { exitStyle, exits } = (await VERBS[words]!()).verb;
    const isOfLoops = exitStyle === 'loops';
    expect({ words, code, stdout }).toEqual({ words, code: isOfLoops && !exits?.[2] ? 1 : 2, stdout: '' });
    expect(stderr).toContain('"--no-such-flag"');
    expect(stderr.match(isOfLoops ? /^error: /gm : /^tend: /gm), words).toHaveLength(1);
  }
  expect(existsSync(tend.root)).toBe(false);
});

test('both spellings are one verb: `_` in front changes nothing', async () => {
  for (const argv of [['goal', 'list'], ['asks', '--json'], ['no-such-verb'], ['state', '--zzz']])
    expect(await tend.tend(['_', ...argv])).toEqual(await tend.tend(argv));
});

test('a body is its words joined by spaces, and a hyphen among others is text; a heredoc comes whole', async () => {
  const goal = (id: string): string => readFileSync(join(tend.root, `goals/${id}.md`), 'utf8');
  await tend.tend(['goal', 'write', 'words', 'a', '-', 'b']);
  expect(goal('words')).toBe('a - b\n');
  for (const [id, argv] of [
    ['bare', []],
    ['hyphen', ['-']],
  ] as const) {
    await tend.tend(['goal', 'write', id, ...argv], { input: '# Title\n\n- one\n- two\n' });
    expect(goal(id)).toBe('# Title\n\n- one\n- two\n');
  }
  await tend.tend(['goal', 'write', 'flags', '--', '--journal', 'is', 'text']);
  expect(goal('flags')).toBe('--journal is text\n');
});

test('the flags of a verb with a body count before it, in it and behind it, and never leak into it', async () => {
  let looked = 0;
  for (const words of visible) {
    const { verb } = await VERBS[words]!();
    if (verb.rest?.kind !== 'text' || verb.rest.verbatim) continue;
    const args = (verb.args ?? []).map((at) => at.choices?.[0] ?? 'name');
    for (const [name, flag] of Object.entries(verb.flags ?? {})) {
      const value = { boolean: [], string: ['v'], strings: ['v'], count: ['7'], duration: ['7'], milliseconds: ['7'] }[
        flag.type
      ];
      const typed = [`--${name}`, ...(flag.choices ? [flag.choices[0]!] : value)];
      const lines = [
        [...typed, ...args, 'one', 'two'],
        [...args, 'one', ...typed, 'two'],
        [...args, 'one', 'two', ...typed],
      ].map((argv) => parseLine(verb, argv));
      for (const line of lines) {
        expect(line.words, `${words} --${name}`).toEqual(['one', 'two']);
        expect(line.flags[name], `${words} --${name}`).toEqual(lines[0]!.flags[name]);
        expect(line.flags[name]).toBeDefined();
      }
      looked += 1;
    }
  }
  expect(looked).toBeGreaterThan(10);
});

test.each([
  ['a detached ask', ['ask', 'web', '--prompt', 'q', '--detach']],
  ['a worker resumed from an ask', ['worker', 'start', 'web', '--resume', 'web-1', 'go']],
])('a flag that older tools had is not taken in silence: %s', async (_, argv) => {
  expect(await tend.tend(argv)).toMatchObject({ code: 2, stdout: '' });
  expect(existsSync(tend.root)).toBe(false);
});

test('the words by which tend starts its own processes are words like any others behind a verb', async () => {
  for (const words of [
    ['echo', '__worker', '--detached-id', 'x'],
    ['echo', '__pulse'],
    ['echo', '__shell', '--run-dir', '/tmp'],
  ])
    expect(await tend.tend(['run', ...words])).toMatchObject({ code: 0, stdout: `run-shell · ${words.join(' ')}\n` });
  expect(readdirSync(tend.root)).not.toContain('workers');
});

test('only what launches the runner asks for its program; everything else works on a machine without it', async () => {
  await tend.tend(['init', '--runner', 'embedded', '--yes']);
  const config = { runner: 'custom', tick_command: 'no-such-brain', worker_command: 'no-such-hand {{prompt_file}}' };
  writeFileSync(join(tend.root, 'config.json'), JSON.stringify(config));
  for (const argv of [['up'], ['worker', 'start', 'web', 'go']])
    expect(await tend.tend(argv)).toMatchObject({ code: 3, stderr: expect.stringContaining('not on PATH') });
  for (const argv of [
    ['state'],
    ['status'],
    ['asks'],
    ['wait', '--timeout', '0'],
    ['answer', 'setup-1', 'later'],
    ['goal', 'write', 'x', 'y'],
    ['sensor', 'list'],
    ['sensor', 'test', 'today'],
    ['schedule', 'write', 's', '--in', '60'],
    ['run', 'true'],
    ['journal'],
    ['history'],
    ['worker', 'list'],
    ['claim', 'repo', '--session', 'me'],
    ['init', '--yes'],
    ['down'],
  ])
    expect((await tend.tend(argv)).stderr, argv.join(' ')).not.toContain('not on PATH');
});

test('usage errors end with 2, refusals with 1, help and version with 0', async () => {
  const code = async (...argv: string[]) => (await tend.tend(argv)).code;
  expect(await code('no-such-verb')).toBe(2);
  expect(await code('goal', 'write')).toBe(2);
  expect(await code('schedule', 'write', 'x', '--every', '59')).toBe(2);
  expect(await code('answer', 'nobody-1', 'yes')).toBe(1);
  expect(await code('up')).toBe(1);
  expect(await code('help')).toBe(0);
  expect(await code('help', 'worker', 'start')).toBe(0);
  expect((await tend.tend(['version'])).stdout).toMatch(/^tend \d+\.\d+\.\d+\n$/);
  const bare = await tend.tend([]);
  expect(bare).toMatchObject({ code: 0, stderr: '' });
  expect(bare.stdout.length).toBeLessThan((await tend.tend(['help'])).stdout.length);
});
