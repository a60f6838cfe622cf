import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { act, settleApproval } from '../../src/act/act.js';
import { moveDigest } from '../../src/act/approvals.js';
import { stampOf } from '../../src/act/begin.js';
import type { Answer, Ask } from '../../src/model/ask.js';
import { localDay } from '../../src/model/instant.js';
import type { Move } from '../../src/model/move.js';
import { isConsumed, readAnswer, readAsk, readMailbox, recordAnswer } from '../../src/store/asks.js';
import { journalTail } from '../../src/store/journal.js';
import { buildProgram, openStage, removeProgram, type Stage, until } from './stage.js';

const NOW = Date.parse('2026-11-21T07:42:00Z');
const APPEND: Move = { action: 'run_shell', cmd: 'sh -c "echo ran >> log"', reason: 'count' };
let bin = '';
let stage: Stage;
beforeAll(async () => {
  bin = await buildProgram();
  return () => removeProgram(bin);
});
beforeEach(() => {
  stage = openStage(bin);
});
afterEach(() => stage.close());

const propose = (move: Move = APPEND, world = 'w1') =>
  act(stage.deps, { move, origin: { by: 'pulse' }, world, run: 'beat-20261121-074200-abcd' }, NOW);
const settle = ([ask, answer]: [Ask, Answer], world: string) => settleApproval(stage.deps, ask, { answer, world }, NOW);
const pending = async () => (await readMailbox(stage.deps.disk)).pending;
const log = () => (existsSync(stage.path('log')) ? readFileSync(stage.path('log'), 'utf8') : '');
const journal = () => journalTail(stage.deps.disk, 50).map((line) => line.replace(/^- \S+ \S+ /, ''));

async function answer(
  id: string,
  text: string,
  digest: string | undefined = moveDigest(APPEND),
): Promise<[Ask, Answer]> {
  const draft = { id, outcome: 'answered', answer: text, by: 'ada', channel: 'cli' } as const;
  recordAnswer(stage.deps.disk, { ...draft, ...(digest === undefined ? {} : { digest }) }, NOW);
  return pair(id);
}

async function pair(id: string): Promise<[Ask, Answer]> {
  const ask = await readAsk(stage.deps.disk, id);
  const given = await readAnswer(stage.deps.disk, id);
  if (ask.state !== 'present' || given.state !== 'present') throw new Error(`no pair ${id}`);
  return [ask.value, given.value];
}

test('a command that is not allowed is asked, with the exact text in a fence that it cannot close', async () => {
  const cmd = 'echo "```"\nrm -rf x';
  stage.deps.config = {};
  expect(await propose({ action: 'run_shell', cmd, reason: 'tidy' })).toEqual({
    state: 'asked',
    ask: 'gate-1',
    reason: 'the shell parser says: unterminated double quote',
    gate: { verdict: 'ask', reason: 'the shell parser says: unterminated double quote' },
  });
  const [ask] = await pending();
  expect(ask).toMatchObject({
    worker: 'gate',
    kind: 'approval',
    urgency: 'normal',
    options: ['yes', 'no'],
    proposal: { world: 'w1', run: 'beat-20261121-074200-abcd', move: { cmd } },
  });
  expect(ask!.prompt).toContain(`\`\`\`\`sh\n${cmd}\n\`\`\`\`\n\nWhy it is wanted: tidy`);
  expect(log()).toBe('');
});

test('the same command in the same world is asked once; in another world the old ask expires and names the new one', async () => {
  await propose();
  expect(await propose()).toMatchObject({ ask: 'gate-1' });
  expect(await pending()).toHaveLength(1);
  expect(await propose(APPEND, 'w2')).toMatchObject({ ask: 'gate-2' });
  expect(await pending()).toMatchObject([{ id: 'gate-2' }]);
  expect((await pair('gate-1'))[1]).toMatchObject({
    outcome: 'expired',
    answer: 'the world moved on; asked anew as gate-2',
  });
});

test('a yes runs exactly that command once, journals who approved it, and is consumed', async () => {
  await propose();
  const given = await answer('gate-1', 'yes');
  const result = await settle(given, 'w1');
  expect(result).toMatchObject({ state: 'done', summary: 'run-shell · count' });
  expect(await settle(given, 'w1')).toEqual(result);
  expect(log()).toBe('ran\n');
  expect(journal()).toEqual(['run-shell · count · approved by ada in gate-1']);
  expect(isConsumed(stage.deps.disk, 'gate-1')).toBe(true);
});

test('a yes to a command that fails is told in the journal too', async () => {
  const failing: Move = { action: 'run_shell', cmd: 'fail() { exit 4; }; fail' };
  await propose(failing);
  const given = await answer('gate-1', 'y', moveDigest(failing));
  expect(await settle(given, 'w1')).toMatchObject({ state: 'failed', code: 'exit-code' });
  expect(journal()[0]).toMatch(/approved by ada in gate-1 · failed: The command ended with exit code 4$/);
});

test("a no never runs and carries the human's reason", async () => {
  await propose();
  const given = await answer('gate-1', 'no, use the staging copy');
  for (let i = 0; i < 2; i++)
    expect(await settle(given, 'w1')).toEqual({
      state: 'denied',
      reason: 'use the staging copy',
    });
  expect(log()).toBe('');
  expect(journal()).toEqual(['run-shell · count · denied by ada in gate-1 · use the staging copy']);
  expect(isConsumed(stage.deps.disk, 'gate-1')).toBe(true);
});

test('what is no clear yes is a no', async () => {
  await propose();
  const given = await answer('gate-1', 'maybe later');
  expect(await settle(given, 'w1')).toEqual({ state: 'denied', reason: 'maybe later' });
});

test('a yes after the world moved on never runs, and the next proposal is asked anew', async () => {
  await propose();
  const given = await answer('gate-1', 'yes');
  expect(await settle(given, 'w2')).toEqual({ state: 'expired' });
  expect(await settle(given, 'w1'), 'also when the world comes back').toEqual({
    state: 'expired',
  });
  expect(log()).toBe('');
  expect(journal()).toEqual([
    'run-shell · count · expired in gate-1 · the world moved on between the question and the yes',
  ]);
  expect(await propose(APPEND, 'w2')).toMatchObject({ state: 'asked', ask: 'gate-2' });
});

test.each([
  ['a yes without a digest', undefined],
  ['a yes to another digest', 'f'.repeat(64)],
])('%s is refused and put into quarantine', async (_what, digest) => {
  await propose();
  const given = await answer('gate-1', 'yes', digest ?? '');
  expect(await settle(given, 'w1')).toMatchObject({
    state: 'refused',
    code: 'digest-mismatch',
  });
  expect(log()).toBe('');
  expect(readdirSync(stage.path('quarantine'))).toHaveLength(2);
});

test('a command that was changed in the ask after the question never runs', async () => {
  await propose();
  const path = stage.path('asks/gate-1.md');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('echo ran', 'echo evil'));
  expect(await readAsk(stage.deps.disk, 'gate-1')).toMatchObject({ state: 'corrupt' });
  expect(await pending()).toEqual([]);
});

test('a command that somebody put into the run directory beforehand does not run in place of the approved one', async () => {
  await propose();
  const given = await answer('gate-1', 'yes');
  const key = `runs/${localDay(NOW)}/shell-${stampOf(NOW)}-gate-1/command.json`;
  const { root } = stage;
  const evil = { cmd: 'echo evil >> log', cwd: root, data_dir: root, timeout_ms: 1000, mark: 'm' };
  stage.deps.disk.publish(key, JSON.stringify({ format: 1, ...evil }));
  expect(await settle(given, 'w1')).toMatchObject({ state: 'failed', code: 'command-changed' });
  expect(log()).toBe('');
  expect(journal()[0], 'a yes is accounted for, also when nothing ran').toMatch(/approved by ada in gate-1 · failed: /);
});

test('processes that settle one approval at the same time run it once and journal it once', async () => {
  const slow: Move = { action: 'run_shell', cmd: 'sh -c "echo ran >> log; sleep 0.3"' };
  await propose(slow);
  await answer('gate-1', 'yes', moveDigest(slow));
  const results = await Promise.all([1, 2, 3].map(() => stage.run(['settle', stage.root, 'gate-1', 'w1'])));
  expect(results).toMatchObject([{ state: 'done' }, { state: 'done' }, { state: 'done' }]);
  expect(log()).toBe('ran\n');
  expect(journal()).toHaveLength(1);
});

test('of a settler in the old world and one in the new, one decides for both', async () => {
  for (let n = 1; n <= 5; n++) {
    await propose();
    await answer(`gate-${n}`, 'yes');
    const before = log().length;
    const [a, b] = (await Promise.all(
      ['w1', 'w2'].map((world) => stage.run(['settle', stage.root, `gate-${n}`, world])),
    )) as { state: string }[];
    expect(a!.state).toBe(b!.state);
    expect(log().length > before).toBe(a!.state === 'done');
  }
});

test('a settler that is killed in the middle is followed by one that adopts its run, even in another world', async () => {
  const slow: Move = { action: 'run_shell', cmd: 'sh -c "echo begun >> log; sleep 1; echo ended >> log"' };
  await propose(slow);
  const given = await answer('gate-1', 'yes', moveDigest(slow));
  const child = stage.start(['settle', stage.root, 'gate-1', 'w1']);
  await until('the command has begun', () => log() !== '');
  child.kill('SIGKILL');
  expect(isConsumed(stage.deps.disk, 'gate-1')).toBe(false);
  expect(await settle(given, 'w2')).toMatchObject({ state: 'done' });
  expect(log()).toBe('begun\nended\n');
  expect(journal()).toHaveLength(1);
});

test('whenever a settler is killed, the yes still runs exactly once', async () => {
  for (let n = 1; n <= 10; n++) {
    await propose();
    const given = await answer(`gate-${n}`, 'yes');
    const child = stage.start(['settle', stage.root, `gate-${n}`, 'w1']);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    // From before its first look to after its last write, whatever this machine's speed: the steps are spread over the life.
    setTimeout(() => child.kill('SIGKILL'), 40 + n * 20);
    await gone;
    expect(await settle(given, 'w1')).toMatchObject({ state: 'done' });
    expect(log()).toBe('ran\n'.repeat(n));
    expect(journal()).toHaveLength(n);
    expect(isConsumed(stage.deps.disk, `gate-${n}`)).toBe(true);
  }
});

test('a new sensor is asked with its whole script, a changed one with its diff, an unchanged one not at all', async () => {
  const sensor = (script: string): Move => ({ action: 'write_sensor', name: 'disk', script });
  const first = sensor('#!/bin/sh\ndf -h\n');
  expect(await propose(first)).toMatchObject({ state: 'asked', ask: 'gate-1' });
  expect((await pending())[0]!.prompt).toContain('Add the sensor "disk"?\n\n```sh\n#!/bin/sh\ndf -h\n');
  expect(existsSync(stage.path('sensors/disk.sh'))).toBe(false);
  expect(await settle(await answer('gate-1', 'yes', moveDigest(first)), 'w1')).toMatchObject({ state: 'done' });
  expect(readFileSync(stage.path('sensors/disk.sh'), 'utf8')).toBe('#!/bin/sh\ndf -h\n');

  const second = sensor('#!/bin/sh\ndf -i\n');
  expect(await propose(second)).toMatchObject({ state: 'asked', ask: 'gate-2' });
  expect((await pending())[0]!.prompt).toContain(
    'Change the sensor "disk"?\n\n```diff\n #!/bin/sh\n-df -h\n+df -i\n```',
  );
  expect(await settle(await answer('gate-2', 'no', moveDigest(second)), 'w1')).toMatchObject({ state: 'denied' });
  const again = (move: Move, run: string) => act(stage.deps, { move, origin: { by: 'pulse' }, world: 'w1', run }, NOW);
  expect(await again(first, 'beat-20261121-074300-aaaa')).toMatchObject({ state: 'done' });
  stage.deps.config = { gate: { sensors: 'allow' } };
  expect(await again(second, 'beat-20261121-074300-bbbb')).toMatchObject({ state: 'done' });
  expect(readFileSync(stage.path('sensors/disk.sh'), 'utf8')).toBe('#!/bin/sh\ndf -i\n');
});

test('a decider may not give itself more money: a goal whose budget it raises or removes is asked, and one that it lowers is not', async () => {
  const goal = (body: string): Move => ({ action: 'write_goal', id: 'dear', body });
  stage.deps.disk.publish('goals/dear.md', '---\nbudget_usd: 2\n---\n# Dear\n');
  for (const body of ['---\nbudget_usd: 20\n---\n# Dear\n', '# Dear\n', '---\nbudget_usd: lots\n---\n# Dear\n'])
    expect(await propose(goal(body))).toMatchObject({ state: 'asked', reason: expect.stringContaining('budget_usd') });
  for (const body of ['---\nbudget_usd: 2\n---\n# Dearer\n', '---\nbudget_usd: 1\n---\n# Dear\n'])
    expect(await propose(goal(body))).toMatchObject({ state: 'done' });
});

test('a goal in the archive keeps its budget: written anew by a decider without it, or with more, it is asked', async () => {
  const goal = (body: string, id = 'dear'): Move => ({ action: 'write_goal', id, body });
  const disk = stage.deps.disk;
  disk.publish('goals/dear.md', '---\nbudget_usd: 2\n---\n# Dear\n');
  const archive = (id: string, run: string) =>
    act(stage.deps, { move: { action: 'archive_goal', id }, origin: { by: 'pulse' }, world: 'w1', run }, NOW);
  expect(await archive('dear', 'beat-20261121-074100-0001')).toMatchObject({ state: 'done' });
  for (const body of ['# Dear\n', '---\nbudget_usd: 3\n---\n# Dear\n'])
    expect(await propose(goal(body))).toMatchObject({
      state: 'asked',
      reason: expect.stringContaining('in the archive'),
    });
  // A goal of another id that takes the next free name of the archive changes nothing.
  disk.publish('goals/archive/dear-1.md', '# Another\n');
  expect(await propose(goal('# Dear\n'))).toMatchObject({ state: 'asked' });
  disk.publish('goals/archive/dearest.md', '---\nbudget_usd: 1\n---\n# Dearest\n');
  expect(await propose(goal('---\nbudget_usd: 2\n---\n# Dear\n'))).toMatchObject({ state: 'done' });
  const free = { move: goal('# Free\n', 'free'), origin: { by: 'pulse' }, run: 'beat-20261121-074500-0002' } as const;
  expect(await act(stage.deps, free, NOW)).toMatchObject({ state: 'done' });
});
