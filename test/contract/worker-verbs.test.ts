import { execFile } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { VERBS } from '../../src/contract/registry.js';
import type { Context, VerbInput, VerbResult } from '../../src/contract/verb.js';
import { now } from '../../src/host/clock.js';
import { TendError } from '../../src/model/error.js';
import type { WorkerView } from '../../src/model/worker.js';
import { readWorker } from '../../src/store/workers.js';
import { ended, makeRig, marked, PROGRAM, type Rig } from '../controllers/fleet/rig.js';

let rig: Rig;
afterEach(async () => rig?.close());

interface Ran extends VerbResult {
  warnings: string[];
  printed: string;
}

/** One verb in this process, as the command line would call it. */
async function tend(
  verb: string,
  input: Partial<VerbInput>,
  session: Context['session'] = { user: 'me' },
  over: Partial<Context> = {},
): Promise<Ran> {
  const module = await VERBS[verb]!();
  const warnings: string[] = [];
  let printed = '';
  const result = await module.verb.run(
    { args: {}, flags: {}, words: [], ...input },
    {
      disk: rig.disk,
      profile: { dataDir: rig.dir, configPath: `${rig.dir}/config.json`, isDefault: false },
      env: rig.env,
      session,
      bin: rig.bin,
      seeds: new URL('../../seeds', import.meta.url).pathname,
      warn: (text) => warnings.push(text),
      print: (text) => {
        printed += text;
      },
      signal: new AbortController().signal,
      tty: { in: false, out: false },
      ...over,
    },
  );
  return { ...result, warnings, printed };
}

const refusal = async (work: Promise<unknown>): Promise<TendError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TendError);
  return error as TendError;
};

/** The whole program, as a script sees it. */
const cli = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const [file, ...rest] = PROGRAM;
    const options = { env: { ...rig.env, ...env } as NodeJS.ProcessEnv, cwd: rig.dir };
    execFile(file, [...rest, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

const up = (id: string, text = 'up') => rig.until(`${id} shows ${text}`, () => rig.transcript(id).includes(text));

test('a worker is started, listed, told, shown, typed to, and killed; its prompt bears the contract', async () => {
  rig = makeRig('cat "$1"; echo up; read -r line; echo "got <$line>"; sleep 1000');
  const started = await tend('worker start', { args: { id: 'api' }, body: 'Make it so' });
  expect(started.text).toBe('start-worker api');
  expect(started.warnings.join()).toContain('the pulse is down: worker "api" starts at the next "tend up"');
  await up('api');
  expect(rig.transcript('api')).toContain('You are worker `api`');
  expect(rig.transcript('api')).toContain('Make it so');
  const rows = (await tend('worker list', { flags: { json: true } })).json as WorkerView[];
  expect(rows).toMatchObject([
    { id: 'api', state: 'running', alive: true, health: 'busy', exit_code: null, verify: null },
  ]);
  expect((await tend('worker list', {})).text).toMatch(
    /^ID +HEALTH +STATE +IDLE +UP +ASK +VERIFY\npulse +down .*\napi +busy +running /,
  );
  expect((await tend('send', { args: { id: 'api' }, body: 'two words' })).text).toBe('sent to api');
  await up('api', 'got <two words>');
  expect((await tend('screenshot', { args: { id: 'api' } })).text).toContain('got <two words>');
  expect((await tend('tell', { args: { worker: 'api' }, body: 'leave the README\nalone' })).text).toBe('told api');
  expect(((await tend('worker list', { flags: { json: true } })).json as WorkerView[])[0]!.pending_tells).toBe(1);
  const self = { user: 'me', id: 'api', generation: rig.generation('api') };
  expect((await tend('told', {}, self)).text).toBe('• leave the README\n  alone');
  expect((await tend('told', {}, self)).text).toBe('');
  expect((await tend('worker kill', { args: { id: 'api' } })).text).toBe('kill-worker api');
  expect(marked(rig, 'api')).toEqual([]);
  expect(ended(rig, 'api')).toMatchObject({ state: 'killed' });
  expect((await tend('worker list', { flags: { json: true } })).json).toEqual([]);
  expect((await tend('worker list', { flags: { all: true } })).text).toMatch(/api +dead +killed/);
  // The dead worker's screen comes from its transcript.
  expect((await tend('screenshot', { args: { id: 'api' }, flags: { json: true } })).json).toMatchObject({
    cols: 80,
    rows: 24,
  });
  expect((await tend('screenshot', { args: { id: 'api' } })).text).toContain('got <two words>');
});

test('a worker that ignores TERM is killed without a pulse too, and only then is it said', async () => {
  rig = makeRig(`trap '' TERM HUP; setsid bash -c 'trap "" TERM HUP; echo up; sleep 1000' & sleep 1000`);
  await rig.start({ id: 'tough' });
  await up('tough');
  await rig.endPulse();
  expect((await tend('kill', { args: { id: 'tough' } })).text).toBe('killed tough');
  expect(marked(rig, 'tough')).toEqual([]);
  expect((await refusal(tend('kill', { args: { id: 'tough' } }))).message).toContain('is not running');
});

test('a worker that was wanted but never began is killed without ever running', async () => {
  rig = makeRig('echo up', { pulse: false });
  await rig.start({ id: 'early' });
  await tend('kill', { args: { id: 'early' } });
  rig.beginPulse();
  expect(ended(rig, 'early')).toMatchObject({ state: 'killed' });
  await rig.start({ id: 'other' });
  await rig.until('the other ran', () => ended(rig, 'other'));
  expect(rig.transcript('early')).toBe('');
});

test('starts are refused for a living id, a reserved id, a blank prompt, a command without placeholder and past the cap', async () => {
  rig = makeRig('sleep 1000', { env: { TEND_MAX_WORKERS: '2' } });
  const start = (id: string, flags = {}, body = 'x') => tend('worker start', { args: { id }, flags, body });
  await start('one');
  await rig.until('one runs', () => rig.status('one')?.state === 'running');
  expect((await refusal(start('one'))).message).toContain('a worker of that id is alive');
  expect((await refusal(start('pulse'))).message).toContain('pulse');
  expect((await refusal(start('gate'))).message).toContain('reserved');
  expect((await refusal(start('../up'))).exit).toBe(2);
  expect((await refusal(start('two', {}, ' '))).exit).toBe(2);
  expect((await refusal(start('two', { command: 'cat' }))).message).toContain('{{prompt_file}}');
  await start('two');
  expect((await refusal(start('three'))).message).toContain('2 at most are allowed');
  expect(readWorker(rig.disk, 'three')).toBeUndefined();
});

test('when one life cannot be told, no worker is started: it might be one too many', async () => {
  rig = makeRig('sleep 1000', { pulse: false });
  await rig.start({ id: 'one' });
  rig.disk.replace('workers/one/spec.json', '{ torn');
  const error = await refusal(tend('worker start', { args: { id: 'two' }, body: 'x' }));
  expect(error.message).toContain('it is not known whether worker "one" lives');
});

test('a worker may end itself, and only itself', async () => {
  rig = makeRig('echo up; "$TEND_BIN" kill other; echo "code $?"; "$TEND_BIN" _ kill "$TEND_SESSION_ID"; sleep 1000');
  await rig.start({ id: 'other', command: 'sleep 1000 # {{prompt_file}}' });
  await rig.start({ id: 'self' });
  expect(await rig.until('its end', () => ended(rig, 'self'))).toMatchObject({ state: 'killed' });
  expect(rig.transcript('self')).toContain('may end only itself');
  expect(rig.transcript('self')).toContain('code 1');
  expect((await rig.view('other'))?.alive).toBe(true);
});

test('a worker cannot take the messages of another, nor claim in its name', async () => {
  rig = makeRig('sleep 1000', { pulse: false });
  const session = { user: 'me', id: 'web', generation: 'aaaaaaaaaaaaaaaa' };
  expect((await refusal(tend('told', { args: { worker: 'api' } }, session))).code).toBe('not-yours');
  expect((await refusal(tend('claim', { args: { name: 'repo' }, flags: { session: 'api' } }, session))).code).toBe(
    'not-yours',
  );
});

test('a dead worker cannot be told, typed to or attached to, and the message says why', async () => {
  rig = makeRig('exit 0');
  await rig.start({ id: 'gone' });
  await rig.until('its end', () => ended(rig, 'gone'));
  for (const [verb, args] of [
    ['tell', { worker: 'gone' }],
    ['send', { id: 'gone' }],
    ['attach', { id: 'gone' }],
  ] as const)
    expect((await refusal(tend(verb, { args, body: 'x' }))).message).toContain('it has exited');
  expect((await refusal(tend('tell', { args: { worker: 'never' }, body: 'x' }))).message).toContain('no such worker');
});

test('a lease of a living worker is refused to others, naming it, and is free when it has died', async () => {
  rig = makeRig('echo up; sleep 1000');
  await rig.start({ id: 'holder' });
  await up('holder');
  const holder = { user: 'me', id: 'holder', generation: rig.generation('holder') };
  const other = { user: 'me', id: 'other', generation: 'bbbbbbbbbbbbbbbb' };
  const claim = (session: Context['session']) => tend('claim', { args: { name: 'repo' } }, session);
  expect((await claim(holder)).text).toBe('claimed repo');
  expect((await claim(holder)).text).toBe('');
  const held = await refusal(claim(other));
  expect([held.exit, held.message]).toEqual([1, 'Cannot claim "repo": it is held by "holder"']);
  expect((await refusal(tend('unclaim', { args: { name: 'repo' } }, other))).exit).toBe(1);
  await tend('kill', { args: { id: 'holder' } });
  expect((await claim(other)).text).toBe('claimed repo');
  expect((await tend('unclaim', { args: { name: 'repo' } }, other)).text).toBe('unclaimed repo');
  expect((await tend('unclaim', { args: { name: 'repo' } }, other)).text).toBe('');
  expect((await refusal(tend('claim', { args: { name: 'repo' } }))).message).toContain('no session is given');
});

test('the output of a start that is captured comes back at once, while the worker lives on', async () => {
  rig = makeRig('echo up; sleep 1000');
  const before = now();
  const started = await cli(['worker', 'start', 'bg', 'work', '--journal', 'Started the worker bg']);
  expect(started).toMatchObject({ code: 0, stdout: 'start-worker bg\n' });
  await up('bg');
  // A descriptor that the worker had inherited would have kept us until its end.
  expect(now() - before).toBeLessThan(60_000);
  expect((await rig.view('bg'))?.alive).toBe(true);
  expect(rig.disk.read('journal.md')).toMatchObject({ text: expect.stringContaining('Started the worker bg') });
});

test('three formats of a screen exclude each other; colours survive as ANSI and as JSON', async () => {
  rig = makeRig(`printf 'a\\033[1;31mred\\033[0m \\033[38;2;1;2;3mrgb\\033[0m 日本\\n\\033[?25l'; sleep 1000`);
  await rig.start({ id: 'paint' });
  await up('paint', 'rgb');
  const shot = (flags: Record<string, boolean>) => tend('screenshot', { args: { id: 'paint' }, flags });
  expect((await shot({})).text).toBe('ared rgb 日本');
  expect((await shot({ ansi: true })).text).toBe(
    'a\u001b[0;1;38;5;1mred\u001b[0m \u001b[0;38;2;1;2;3mrgb\u001b[0m 日本',
  );
  const json = (await shot({ json: true })).json as { cells: unknown[]; cursor: object; screen_seq: number };
  expect(json.cursor).toEqual({ row: 1, col: 0, hidden: true });
  expect(json.cells).toContainEqual({ row: 0, col: 1, char: 'r', fg: 'idx1', bold: true });
  expect(json.cells).toContainEqual({ row: 0, col: 5, char: 'r', fg: '#010203' });
  expect(json.cells).toContainEqual({ row: 0, col: 9, char: '日', wide: true });
  expect(json.screen_seq).toBeGreaterThan(0);
  expect((await shot({ 'no-trim': true })).text.split('\n')).toHaveLength(24);
  expect((await refusal(shot({ ansi: true, json: true }))).exit).toBe(2);
});

test('watching the list repaints in place: the cursor goes up by exactly the lines that were painted', async () => {
  rig = makeRig('sleep 1000', { pulse: false });
  await rig.start({ id: 'a-worker-with-a-rather-long-name-that-makes-its-row-wider' });
  const abort = new AbortController();
  const paintings: string[] = [];
  await tend('worker list', { flags: { watch: true, interval: 1 } }, undefined, {
    signal: abort.signal,
    tty: { in: true, out: true },
    print: (text) => {
      if (paintings.push(text) === 3) abort.abort();
    },
  });
  const lines = paintings[0]!.split('\n').length - 1;
  expect(lines).toBe(4);
  expect(paintings[1]!.startsWith(`\u001b[${lines}A\u001b[J`)).toBe(true);
  const visible = paintings[1]!.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').split('\n');
  expect(Math.max(...visible.map((line) => line.length))).toBeLessThanOrEqual(80);
});
