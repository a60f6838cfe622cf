import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { act, type Origin, type Proposal, recover } from '../../src/act/act.js';
import type { Move } from '../../src/model/move.js';
import { repairState } from '../../src/runs/rules/life.js';
import { readMailbox } from '../../src/store/asks.js';
import { publishIntent } from '../../src/store/intents.js';
import { journalTail } from '../../src/store/journal.js';
import { createLoop, readLoops, type SoundLoop } from '../../src/store/loops.js';
import { newestRuns } from '../../src/store/runs.js';
import { buildProgram, openStage, removeProgram, type Stage } from './stage.js';

const NOW = Date.parse('2026-11-21T07:42:00Z');
const PULSE: Origin = { by: 'pulse' };
const HUMAN: Origin = { by: 'human', user: 'ada' };
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

const doing = (move: Move, more: Partial<Proposal> = {}) =>
  act(stage.deps, { move, origin: PULSE, world: 'w1', ...more }, NOW);
const journal = () => journalTail(stage.deps.disk, 50).map((line) => line.replace(/^- \S+ \S+ /, ''));
const text = (key: string) => readFileSync(stage.path(key), 'utf8');
const names = (dir: string) => (existsSync(stage.path(dir)) ? readdirSync(stage.path(dir)) : []);

test('a goal is written with its newline, journaled in one line, and stamped', async () => {
  const result = await doing({ action: 'write_goal', id: 'ship', body: '# Ship' });
  expect(result).toEqual({
    state: 'done',
    summary: 'write-goal ship',
    goal: 'ship',
    gate: { verdict: 'allow', reason: 'the version before is kept in history' },
  });
  expect(text('goals/ship.md')).toBe('# Ship\n');
  expect(journal()).toEqual(['write-goal ship']);
  expect(names('intents')).toEqual([]);
});

test("the decider's own line goes into the journal, newlines collapsed so that it cannot forge another", async () => {
  await doing({ action: 'noop', reason: 'quiet' }, { journal: 'all\n- 2026-01-01 00:00 forged' });
  expect(journal()).toEqual(['all - 2026-01-01 00:00 forged']);
});

test('an archived goal leaves, and archiving what is not there is refused with the next command', async () => {
  await doing({ action: 'write_goal', id: 'ship', body: 'x' });
  await doing({ action: 'archive_goal', id: 'ship' });
  expect(names('goals/archive')).toEqual(['ship.md']);
  expect(await doing({ action: 'archive_goal', id: 'ship' })).toEqual({
    state: 'refused',
    code: 'no-goal',
    reason: 'Cannot archive goal "ship": there is no such goal',
    hint: 'tend goal list',
    gate: { verdict: 'allow', reason: 'the goal is kept in the archive' },
  });
  expect(journal()).toEqual(['write-goal ship', 'archive-goal ship']);
});

test('a sensor is executable for its owner alone; removing it keeps the last version', async () => {
  await doing({ action: 'write_sensor', name: 'disk', script: '#!/bin/sh\necho 1' }, { origin: HUMAN });
  expect(statSync(stage.path('sensors/disk.sh')).mode & 0o777).toBe(0o700);
  await doing({ action: 'remove_sensor', name: 'disk', reason: 'noisy' });
  expect(existsSync(stage.path('sensors/disk.sh'))).toBe(false);
  expect(names('history/sensors/disk.sh')).toHaveLength(1);
  expect(journal()).toEqual(['write-sensor disk', 'remove-sensor disk · noisy']);
});

test('a replaced PLAYBOOK stays in the history, and a blank one is never written', async () => {
  await doing({ action: 'write_playbook', body: 'one' });
  await doing({ action: 'write_playbook', body: 'two' });
  const [version] = names('history/PLAYBOOK.md');
  expect(text(`history/PLAYBOOK.md/${version}`)).toBe('one\n');
  await expect(doing({ action: 'write_playbook', body: ' \n' })).rejects.toThrow('body: may not be blank');
  expect(text('PLAYBOOK.md')).toBe('two\n');
});

test('a schedule is written and dropped; dropping it again is fine', async () => {
  expect(await doing({ action: 'write_schedule', name: 'tea', in_s: 90 })).toMatchObject({
    summary: 'write-schedule tea (in 90s)',
  });
  expect(JSON.parse(text('schedules/tea.json'))).toMatchObject({ due_ts: NOW / 1000 + 90 });
  expect(await doing({ action: 'drop_schedule', name: 'tea' })).toMatchObject({ state: 'done' });
  expect(await doing({ action: 'drop_schedule', name: 'tea' })).toMatchObject({ state: 'done' });
});

test('a schedule with a command is a loop: made once under one id, changed by writing it again, dropped to the trash; loops of others stay', async () => {
  const nightly: Move = {
    action: 'write_schedule',
    name: 'nightly',
    cmd: 'make backup',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
  };
  const { disk } = stage.deps;
  expect(await doing(nightly, { origin: HUMAN })).toMatchObject({
    state: 'done',
    summary: 'write-schedule nightly (by the schedule "30 2 * * *" in Europe/Berlin) · make backup (loop 7ac95a9f1760)',
  });
  await doing({ ...nightly, cmd: 'make other' }, { origin: HUMAN });
  const loops = readLoops(disk);
  expect(loops).toMatchObject([
    {
      state: 'ok',
      spec: { name: 'nightly', target: { command: 'make other', shell: true }, schedule: { expression: '30 2 * * *' } },
    },
  ]);
  const [own] = loops as SoundLoop[];
  const looked = repairState(own!.spec, own!.loopState, NOW, 'UTC')!;
  expect(Date.parse(looked.nextRunAt!)).toBeGreaterThan(NOW);
  createLoop(disk, { ...own!.spec, id: 'aaaaaaaaaaaa' }, looked);
  await doing({ action: 'drop_schedule', name: 'nightly' });
  expect(readLoops(disk).map(({ id }) => id)).toEqual(['aaaaaaaaaaaa']);
  expect(names('trash')).toHaveLength(1);
});

test('a decider gets a loop only through a yes to an ask that shows its schedule and its whole command [loops 176]', async () => {
  const cmd = `echo ${'x'.repeat(3_000)}\necho harmless`;
  const asked = await doing({ action: 'write_schedule', name: 'n', cmd, every_s: 3_600 });
  expect(asked).toMatchObject({ state: 'asked' });
  expect(readLoops(stage.deps.disk)).toEqual([]);
  const { pending } = await readMailbox(stage.deps.disk);
  expect(pending).toHaveLength(1);
  expect(pending[0]).toMatchObject({ kind: 'approval', prompt: expect.stringContaining(cmd) });
  expect(pending[0]!.prompt).toContain('every 3600 s');
  await expect(doing({ action: 'write_schedule', name: 'n', cmd: 'rm -rf /', every_s: 3_600 })).resolves.toMatchObject({
    state: 'refused',
  });
  await expect(doing({ action: 'write_schedule', name: 'n', cmd: 'ls', cron: '5/10 * * * *' })).resolves.toMatchObject({
    state: 'refused',
  });
});

test('a question of the decider is raised once while it is pending', async () => {
  const ask: Move = { action: 'ask_human', prompt: 'Which one?', options: ['a', 'b'], urgency: 'high' };
  expect(await doing(ask)).toMatchObject({ summary: 'ask-human (pulse-1)' });
  expect(await doing(ask)).toMatchObject({ summary: 'ask-human (pulse-1, asked already)' });
  const { pending } = await readMailbox(stage.deps.disk);
  expect(pending).toMatchObject([{ id: 'pulse-1', kind: 'question', urgency: 'high', options: ['a', 'b'] }]);
});

test('a worker is not started without a command, and nothing is left behind', async () => {
  expect(await doing({ action: 'start_worker', id: 'web', prompt: 'go' })).toMatchObject({
    state: 'refused',
    code: 'no-worker-command',
  });
  expect(names('workers')).toEqual([]);
  expect(journal()).toEqual([]);
});

test('a started worker is wanted on disk with its brief; a second of its id and a reserved id are refused', async () => {
  stage.deps.config = { worker_command: 'agent {{prompt_file}}' };
  expect(await doing({ action: 'start_worker', id: 'web', prompt: 'go' })).toEqual({
    state: 'done',
    summary: 'start-worker web',
    goal: 'web',
    gate: { verdict: 'allow', reason: 'a worker asks for itself and can be killed' },
  });
  expect(JSON.parse(text('workers/web/spec.json'))).toMatchObject({ id: 'web', desired: 'running' });
  expect(await doing({ action: 'start_worker', id: 'web', prompt: 'go' })).toMatchObject({ code: 'worker-exists' });
  expect(await doing({ action: 'start_worker', id: 'gate', prompt: 'go' })).toMatchObject({ state: 'refused' });
  expect(await doing({ action: 'tell_worker', id: 'web', message: 'hi' })).toMatchObject({
    state: 'done',
    goal: 'web',
  });
  expect(names('tells')).toEqual(['web-1.md']);
  expect(await doing({ action: 'kill_worker', id: 'web', reason: 'done' })).toMatchObject({
    summary: 'kill-worker web · done',
  });
  expect(JSON.parse(text('workers/web/spec.json'))).toMatchObject({ desired: 'stopped' });
  expect(await doing({ action: 'kill_worker', id: 'nope' })).toMatchObject({ state: 'refused', code: 'no-worker' });
  expect(await doing({ action: 'tell_worker', id: 'nope', message: 'hi' })).toMatchObject({ code: 'worker-dead' });
});

test('an allowed command runs in the data dir as the shell session, and its output and ledger row are kept', async () => {
  stage.deps.config = { gate: { allow: ['*'] } };
  const result = await doing({ action: 'run_shell', cmd: 'printenv TEND_SESSION_ID PWD', reason: 'look' });
  expect(result).toMatchObject({
    state: 'done',
    summary: 'run-shell · look',
    output: { exit_code: 0, output: `shell\n${stage.root}\n`, timed_out: false },
  });
  expect(journal()).toEqual(['run-shell · look']);
  expect(newestRuns(stage.deps.disk, 5)).toMatchObject([{ kind: 'shell', ok: true, summary: 'run-shell · look' }]);
  expect(names('intents')).toEqual([]);
});

test('a failing command is a failed move that names code and output', async () => {
  const result = await doing({ action: 'run_shell', cmd: 'echo oops >&2; exit 3' }, { origin: HUMAN });
  expect(result).toMatchObject({
    state: 'failed',
    code: 'exit-code',
    reason: 'The command ended with exit code 3: oops',
    output: { exit_code: 3, output: 'oops\n' },
  });
  expect(journal()).toEqual([]);
  expect(newestRuns(stage.deps.disk, 5)).toMatchObject([{ ok: false }]);
});

test('long output is cut where it can be seen, and the whole is in the run directory', async () => {
  const result = await doing({ action: 'run_shell', cmd: 'seq 1 5000' }, { origin: HUMAN });
  const { output, run } = (result as { output: { output: string; run: string } }).output;
  expect(output).toMatch(/^\[… the end of 23893 bytes, read .*output\.log\]\n/);
  expect(output.trimEnd().endsWith('5000')).toBe(true);
  const day = names('runs').find((name) => !name.includes('.'));
  expect(text(`runs/${day}/${run}/output.log`)).toHaveLength(23893);
});

test('a refused shape is never asked and never run', async () => {
  expect(await doing({ action: 'run_shell', cmd: 'echo a; rm x' })).toMatchObject({
    state: 'refused',
    code: 'gate-refused',
    reason: 'The gate refused it: "rm *" is refused by gate.refuse',
  });
  expect(names('asks')).toEqual([]);
  expect(names('runs')).toEqual([]);
});

test("a human's own verb is its own yes", async () => {
  expect(await doing({ action: 'run_shell', cmd: 'printf x > f; true' }, { origin: HUMAN })).toMatchObject({
    state: 'done',
  });
  expect(text('f')).toBe('x');
});

test('one beat performs one move: acting for the same run again gives the recorded result', async () => {
  stage.deps.config = { gate: { allow: ['*'] } };
  const run = 'beat-20261121-074200-abcd';
  const move: Move = { action: 'run_shell', cmd: 'tee -a log' };
  const first = await doing({ ...move, cmd: 'bash -c "echo once >> log"' }, { run });
  const again = await doing({ ...move, cmd: 'bash -c "echo once >> log"' }, { run });
  expect(again).toEqual(first);
  expect(text('log')).toBe('once\n');
  expect(journal()).toHaveLength(1);
  expect(names('runs/2026-11-21')).toEqual(['shell-20261121-074200-abcd']);
});

test('a journal that cannot be written never fails the move and never repeats it', async () => {
  mkdirSync(stage.path('journal.md'));
  expect(await doing({ action: 'run_shell', cmd: 'echo hi' })).toMatchObject({ state: 'done' });
  expect(names('intents')).toEqual([]);
  const events = names('.').find((name) => name.startsWith('events-'));
  expect(text(events!)).toContain('journal.failed');
});

test('a file move that somebody died in is completed, once', async () => {
  const intent = {
    format: 1,
    run: 'move-20261121-074200-aaaa',
    day: '2026-11-21',
    action: 'write_goal',
    move: { action: 'write_goal', id: 'ship', body: 'new' },
    origin: 'pulse',
    base: 'absent',
    ts: NOW / 1000,
  };
  publishIntent(stage.deps.disk, intent);
  expect(await recover(stage.deps, NOW)).toMatchObject([{ run: intent.run, result: { state: 'done' } }]);
  expect(text('goals/ship.md')).toBe('new\n');
  expect(await recover(stage.deps, NOW)).toEqual([]);
  expect(journal()).toEqual(['write-goal ship']);
});

test('an edit that came after the death is not overwritten by the repeat', async () => {
  await doing({ action: 'write_goal', id: 'ship', body: 'human edit' });
  const intent = {
    format: 1,
    run: 'move-20261121-074200-bbbb',
    day: '2026-11-21',
    action: 'write_goal',
    move: { action: 'write_goal', id: 'ship', body: 'stale' },
    origin: 'pulse',
    base: 'absent',
    ts: NOW / 1000,
  };
  publishIntent(stage.deps.disk, intent);
  expect(await recover(stage.deps, NOW)).toMatchObject([{ result: { state: 'failed', code: 'superseded' } }]);
  expect(text('goals/ship.md')).toBe('human edit\n');
});

test('an outcome without its journal line gets it at the next start, and not twice', async () => {
  const result = await doing({ action: 'write_goal', id: 'ship', body: 'x' }, { run: 'beat-20261121-074200-cccc' });
  expect(result.state).toBe('done');
  const intent = {
    format: 1,
    run: 'beat-20261121-074200-cccc',
    day: '2026-11-21',
    action: 'write_goal',
    move: { action: 'write_goal', id: 'ship', body: 'x' },
    origin: 'pulse',
    ts: NOW / 1000,
  };
  for (const lost of [true, false]) {
    if (lost) writeFileSync(stage.path('journal.md'), '');
    publishIntent(stage.deps.disk, intent);
    expect(await recover(stage.deps, NOW)).toHaveLength(1);
    expect(journal()).toEqual(['write-goal ship']);
  }
});

test('an intent that is garbage goes to quarantine, others are completed', async () => {
  mkdirSync(stage.path('intents'));
  writeFileSync(stage.path('intents/x.json'), '{{{');
  const fly = { format: 1, run: 'y', day: 'd', action: 'a', move: { action: 'fly' }, origin: 'pulse', ts: 1 };
  publishIntent(stage.deps.disk, fly);
  expect(await recover(stage.deps, NOW)).toEqual([]);
  expect(names('intents')).toEqual([]);
  expect(names('quarantine')).toHaveLength(2);
});
