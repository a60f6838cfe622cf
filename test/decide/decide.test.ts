import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DecideResult, decide } from '../../src/decide/decide.js';
import { afterFailure, afterSuccess } from '../../src/decide/remember.js';
import { resolveKnobs } from '../../src/model/knobs.js';
import { RUNNERS } from '../../src/runners/registry.js';
import { emptyMemory } from '../../src/store/memory.js';
import { type Rig, rig } from './rig.js';

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const NOOP = '{"action":"noop","reason":"r"}';
const said = (result: DecideResult): string =>
  result.state === 'move'
    ? `${result.by} ${result.decided.move.action}`
    : result.state === 'failed'
      ? `${result.code}: ${result.error}`
      : `idle ${result.gate}`;
const rule = (when: string, move: object) => ({
  id: 'g',
  text: `---\nrules: ${JSON.stringify([{ when, move }])}\n---\nx\n`,
});

test('a command that prints the JSON move is a whole runner', async () => {
  const result = await decide(at.deps(['say', NOOP]), at.request());
  expect(result).toMatchObject({
    state: 'move',
    by: 'model',
    decided: { move: { action: 'noop', reason: 'r' } },
    run: { calls: 1, runner: 'custom' },
  });
  const { dir, names } = at.runFiles();
  expect(names).toEqual(['output.log', 'prompt.md']);
  expect(at.disk.read(`${dir}/output.log`)).toMatchObject({ text: `${NOOP}\n[exit code 0]\n` });
  // The prompt arrives on stdin as it lies on disk, and stdin is closed behind it.
  expect(at.stdin()).toBe(readFileSync(at.disk.path(`${dir}/prompt.md`), 'utf8'));
  expect(at.stdin()).toContain('=== NOW ===');
});

test('start-up files of the shell are not read: their output would be part of the message', async () => {
  writeFileSync(`${at.dir}/.bashrc`, `echo '{"action":"archive_goal","id":"rc"}'\n`);
  const deps = at.deps(['say', NOOP]);
  const env: typeof deps.env = (mark, extra) => ({ ...deps.env(mark, extra), HOME: at.dir });
  expect(said(await decide({ ...deps, env }, at.request()))).toBe('model noop');
});

test('the decider runs in the data dir under a session of its own', async () => {
  const result = await decide(at.deps(['whoami']), at.request());
  expect(result).toMatchObject({ decided: { move: { reason: `decider in ${at.disk.root}` } } });
});

test('a template with prompt_file gets the path, in a data dir with a space in its name', async () => {
  const config = { tick_command: 'cat {{prompt_file}} >"$FAKE_CALLS.file"; head -c 1; echo \'{"action":"noop"}\'' };
  expect(said(await decide(at.deps([], { config }), at.request()))).toBe('model noop');
  expect(readFileSync(`${at.dir}/calls.file`, 'utf8')).toContain('=== CONSTITUTION ===');
});

test.each([
  ['a decision file counts before the message', ['file', '{"action":"archive_goal","id":"a"}'], 'model archive_goal'],
  ['bytes that are no UTF-8 do not end the reading', ['garbage'], 'model noop'],
])('%s', async (_, mode, expected) => {
  expect(said(await decide(at.deps(mode), at.request()))).toBe(expected);
});

test.each([
  [
    'a decision printed by a runner that then fails is not taken',
    ['file-then-fail'],
    /^runner-rate-limit: The runner exited with code 3: quota reached/,
  ],
  ['a decision file that cannot be read is an error, not an absence', ['file-dir'], /^decision-unreadable: /],
  ['a decision file of two megabytes is an error', ['file-huge'], /^decision-unreadable: /],
  [
    'files of other names are never a decision',
    ['old-file'],
    /^no-decision: No valid move, also after one repair call/,
  ],
  ['a runner that floods its output is ended', ['flood'], /^runner-output: .*more than 8388608 bytes/],
])('%s', async (_, mode, expected) => {
  expect(said(await decide(at.deps(mode), at.request()))).toMatch(expected);
});

test.each([
  ['no such program', { tick_command: 'tend-no-such-cli' }, /^runner-missing: /],
  ['no command at all', {}, /^bad-config: .*no "tick_command"/],
  ['a placeholder without a value', { tick_command: 'x --model {{model}}' }, /^bad-config: .*no "model"/],
])('a config that cannot work fails without hope of a retry: %s', async (_, config, expected) => {
  const result = await decide(at.deps([], { config }), at.request());
  expect(said(result)).toMatch(expected);
  expect(result).toMatchObject({ state: 'failed', retryable: false });
});

test('an invalid move gets one repair call that quotes the problem, and no second one', async () => {
  const mended = await decide(at.deps(['second-good']), at.request());
  expect(mended).toMatchObject({ state: 'move', decided: { move: { reason: 'mended' } }, run: { calls: 2 } });
  expect(at.stdin()).toMatch(
    /=== NOW ===[\s\S]*=== REPAIR ===[\s\S]*- cmd: missing, expected string[\s\S]*\{"action":"run_shell"\}/,
  );
  expect(at.runFiles().names).toEqual(['output-2.log', 'output.log', 'prompt-2.md', 'prompt.md']);
  expect(mended.memory.decides).toHaveLength(2);
  const never = await decide(at.deps(['say', `${NOOP} or {"action":"noop"}`]), at.request());
  expect(said(never)).toMatch(/^ambiguous-decision: No valid move, also after one repair call/);
  expect(at.nCalls()).toBe(4);
});

test('the repair call is a call: at the hourly cap it is not made', async () => {
  const result = await decide(at.deps(['second-good'], { knobs: { decidesPerHour: 1 } }), at.request());
  expect(said(result)).toMatch(/^bad-decision: No valid move; no repair call: the hourly cap is reached: cmd: missing/);
  expect(at.nCalls()).toBe(1);
});

test('a hanging runner is killed at its deadline with everything that it started', async () => {
  const result = await decide(at.deps(['hang'], { knobs: { tickTimeoutS: 1 } }), at.request());
  expect(said(result)).toMatch(/^runner-timeout: The runner was ended after 1 s/);
  expect(at.hasSpawned()).toBe(true);
  expect(at.survives()).toBe(false);
});

test('a CLI that wants INT first gets that, once, and TERM when it goes on all the same', async () => {
  // `codex` is told from the name of the program, the config says nothing of it.
  const lines = [
    '#!/bin/bash',
    `trap 'echo INT >>${at.dir}/signals' INT`,
    `trap 'echo TERM >>${at.dir}/signals; exit' TERM`,
    // In a `wait` a signal is taken at once, so that a second one would show.
    'while :; do sleep 600 & wait; done',
  ];
  writeFileSync(`${at.dir}/codex`, lines.join('\n'), { mode: 0o755 });
  const config = { tick_command: `${at.dir}/codex` };
  const result = await decide(at.deps([], { config, knobs: { tickTimeoutS: 1 } }), at.request());
  expect(said(result)).toMatch(/^runner-timeout: /);
  expect(readFileSync(`${at.dir}/signals`, 'utf8')).toBe('INT\nTERM\n');
});

test('a stop ends the call and says so', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  expect(said(await decide(at.deps(['hang'], { signal: stop.signal }), at.request()))).toMatch(/^aborted: /);
});

test('the attempt is durable before the process starts, and nothing starts when it cannot be', async () => {
  const attempting = () => {
    throw new Error('ENOSPC');
  };
  const result = await decide(at.deps(['say', NOOP], { attempting }), at.request());
  expect(said(result)).toBe('not-launched: ENOSPC');
  expect(at.nCalls()).toBe(0);
});

test('a wake-up is used up by a call, also by one that fails, and stays due until then', async () => {
  const memory = {
    ...emptyMemory(),
    committed: { hash: 'h1', items: {}, ts: 1, noop: false },
    nextWake: { due_ts: 5 },
  };
  const failed = await decide(at.deps(['file-then-fail']), at.request({ memory }));
  expect(failed.state).toBe('failed');
  expect(failed.memory.nextWake).toBeUndefined();
  expect(at.attempts[0]!.nextWake).toEqual({ due_ts: 5 });
  const unable = await decide(at.deps([], { config: {} }), at.request({ memory }));
  expect(unable.memory.nextWake).toEqual({ due_ts: 5 });
});

test('what a runner reports is settled; what it does not is counted by the estimate and said to be so', async () => {
  await decide(at.deps(['usage']), at.request());
  expect(at.spend()).toMatchObject([
    { kind: 'reserve', usd: 0.05, metered: false },
    { kind: 'settle', usd: 0.75, tokens: 115, metered: true },
  ]);
  const unmetered = rig();
  await decide(unmetered.deps(['say', NOOP]), unmetered.request());
  expect(unmetered.spend().at(-1)).toMatchObject({ kind: 'settle', usd: 0.05, tokens: 0, metered: false });
  unmetered.remove();
});

test('a runner whose usage line precedes the move is understood, and the line is no decision', async () => {
  const result = await decide(at.deps(['usage']), at.request());
  expect(result).toMatchObject({
    state: 'move',
    decided: { move: { reason: 'metered' } },
    run: { usage: { input_tokens: 100, output_tokens: 15, usd: 0.75 } },
  });
});

test('a spend ledger that cannot be read allows no spending', async () => {
  at.disk.makeDir(`spend-${new Date().toLocaleDateString('sv')}.ndjson`);
  await expect(decide(at.deps(['say', NOOP]), at.request())).rejects.toThrow(/Cannot tell what was spent/);
  expect(at.nCalls()).toBe(0);
});

test('a policy file that changes while the decider runs is reported', async () => {
  at.write('PLAYBOOK.md', 'PLAY\n');
  await decide(at.deps(['edits']), at.request());
  expect(at.events()).toMatch(/"event":"decider.edited_policy".*"files":\["PLAYBOOK.md"\]/);
});

test('an unchanged world starts no process and changes no memory', async () => {
  const memory = { ...emptyMemory(), committed: { hash: 'h1', items: {}, ts: 1, noop: false } };
  const result = await decide(at.deps(['say', NOOP]), at.request({ memory }));
  expect(said(result)).toBe('idle unchanged');
  expect(result.memory).toBe(memory);
  expect(at.nCalls()).toBe(0);
  expect(at.attempts).toEqual([]);
});

test('a matching rule is the move and no model is called, even at the cap and without a budget', async () => {
  const goals = [rule('true', { action: 'archive_goal', id: 'g', journal: 'done' })];
  const memory = { ...emptyMemory(), decides: [Math.floor(Date.now() / 1_000)] };
  const knobs = { decidesPerHour: 1, dayUsd: 0.01 };
  const result = await decide(at.deps(['say', NOOP], { knobs }), at.request({ memory, world: { goals } }));
  expect(result).toMatchObject({
    state: 'move',
    by: 'rule',
    goal: 'g',
    decided: { move: { action: 'archive_goal' }, journal: 'done' },
  });
  expect(at.nCalls()).toBe(0);
  const world = { goals: [rule('false', { action: 'noop' })] };
  expect(said(await decide(at.deps(['say', NOOP], { knobs }), at.request({ memory, world })))).toBe('idle cap');
});

test('the embedded runner does nothing when no rule matches, without a run', async () => {
  const deps = at.deps([], { runner: RUNNERS.embedded, config: {} });
  expect(said(await decide(deps, at.request()))).toBe('embedded noop');
  expect(existsSync(at.disk.path('runs'))).toBe(false);
  expect(at.spend()).toEqual([]);
});

test('answers are named as seen by whoever saw them', async () => {
  const answer = {
    id: 'pulse-1',
    worker: 'pulse',
    kind: 'question' as const,
    question: 'q',
    outcome: 'answered' as const,
    answer: 'yes',
    by: 'me',
    life: 'standing' as const,
  };
  const request = at.request({
    input: { inbox: { pending: [], answers: [answer], problems: [] }, journal: [] },
    world: { goals: [rule('true', { action: 'noop' })] },
  });
  expect(await decide(at.deps(['say', NOOP]), request)).toMatchObject({ by: 'rule', seenAnswers: [], lookAgain: true });
  const embedded = at.deps([], { runner: RUNNERS.embedded, config: {} });
  expect(await decide(embedded, request)).toMatchObject({ by: 'rule', seenAnswers: ['pulse-1'], lookAgain: false });
  expect(await decide(at.deps(['say', NOOP]), { ...request, world: { ...request.world, goals: [] } })).toMatchObject({
    by: 'model',
    seenAnswers: ['pulse-1'],
  });
});

const knobs = resolveKnobs({}, {}).knobs;
const nowMs = 1_800_000_000_000;

test('a success commits the sensed world and clears the failures; a wake-up that was had is gone', async () => {
  const memory = afterFailure(
    { ...emptyMemory(), nextWake: { due_ts: 5 } },
    { code: 'x', error: 'y', now: nowMs, policyHash: 'p1' },
  );
  const result = await decide(at.deps(['say', NOOP]), at.request({ memory, now: nowMs + 60_000 }));
  if (result.state !== 'move') throw new Error(said(result));
  const after = afterSuccess(result, { world: { hash: 'h1', items: { a: 'b' } }, now: nowMs, knobs, goal: 'g' });
  expect(after).toMatchObject({
    committed: { hash: 'h1', items: { a: 'b' }, ts: nowMs / 1_000, noop: true },
    goalActivity: { g: nowMs / 1_000 },
  });
  expect(after).not.toHaveProperty('backoff');
  expect(after).not.toHaveProperty('lastFailure');
  expect(after).not.toHaveProperty('nextWake');
});

test.each([
  ['nothing asked', {}, {}, undefined],
  ['the decider asks for 60 s', { nextIntervalS: 60 }, {}, 60],
  ['too soon', { nextIntervalS: 0 }, {}, 5],
  ['too late', { nextIntervalS: 9_999 }, {}, 300],
  ['a shell command ran', {}, { shell: { cmd: 'x', exit_code: 0, output: '', ts: 1, run: 'r' } }, 5],
  [
    'a shell command ran and the decider asked',
    { nextIntervalS: 90 },
    { shell: { cmd: 'x', exit_code: 0, output: '', ts: 1, run: 'r' } },
    90,
  ],
])('the next beat comes in time: %s', (_, decided, success, wanted) => {
  const result = {
    memory: emptyMemory(),
    by: 'model' as const,
    lookAgain: false,
    decided: { move: { action: 'noop' as const }, ...decided },
  };
  const after = afterSuccess(result, { world: { hash: 'h', items: {} }, now: nowMs, knobs, ...success });
  expect(after.nextWake?.due_ts).toBe(wanted === undefined ? undefined : nowMs / 1_000 + wanted);
});

test('a look that a model asked for stays due behind a rule that acts first', () => {
  const memory = { ...emptyMemory(), nextWake: { due_ts: nowMs / 1_000 + 40 } };
  const due = (by: 'model' | 'rule', nextIntervalS?: number) =>
    afterSuccess(
      {
        memory,
        by,
        lookAgain: false,
        decided: { move: { action: 'noop' }, ...(nextIntervalS === undefined ? {} : { nextIntervalS }) },
      },
      { world: { hash: 'h', items: {} }, now: nowMs, knobs },
    ).nextWake?.due_ts;
  expect(due('model')).toBeUndefined();
  expect(due('rule')).toBe(nowMs / 1_000 + 40);
  expect(due('rule', 10)).toBe(nowMs / 1_000 + 10);
  expect(due('rule', 90)).toBe(nowMs / 1_000 + 40);
});

test('shell output is forgotten once a model has seen it, kept behind a rule, and kept when the next decision fails', () => {
  const lastShell = { cmd: 'x', exit_code: 0, output: 'o', ts: 1, run: 'r' };
  const memory = { ...emptyMemory(), lastShell };
  const decided = { move: { action: 'noop' as const } };
  const world = { hash: 'h', items: {} };
  const after = (by: 'model' | 'rule') =>
    afterSuccess({ memory, decided, by, lookAgain: false }, { world, now: nowMs, knobs }).lastShell;
  expect(after('model')).toBeUndefined();
  expect(after('rule')).toEqual(lastShell);
  const failed = afterFailure(memory, { code: 'c', error: 'e', now: nowMs, policyHash: 'p' });
  expect(failed.lastShell).toEqual(lastShell);
  expect(failed.committed).toBeUndefined();
});

test('failures add up whatever the world does', () => {
  let memory = emptyMemory();
  for (const policyHash of ['p1', 'p2', 'p3'])
    memory = afterFailure(memory, { code: 'c', error: 'e'.repeat(5_000), now: nowMs, policyHash, run: 'r' });
  expect(memory.backoff).toEqual({ fails: 3, ts: nowMs / 1_000, policyHash: 'p3' });
  expect(memory.lastFailure).toMatchObject({ code: 'c', run: 'r' });
  expect(memory.lastFailure!.error.length).toBe(2_048);
});
