/** How the verbs of the loops family answer and fail, over all of them: what scripts of @hasna/loops rely on. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VERBS } from '../../../src/verbs.js';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
beforeEach(() => {
  tend = makeLoopsCli();
});
afterEach(() => tend.remove());

const FAMILY = Object.keys(VERBS).filter((words) => /^(?:loops|workflows|machines) /.test(words));

test('each verb of the family is of its style, and takes --json as -j [loops 174]', async () => {
  expect(FAMILY.length).toBeGreaterThan(20);
  for (const words of FAMILY) {
    const { verb } = await VERBS[words]!();
    if (words === 'loops next') continue;
    expect(verb.exitStyle, words).toBe('loops');
    expect(verb.flags?.['json']?.alias, words).toBe('j');
  }
});

test('an error leaves stdout empty, ends with 1 and says one line; with -j JSON follows, wherever it stands [loops 174]', async () => {
  for (const words of FAMILY) {
    if (words === 'loops next') continue;
    const argv = words.split(' ');
    const plain = await tend.cli(...argv, '--no-such-flag');
    expect(plain, words).toMatchObject({ exit: 1, out: '' });
    expect(plain.err, words).toMatch(/^error: .*--no-such-flag/);
    const [first, ...others] = argv;
    for (const line of [
      [...argv, '--no-such-flag', '-j'],
      [first!, '-j', ...others, '--no-such-flag'],
      ['--json', ...argv, '--no-such-flag'],
    ]) {
      const said = await tend.cli(...line);
      expect(said, line.join(' ')).toMatchObject({ exit: 1, out: '' });
      const [human, json, ...rest] = said.err.split('\n');
      expect([human?.startsWith('error: '), rest], line.join(' ')).toEqual([true, ['']]);
      expect(JSON.parse(json!)).toEqual({ error: { code: 'USAGE', message: human?.slice('error: '.length) } });
    }
  }
  expect(tend.disk.stat('')).toEqual({ state: 'absent' });
});

test('-j before and after the words of a verb gives the same JSON [loops 174]', async () => {
  const id = await tend.create('x', '--at', '2031-01-01T00:00:00Z');
  const after = await tend.cli('loops', 'show', id, '-j');
  expect(JSON.parse(after.out)).toMatchObject({ id });
  for (const line of [
    ['-j', 'loops', 'show', id],
    ['loops', '--json', 'show', id],
    ['_', 'loops', 'show', '--json', id],
  ])
    expect(await tend.cli(...line), line.join(' ')).toEqual(after);
  expect(await tend.cli('--json', 'goal', 'list')).toEqual(await tend.cli('goal', 'list', '--json'));
});

test('no JSON of the family holds a null: what is absent is left out [loops 174]', async () => {
  await tend.create('x', '--at', '2026-01-01T00:00:00Z');
  await tend.cli('loops', 'tick');
  const lines = [
    ['list'],
    ['show', 'x'],
    ['runs'],
    ['run-now', 'x'],
    ['daemon', 'status'],
    ['daemon', 'stop'],
    ['daemon', 'logs'],
    ['tick'],
  ];
  for (const argv of lines) {
    const said = await tend.cli('loops', ...argv, '-j');
    expect(said.exit, argv.join(' ')).toBe(0);
    expect(JSON.stringify(JSON.parse(said.out)), argv.join(' ')).not.toMatch(/[:[,]null\b/);
    expect(said.out, 'two spaces, a newline at the end').toBe(`${JSON.stringify(JSON.parse(said.out), null, 2)}\n`);
  }
});

test.each([[['loops']], [['loops', 'create']], [['loops', 'daemon']], [['workflows']], [['loops', '-j']]])(
  '%j without a verb: its help on stderr, and 1',
  async (argv) => {
    const said = await tend.cli(...argv);
    expect(said).toMatchObject({ exit: 1, out: '' });
    expect(said.err).toContain(`tend ${argv[0]} `);
  },
);

test('asked for, the help of a group is an answer; a word that is no verb is an error', async () => {
  const help = await tend.cli('loops', '--help');
  expect(help).toMatchObject({ exit: 0, err: '' });
  expect(help.out).toContain('tend loops create command');
  expect(await tend.cli('loops', 'sleep')).toMatchObject({
    exit: 1,
    out: '',
    err: expect.stringMatching(/^error: .*"sleep"/),
  });
  for (const flag of ['-V', '--version'])
    expect(await tend.cli('loops', flag), 'the version alone').toEqual({ exit: 0, out: '0.0.0\n', err: '' });
  expect(await tend.cli('goal', 'sleep'), 'other families keep their own code').toMatchObject({ exit: 2 });
});

test('the short words and the place of the workflows of @hasna/loops are known', async () => {
  const id = await tend.create('x', '--dynamic');
  expect(await tend.cli('loops', 'ls')).toEqual(await tend.cli('loops', 'list'));
  const workflows = await tend.cli('workflows', 'list', '-j');
  for (const argv of [
    ['workflow', 'list', '-j'],
    ['loops', 'workflows', 'ls', '-j'],
    ['loops', 'workflow', 'list', '-j'],
  ])
    expect(await tend.cli(...argv), argv.join(' ')).toEqual(workflows);
  expect((await tend.cli('loops', 'rm', id)).out).toBe('removed\n');
});

test("what creates, changes or starts is the human's; looking is everybody's", async () => {
  const read = [
    'loops list',
    'loops show',
    'loops runs',
    'loops next',
    'loops daemon status',
    'loops daemon logs',
    'machines list',
  ];
  for (const words of FAMILY.filter((key) => key.startsWith('loops ') && !/goal|doctor|backfill|gc/.test(key)))
    expect((await VERBS[words]!()).verb.human === true, words).toBe(!read.includes(words));
});

test('the machines are this one', async () => {
  expect(await tend.json('machines', 'list')).toEqual([{ id: 'local', hostname: expect.any(String), local: true }]);
});
