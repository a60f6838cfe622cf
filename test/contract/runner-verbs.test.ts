/** `tend runner list` and `tend runner parse`, as people who wire a CLI use them. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProfile, type Profile } from './tend-process.js';

const stream = (name: string): string =>
  readFileSync(new URL(`../fakes/runners/streams/${name}.jsonl`, import.meta.url), 'utf8');

let at: Profile;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => at.remove());

test('runner list finds programs on PATH, asks each for its version, and gives up on one that does not say', async () => {
  const bin = join(at.root, '..', 'bin');
  mkdirSync(bin);
  const program = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('claude', '[ "$1" = --version ] && echo "2.1.329 (Claude Code)"');
  program('codex', 'echo no; exit 3');
  const { code, stdout } = await at.tend(['runner', 'list', '--json'], { env: { PATH: `${bin}:/usr/bin:/bin` } });
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as { name: string }[];
  const row = (name: string) => rows.find((one) => one.name === name);
  expect(row('claude')).toMatchObject({
    path: join(bin, 'claude'),
    version: '2.1.329',
    modes: ['decide', 'worker', 'step', 'review', 'resume'],
  });
  expect(row('codex')).toMatchObject({ path: join(bin, 'codex'), version: null });
  expect(row('pi')).toMatchObject({ program: 'pi', path: null, version: null });
  expect(row('cursor-agent')).toBeDefined();
  expect(row('embedded')).toMatchObject({ program: null, path: null });
});

test('runner parse prints the result record, with every key and null for what is not known', async () => {
  const { code, stdout } = await at.tend(['runner', 'parse', 'claude', '--json'], { input: stream('claude-text') });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    reason: 'done',
    text: 'Hello from the fake model. All good.',
    usage: { input_tokens: 100, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
    costUsd: 0.0004,
    sessionId: '26af1024-a921-4f98-b98c-da8ce084daa3',
    exit: 0,
    signal: null,
    error: null,
    retryable: false,
    retryAt: null,
  });
});

test('a run that failed is read as well, and how the process ended counts', async () => {
  const parse = async (words: string[], name: string) => {
    const { code, stdout } = await at.tend(['_', 'runner', 'parse', ...words, '--json'], { input: stream(name) });
    expect(code).toBe(0);
    return JSON.parse(stdout) as object;
  };
  expect(await parse(['codex', '--exit', '1'], 'codex-e401')).toMatchObject({ ok: false, reason: 'auth', exit: 1 });
  expect(await parse(['opencode', '--signal', 'TERM'], 'opencode-sig-TERM-tool')).toMatchObject({
    reason: 'interrupted',
    exit: null,
    signal: 'SIGTERM',
  });
  expect(await parse(['claude', '--exit', '143'], 'claude-text')).toMatchObject({ ok: false, reason: 'interrupted' });
});

test('what stood on stderr tells why a run came to nothing, and a file of it that is not there is an input error', async () => {
  const file = join(at.root, '..', 'errors.log');
  writeFileSync(file, `${'chatter\n'.repeat(9_000)}Error: Not logged in. Please run /login\n`);
  const parse = (...words: string[]) => at.tend(['runner', 'parse', 'codex', '--exit', '1', ...words], { input: '' });
  expect(JSON.parse((await parse('--stderr', file, '--json')).stdout)).toMatchObject({
    reason: 'auth',
    error: expect.stringMatching(/Not logged in/),
  });
  expect(JSON.parse((await parse('--json')).stdout)).toMatchObject({ reason: 'error' });
  for (const [path, why] of [
    [`${file}.none`, 'no such file'],
    [at.root, 'it is a directory'],
  ] as const) {
    mkdirSync(at.root, { recursive: true });
    const { code, stdout, stderr } = await parse('--stderr', path);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${JSON.stringify(path)}: ${why}`);
  }
});

test('the text form says it in words, with the prices of the config', async () => {
  mkdirSync(at.root, { recursive: true });
  writeFileSync(join(at.root, 'config.json'), '{"prices": {"own": {"input": 1000, "output": 0}}}');
  const { stdout } = await at.tend(['runner', 'parse', 'codex', '--model', 'own'], { input: stream('codex-text') });
  expect(stdout).toContain('cost:    $0.100000');
  expect(stdout).toContain('100 in, 20 out');
  const failed = await at.tend(['runner', 'parse', 'claude', '--exit', '1'], { input: stream('claude-nokey') });
  expect(failed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^auth: Not logged in[\s\S]*not before something is changed/),
  });
});

test.each([
  [['nope'], /no such runner; known are claude, codex.*\n {2}try: tend runner list/],
  [['claude', '--exit', 'x'], /from 0 to 255/],
  [['claude', '--signal', 'NOPE'], /signal "NOPE"/],
])('runner parse %j is an input error', async (words, said) => {
  const { code, stdout, stderr } = await at.tend(['runner', 'parse', ...words]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(said);
});

test('a config with a runner that does not exist, or a price that is none, is said', async () => {
  mkdirSync(at.root, { recursive: true });
  writeFileSync(join(at.root, 'config.json'), '{"runner": "cluade"}');
  const up = await at.tend(['up']);
  expect(up.code).toBe(3);
  expect(up.stderr).toMatch(/"cluade".*known are claude/);
  writeFileSync(join(at.root, 'config.json'), '{"prices": {"m": {"input": -1, "output": 2}}}');
  expect((await at.tend(['up'])).stderr).toContain('prices.m.input');
});
