import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProfile, type Profile } from './tend-process.js';

let profile: Profile;
beforeEach(() => {
  profile = makeProfile();
});
afterEach(() => profile.remove());

test.each([
  [['git log --oneline | head -5'], 0, { verdict: 'allow', reason: 'it only reads', part: null }],
  [['git', 'log', '--grep', 'a; rm b'], 0, { verdict: 'allow', reason: 'it only reads', part: null }],
  [['ls; rm -rf build'], 10, { verdict: 'ask', reason: 'it deletes files', part: 'rm -rf build' }],
  [['rm', '-rf', '/'], 20, { verdict: 'refuse', reason: 'it deletes everything in "/"', part: 'rm -rf /' }],
  [['--json'], 10, { verdict: 'ask', reason: 'the program "--json" is not known', part: '--json' }],
])('gate test judges %j: exit %d, and runs nothing', async (words, exit, answer) => {
  const ended = await profile.tend(['gate', 'test', '--json', '--', ...words]);
  expect(ended.code).toBe(exit);
  expect(JSON.parse(ended.stdout)).toEqual(answer);
});

test('the shapes of the config count, and the text form names the part', async () => {
  mkdirSync(profile.root, { recursive: true });
  writeFileSync(join(profile.root, 'config.json'), '{"gate": {"allow": ["make *"], "ask": ["git log *"]}}');
  expect(await profile.tend(['_', 'gate', 'test', 'make', 'x'])).toMatchObject({ code: 0 });
  expect(await profile.tend(['gate', 'test', 'ls; git log'])).toMatchObject({
    code: 10,
    stdout: 'ask: "git log *" is asked by gate.ask\n  git log\n',
  });
  expect(readdirSync(profile.root)).toEqual(['config.json']);
});

test('a config that cannot be read is an error and no verdict', async () => {
  mkdirSync(profile.root, { recursive: true });
  writeFileSync(join(profile.root, 'config.json'), '{"gate": {"unsafe": "yes"}}');
  const ended = await profile.tend(['gate', 'test', 'ls']);
  expect(ended).toMatchObject({ stdout: '' });
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain('unsafe');
});

test.each([
  ['{"gate": {"refuze": ["rm *"]}}', 'unknown field refuze'],
  ['{"gate": {"refuse": [" "]}}', 'gate.refuse.0: is blank'],
  ['{"gate": {"ask": ["ls", "git push; rm *"]}}', 'gate.ask.1: holds several commands'],
  ['{"gate": {"allow": "make"}}', 'gate.allow: expected array'],
])('a brake that could never grip is said, not passed over: %s', async (config, problem) => {
  mkdirSync(profile.root, { recursive: true });
  writeFileSync(join(profile.root, 'config.json'), config);
  const ended = await profile.tend(['gate', 'test', '--', 'ls']);
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain(problem);
  const status = await profile.tend(['status', '--json']);
  expect((JSON.parse(status.stdout) as { problems: string[] }).problems.join()).toContain(problem);
});

test('a gate that is set unsafe stands in status, also while no pulse runs', async () => {
  mkdirSync(profile.root, { recursive: true });
  writeFileSync(join(profile.root, 'config.json'), '{"gate": {"unsafe": true, "allow": ["rm -rf /"]}}');
  expect(await profile.tend(['gate', 'test', '--', 'rm', '-rf', '/'])).toMatchObject({ code: 0 });
  expect((await profile.tend(['status'])).stdout).toContain('! gate.unsafe is true');
  writeFileSync(join(profile.root, 'config.json'), '{"gate": {"allow": ["rm -rf /"]}}');
  expect(await profile.tend(['gate', 'test', '--', 'rm', '-rf', '/'])).toMatchObject({ code: 20 });
  expect((await profile.tend(['status'])).stdout).not.toContain('unsafe');
});
