import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { recover } from '../../src/act/act.js';
import { shellMark } from '../../src/act/moves/run-shell.js';
import { findMarked } from '../../src/host/kill.js';
import { parseJson } from '../../src/lib/json.js';
import { publishIntent, readIntent } from '../../src/store/intents.js';
import { journalTail } from '../../src/store/journal.js';
import { buildProgram, killMarks, openStage, removeProgram, type Stage, until } from './stage.js';

let bin = '';
let stage: Stage;
beforeAll(async () => {
  bin = await buildProgram();
  return () => removeProgram(bin);
});
beforeEach(() => {
  stage = openStage(bin);
});
afterEach(() => {
  killMarks(...marks());
  stage.close();
});

const proposal = (cmd: string, by: 'pulse' | 'human' = 'human') =>
  JSON.stringify({ move: { action: 'run_shell', cmd }, origin: { by, user: 'ada' } });
const log = () => (existsSync(stage.path('log')) ? readFileSync(stage.path('log'), 'utf8') : '');
const journal = () => journalTail(stage.deps.disk, 50).map((line) => line.replace(/^- \S+ \S+ /, ''));
const runDir = () => {
  const intent = intents()[0]!;
  const { day, run } = parseJson(readFileSync(stage.path(`intents/${intent}`), 'utf8')).value as {
    day: string;
    run: string;
  };
  return stage.path(`runs/${day}/${run}`);
};
const record = (name: string) => parseJson(readFileSync(join(runDir(), name), 'utf8')).value as Record<string, unknown>;
const intents = () =>
  existsSync(stage.path('intents')) ? readdirSync(stage.path('intents')).filter((name) => name.endsWith('.json')) : [];
const marks = () => {
  return intents().flatMap((name) => {
    const mark = shellMark(stage.root, name.slice(0, -5));
    return [mark, `supervisor-${mark}`];
  });
};
const kill = (child: { kill(signal: NodeJS.Signals): boolean; once(e: 'exit', f: () => void): unknown }) =>
  new Promise<void>((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });

test('the caller is killed in the middle: the command goes on, its end is adopted, and it ran once', async () => {
  const child = stage.start(['act', stage.root, proposal('echo begun >> log; sleep 1; echo ended >> log')]);
  await until('the command has begun', () => log() !== '');
  await kill(child);
  expect(await recover(stage.deps, Date.now()), "a living human's command is left to it").toEqual([]);
  await until('the command has ended', () => existsSync(join(runDir(), 'exit.json')));
  expect(await recover(stage.deps, Date.now())).toMatchObject([
    { origin: 'human', cmd: 'echo begun >> log; sleep 1; echo ended >> log', result: { state: 'done' } },
  ]);
  expect(await recover(stage.deps, Date.now())).toEqual([]);
  expect(log()).toBe('begun\nended\n');
  expect(journal()).toHaveLength(1);
});

test('a command of the pulse that still runs is waited for by the next life', async () => {
  const child = stage.start(['act', stage.root, proposal('echo begun >> log; sleep 1; echo ended >> log')]);
  await until('the command has begun', () => log() !== '');
  await kill(child);
  const intent = intents()[0]!;
  const read = readIntent(stage.deps.disk, intent.slice(0, -'.json'.length));
  if (read.state !== 'present') throw new Error(read.state);
  const { seal: _seal, ...record } = read.value;
  stage.deps.disk.remove(`intents/${intent}`);
  publishIntent(stage.deps.disk, { ...record, origin: 'pulse' });
  expect(await recover(stage.deps, Date.now())).toMatchObject([{ origin: 'pulse', result: { state: 'done' } }]);
  expect(log()).toBe('begun\nended\n');
});

test('the caller is killed right after its intent: the next life starts the command, once', async () => {
  const child = stage.start(['act', stage.root, proposal('echo ran >> log')]);
  await until('the intent is written', () => intents().length > 0);
  await kill(child);
  // A living supervisor of a human's command is left to it, so the first look may find nothing to do yet.
  for (let i = 0; i < 200 && intents().length > 0; i++) {
    await recover(stage.deps, Date.now());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(log()).toBe('ran\n');
  expect(journal()).toHaveLength(1);
});

test('the supervisor is killed: the command is reported as interrupted, ended, journaled once, and never run again', async () => {
  const child = stage.start(['act', stage.root, proposal('echo begun >> log; sleep 300; echo ended >> log')]);
  await until('the command has begun', () => log() !== '');
  const mark = marks()[0]!;
  process.kill(record('started.json')['pid'] as number, 'SIGKILL');
  let out = '';
  child.stdout!.on('data', (chunk) => (out += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  expect(parseJson(out).value).toMatchObject({ state: 'failed', code: 'interrupted' });
  expect(findMarked(mark), 'nothing of it is left without a deadline').toEqual([]);
  expect(await recover(stage.deps, Date.now())).toEqual([]);
  expect(journal()).toHaveLength(1);
  expect(journal()[0]).toContain('what it did is not known');
  expect(log()).toBe('begun\n');
});

test('caller and supervisor are both killed: the next life reports it, once', async () => {
  const child = stage.start(['act', stage.root, proposal('echo begun >> log; sleep 300')]);
  await until('the command has begun', () => log() !== '');
  process.kill(record('started.json')['pid'] as number, 'SIGKILL');
  await kill(child);
  expect(await recover(stage.deps, Date.now())).toMatchObject([{ result: { state: 'failed', code: 'interrupted' } }]);
  expect(await recover(stage.deps, Date.now())).toEqual([]);
  expect(log()).toBe('begun\n');
  expect(journal()).toHaveLength(1);
});

test('eight processes that complete the same intent run its command once and journal it once', async () => {
  const run = 'shell-20261121-074200-aaaa';
  const move = { action: 'run_shell', cmd: 'echo ran >> log; sleep 0.2' };
  const intent = { format: 1, run, day: '2026-11-21', action: 'run_shell', move, origin: 'pulse', ts: 1 };
  publishIntent(stage.deps.disk, intent);
  await Promise.all(Array.from({ length: 8 }, () => stage.run(['recover', stage.root])));
  expect(log()).toBe('ran\n');
  expect(journal()).toHaveLength(1);
  expect(intents()).toEqual([]);
});

test('a command that ignores TERM and has fled into a session of its own is gone after the deadline', async () => {
  const cmd = `trap '' TERM; setsid bash -c 'trap "" TERM; while :; do sleep 1; done' & while :; do sleep 1; done`;
  const result = stage.run(['act', stage.root, proposal(cmd)], { TEND_SHELL_TIMEOUT_SECS: '1' });
  await until('the command has begun', () => marks().some((mark) => findMarked(mark).length > 2));
  const [mark] = marks();
  expect(await result).toMatchObject({
    state: 'failed',
    code: 'timeout',
    output: { timed_out: true },
  });
  expect(findMarked(mark!)).toEqual([]);
});

test('a command that floods its output is stopped, with a visible mark at the end of what is kept', async () => {
  const result = (await stage.run(['act', stage.root, proposal('yes')])) as {
    code: string;
    output: { output: string };
  };
  expect(result.code).toBe('output-limit');
  expect(result.output.output).toContain('[… stopped: more than 67108864 bytes of output]');
  const run = readdirSync(stage.path('runs')).find((name) => !name.includes('.'))!;
  const [id] = readdirSync(stage.path(`runs/${run}`));
  const size = stage.deps.disk.stat(`runs/${run}/${id}/output.log`);
  expect(size).toMatchObject({ state: 'present' });
  expect((size as { bytes: number }).bytes).toBeLessThan(67_108_864 + 200);
});

test('what a command leaves in the background goes with it', async () => {
  expect(await stage.run(['act', stage.root, proposal('sleep 300 & setsid sleep 300 & echo started')])).toMatchObject({
    state: 'done',
  });
  const run = readdirSync(stage.path('runs')).find((name) => !name.includes('.'))!;
  const [id] = readdirSync(stage.path(`runs/${run}`));
  expect(findMarked(shellMark(stage.root, id!))).toEqual([]);
});

test('the end of a command leaves a run of the same name in another profile alone', async () => {
  const other = openStage(stage.bin);
  try {
    const begin = (at: Stage, cmd: string) => {
      const run = 'shell-20261121-074200-gate-1';
      const move = { action: 'run_shell', cmd };
      const intent = { format: 1, run, day: '2026-11-21', action: 'run_shell', move, origin: 'pulse', ts: 1 };
      publishIntent(at.deps.disk, intent);
      return at.run(['recover', at.root]);
    };
    const slow = begin(stage, 'echo begun >> log; while [ ! -e go ]; do sleep 0.05; done; echo ended >> log');
    await until('the command has begun', () => log() !== '');
    expect(await begin(other, 'true')).toMatchObject([{ result: { state: 'done' } }]);
    stage.deps.disk.publish('go', '');
    expect(await slow).toMatchObject([{ result: { state: 'done' } }]);
    expect(log()).toBe('begun\nended\n');
  } finally {
    other.close();
  }
});
