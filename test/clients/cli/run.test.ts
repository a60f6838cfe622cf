import { expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../../src/clients/cli/body.js';
import { errorText } from '../../../src/clients/cli/print.js';
import { runCli } from '../../../src/clients/cli/run.js';
import { badInput, TendError } from '../../../src/model/error.js';
import { SAMPLE, sampleWorld } from './sample-verbs.js';

async function cli(argv: string[], over: Parameters<typeof sampleWorld>[0] = {}) {
  const { world, seen } = sampleWorld(over);
  const exit = await runCli(argv, world).catch((error: unknown) => {
    const said = errorText(error);
    seen.err += said.text;
    return said.exit;
  });
  return { ...seen, exit };
}
const input = (out: string) => JSON.parse(out) as { args: object; flags: object; words: string[]; body?: string };

test('a verb runs under both spellings, and --json paints its JSON', async () => {
  const plain = await cli(['claim', 'repo', '--json']);
  expect(plain).toEqual(await cli(['_', 'claim', 'repo', '--json']));
  expect(plain.out.split('\n')[0]).toBe('{');
  expect(input(plain.out).args).toEqual({ name: 'repo' });
});

test('the longest match of words is the verb, and the old short words still work', async () => {
  expect(input((await cli(['w', 'ls', '--all'])).out).flags).toMatchObject({ all: true });
  expect(input((await cli(['goal', 'w', 'g', 'x'])).out).body).toBe('x');
});

test('a body of no words or a lone hyphen is all of stdin, trimmed at its end', async () => {
  for (const dash of [[], ['-']])
    expect(input((await cli(['goal', 'write', 'g', ...dash], { stdinText: ' a\n\nb \n\n' })).out).body).toBe(' a\n\nb');
  expect(input((await cli(['goal', 'write', 'g', 'a', '-', 'b'])).out).body).toBe('a - b');
});

test('an optional body is not awaited from a terminal, a required one is, with a note', async () => {
  const tty = { in: true, out: true };
  expect(input((await cli(['note'], { tty, stdinText: 'x' })).out)).not.toHaveProperty('body');
  const typed = await cli(['goal', 'write', 'g'], { tty, stdinText: 'x\n' });
  expect(input(typed.out).body).toBe('x');
  expect(typed.err).toContain('Ctrl-D');
});

test('an empty, huge or binary body is an input error', async () => {
  expect(await cli(['goal', 'write', 'g'], { stdinText: ' \n' })).toMatchObject({
    exit: 2,
    out: '',
    err: expect.stringMatching(/body is empty/),
  });
  let chunks = 0;
  const huge = async function* () {
    for (; ; chunks += 1) yield Buffer.alloc(1 << 18, 'x');
  };
  expect(await cli(['goal', 'write', 'g'], { stdin: huge() })).toMatchObject({
    exit: 2,
    err: expect.stringContaining(`${BODY_BYTES_MAX}`),
  });
  expect(chunks, 'it reads no further than the limit').toBeLessThanOrEqual(BODY_BYTES_MAX / (1 << 18));
  const binary = async function* () {
    yield Buffer.from([0xff, 0xfe]);
  };
  expect(await cli(['goal', 'write', 'g'], { stdin: binary() })).toMatchObject({
    exit: 2,
    err: expect.stringMatching(/UTF-8/),
  });
});

test('Ctrl-C while stdin is read ends the verb', async () => {
  const controller = new AbortController();
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const running = cli(['goal', 'write', 'g'], { stdin: silent, signal: controller.signal });
  controller.abort();
  expect((await running).exit).toBe(130);
});

test("a human's verb is refused inside a session, and below one that unset its variable", async () => {
  const inside = await cli(['goal', 'write', 'g', 'x'], { sessionId: 'api' });
  expect(inside).toMatchObject({ exit: 1, out: '' });
  expect(inside.err).toMatch(/session "api": only a human.*\n {2}try: tend ask/);
  const below = await cli(['goal', 'write', 'g', 'x'], { ancestorSession: async () => 'decider' });
  expect(below).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('session "decider"') });
  expect(await cli(['claim', 'repo'], { sessionId: 'api' })).toMatchObject({ exit: 0 });
  expect(await cli(['goal', 'write', '--help'], { sessionId: 'api' })).toMatchObject({ exit: 0 });
});

test('an unknown verb names the nearest and ends with 2', async () => {
  expect(await cli(['clam', 'x'])).toMatchObject({
    exit: 2,
    out: '',
    err: expect.stringMatching(/did you mean "tend claim"\n {2}try: tend help claim/),
  });
  expect(await cli(['goal'])).toMatchObject({ exit: 2, err: expect.stringMatching(/wanted one of write, archive/) });
  expect(await cli(['goal', 'wrote', 'x'])).toMatchObject({
    exit: 2,
    err: expect.stringMatching(/"wrote" is unknown, did you mean "tend goal write"\n {2}try: tend help goal write/),
  });
  expect(await cli(['goal', 'paint', 'x'])).toMatchObject({
    exit: 2,
    err: expect.stringMatching(/"paint" is unknown, wanted one of write, archive/),
  });
  expect(await cli(['--json'])).toMatchObject({ exit: 2 });
});

test('help never runs a verb and needs no data dir', async () => {
  const open = () => {
    throw new Error('opened');
  };
  for (const argv of [
    ['claim', '--help'],
    ['_', 'claim', '-h'],
    ['help', 'claim'],
    ['help', '_', 'claim'],
  ]) {
    const { out, err, exit } = await cli(argv, { open });
    expect({ err, exit }).toEqual({ err: '', exit: 0 });
    expect(out).toMatch(/^Usage\n {2}tend claim NAME \[--session TEXT\] \[--json\]/);
  }
  expect((await cli(['goal', '--help'], { open })).out).toContain('tend goal archive ID');
  const profile = () => {
    throw new TendError('input', 'Cannot find a data dir', { code: 'no-home' });
  };
  expect(await cli(['help'], { open, profile })).toMatchObject({
    exit: 0,
    out: expect.stringContaining('Cannot find a data dir'),
  });
});

test('a topic that does not exist lists the topics on stderr, whatever it looks like', async () => {
  for (const topic of ['nope', '--nope', '-'])
    expect(await cli(['help', topic])).toMatchObject({
      exit: 2,
      out: '',
      err: expect.stringMatching(/wanted one of claim, goal write/),
    });
});

test('version has three spellings', async () => {
  for (const word of ['version', '--version', '-V'])
    expect(await cli([word])).toEqual({ exit: 0, out: 'tend 1.2.3\n', err: '' });
});

test('early output comes before the answer, warnings go to stderr', async () => {
  const loud = async () => ({
    verb: {
      path: ['loud'],
      group: 'other' as const,
      about: 'x',
      run: async (_: unknown, context: { warn(t: string): void; print(t: string): void }) => {
        context.warn('two\nlines');
        context.print('one');
        context.print('two\n');
        return { text: 'end', exit: 7 };
      },
    },
  });
  expect(await cli(['loud'], { registry: { ...SAMPLE, loud } })).toEqual({
    exit: 7,
    out: 'one\ntwo\nend\n',
    err: 'tend: warning: two lines\n',
  });
});

test('an error is one line with its causes and one prefix, then the hint; a bug shows its stack', () => {
  const error = new TendError('environment', 'tend: Cannot write "x"', {
    code: 'disk',
    hint: 'df -h',
    cause: new Error('no space\nleft', { cause: new Error('ENOSPC') }),
  });
  expect(errorText(error)).toEqual({ text: 'tend: Cannot write "x": no space left: ENOSPC\n  try: df -h\n', exit: 3 });
  expect(errorText(badInput('Cannot')).exit).toBe(2);
  const bug = errorText(new TypeError('x is undefined', { cause: new Error('deep') }));
  expect(bug).toMatchObject({
    exit: 70,
    text: expect.stringMatching(/TypeError: x is undefined\n +at [\s\S]*caused by Error: deep/),
  });
});
