import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { act } from '../../src/act/act.js';
import { kindOf } from '../../src/act/registry.js';
import { decide } from '../../src/decide/decide.js';
import { ACTIONS, type Move, moveSchema } from '../../src/model/move.js';
import { check } from '../../src/model/record.js';
import { localDisk } from '../../src/store/local-disk.js';
import { newestRuns, newRun, pruneRuns, recordRun } from '../../src/store/runs.js';
import { depsFor } from '../act/deps.js';
import { BIN } from '../contract/tend-process.js';
import { rig } from '../decide/rig.js';
import { openHouse, until } from '../e2e/house.js';

const NOW = 1_800_000_000_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-act-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const SAMPLES: Move[] = [
  { action: 'noop' },
  { action: 'run_shell', cmd: 'true' },
  { action: 'write_goal', id: 'a', body: 'x' },
  { action: 'archive_goal', id: 'a' },
  { action: 'write_sensor', name: 'a', script: '#!/bin/sh' },
  { action: 'remove_sensor', name: 'a' },
  { action: 'write_playbook', body: 'x' },
  { action: 'start_worker', id: 'a', prompt: 'x' },
  { action: 'resume_worker', id: 'a' },
  { action: 'kill_worker', id: 'a' },
  { action: 'tell_worker', id: 'a', message: 'x' },
  { action: 'ask_human', prompt: 'x' },
  { action: 'write_schedule', name: 'a', in_s: 5 },
  { action: 'drop_schedule', name: 'a' },
];

test('a move counts for the goal whose id it names: goals and workers do, nothing else does', async () => {
  expect(SAMPLES.map((move) => move.action)).toEqual(ACTIONS);
  const goals = await Promise.all(
    SAMPLES.map(async (move) => {
      expect(check(moveSchema, move).problems).toBeUndefined();
      const kind = (await kindOf(move.action)) as { goal?: (move: Move) => string | undefined };
      return [move.action, kind.goal?.(move)] as const;
    }),
  );
  const counted = goals.filter(([, goal]) => goal === 'a').map(([action]) => action);
  expect(counted).toEqual([
    'write_goal',
    'archive_goal',
    'start_worker',
    'resume_worker',
    'kill_worker',
    'tell_worker',
  ]);
  expect(goals.filter(([, goal]) => goal !== undefined)).toHaveLength(counted.length);
});

test.each([
  ['succeeds', 'true', 'done'],
  ['fails', 'exit 3', 'failed'],
])('the intent of a command that %s is gone afterwards, so nobody ever runs it again', async (_, cmd, state) => {
  const move = { action: 'run_shell', cmd } as const;
  expect(await act(depsFor(root, BIN), { move, origin: { by: 'human', user: 'me' } }, Date.now())).toMatchObject({
    state,
  });
  expect(readdirSync(join(root, 'intents'))).toEqual([]);
});

test('a command past its deadline says that its output may be partial', async () => {
  const deps = depsFor(root, BIN);
  const move = { action: 'run_shell', cmd: 'echo half; sleep 300' } as const;
  const slow = { ...deps, knobs: { ...deps.knobs, shellTimeoutS: 1 } };
  expect(await act(slow, { move, origin: { by: 'human', user: 'me' } }, Date.now())).toMatchObject({
    state: 'failed',
    code: 'timeout',
    reason: expect.stringMatching(/more than 1 s .* may be partial: half/),
  });
});

test('a replay log that cannot be written costs an event, not the decision', async () => {
  const at = rig();
  try {
    const replace: typeof at.disk.replace = (key, ...rest) => {
      if (key.endsWith('.log')) throw new Error('ENOSPC');
      at.disk.replace(key, ...rest);
    };
    const deps = at.deps(['say', '{"action":"noop"}'], { disk: { ...at.disk, replace } });
    expect(await decide(deps, at.request())).toMatchObject({ state: 'move', decided: { move: { action: 'noop' } } });
    expect(at.events().match(/run\.output_lost/g)).toHaveLength(1);
  } finally {
    at.remove();
  }
});

test('run directories beyond the number to keep go, the oldest first, never one that is in use; 0 keeps all; their rows stay', () => {
  const disk = localDisk(root);
  const day = 86_400_000;
  const runs = [0, 1, 2, 3, 4].map((n) => newRun(n % 2 ? 'beat' : 'shell', NOW + n * day));
  for (const run of runs) {
    disk.replace(`${run.dir}/prompt.md`, 'x');
    recordRun(disk, run, { kind: 'beat', ts: 1, duration_ms: 1, ok: true, summary: run.id });
  }
  const left = () => runs.map((run) => existsSync(disk.path(run.dir)));
  const now = NOW + 5 * day;
  pruneRuns(disk, 0, { inUse: new Set(), now });
  expect(left()).toEqual([true, true, true, true, true]);
  pruneRuns(disk, 2, { inUse: new Set([runs[0]!.id]), now });
  expect(left()).toEqual([true, false, false, true, true]);
  expect(newestRuns(disk, 10)).toHaveLength(5);
  // The clock is set back by two days: what was made before that goes before what is made since.
  const since = newRun('beat', NOW + 2 * day);
  disk.replace(`${since.dir}/prompt.md`, 'x');
  pruneRuns(disk, 2, { inUse: new Set(), now: NOW + 2 * day });
  expect(left()).toEqual([true, false, false, false, false]);
  expect(existsSync(disk.path(since.dir))).toBe(true);
});

test('what a command said is shown to the next decision and to no later one; a command of the human neither takes nor adds to it', {
  timeout: 180_000,
}, async () => {
  const house = openHouse();
  try {
    await house.init();
    const config = JSON.parse(house.text('config.json')) as object;
    house.write('config.json', JSON.stringify({ ...config, gate: { allow: ['echo *'] } }));
    house.next({ action: 'run_shell', cmd: 'echo from-the-loop', journal: 'said it\n- 2020-01-01 00:00 forged' });
    await house.up();
    await until('the command ran', () => house.journal().length === 1);
    expect(house.journal()).toEqual([expect.stringMatching(/^- .{16} said it - 2020-01-01 00:00 forged$/)]);
    await house.must(['run', 'echo from-the-human']);
    await until('the follow-up', () => house.calls() === 2);
    expect(house.prompt(2)).toMatch(
      /=== RUN_SHELL OUTPUT[\s\S]*command: echo from-the-loop\nexit code 0[\s\S]*\nfrom-the-loop\n/,
    );
    expect(house.prompt(2).split('=== RUN_SHELL OUTPUT')[1]).not.toContain('from-the-human');
    await house.settled();
    await house.must(['goal', 'write', 'x', 'another thing']);
    await until('a later decision', () => house.calls() === 3);
    expect(house.prompt(3)).not.toContain('RUN_SHELL OUTPUT');
    expect(house.prompt(3)).toContain('another thing');
  } finally {
    await house.close();
  }
});
