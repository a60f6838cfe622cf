import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { act, recover } from '../../src/act/act.js';
import { isConsumed, raiseAsk, readAsk, recordAnswer } from '../../src/store/asks.js';
import { publishIntent } from '../../src/store/intents.js';
import { readSpend, reserveSpend } from '../../src/store/spend.js';
import { writeWorkerUsage } from '../../src/store/worker-money.js';
import { promptKey, readWorker, specKey, statusKey } from '../../src/store/workers.js';
import { depsFor } from './deps.js';

// A worker as its records say, after a death of everything: no process is needed to judge that.
const NOW = new Date(2026, 10, 21, 12).getTime();
const TS = NOW / 1_000 - 600;
const G = 'aaaaaaaaaaaaaaaa';
let root: string;
let deps: ReturnType<typeof depsFor>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-resume-'));
  deps = depsFor(root, '/nowhere/tend');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const json = (value: object) => `${JSON.stringify({ format: 1, id: 'w', generation: G, ...value })}\n`;
function worker(spec: object = {}, status: object | null = {}): void {
  deps.disk.replace(specKey('w'), json({ desired: 'running', ts: TS, verify: 'true', budget_usd: 3, ...spec }));
  if (status === null) return;
  deps.disk.replace(
    statusKey('w'),
    json({
      state: 'failed',
      message: 'its supervisor died (crash or reboot)',
      exit_code: null,
      socket: join(root, 'no.sock'),
      nonce: 'n',
      supervisor_pid: 1,
      child_pid: 2,
      columns: 80,
      rows: 24,
      started_ts: TS,
      ended_ts: TS + 60,
      runner: 'codex',
      session: 's-1',
      ...status,
    }),
  );
}
const resume = (by: 'pulse' | 'human' = 'pulse', prompt?: string) =>
  act(
    deps,
    {
      move: { action: 'resume_worker', id: 'w', ...(prompt === undefined ? {} : { prompt }) },
      origin: by === 'pulse' ? { by } : { by, user: 'ada' },
      world: 'x',
    },
    NOW,
  );
const spec = () => readWorker(deps.disk, 'w')!.spec!;
const prompt = () => {
  const read = deps.disk.read(promptKey('w', spec().generation));
  return read.state === 'present' ? read.text : read.state;
};
const RESUMED = { session: 's-1', runner: 'codex', first: '9999999999999999', usd: 1, answered: [] };

test('a worker that was cut is wanted again with its session, its budget and its verify, as a run of its own', async () => {
  worker();
  reserveSpend(
    deps.disk,
    { day: '2026-11-21', run: `worker-${G}`, runner: 'codex', worker: 'w', estimateUsd: 0.2 },
    NOW,
  );
  writeWorkerUsage(deps.disk, 'w', {
    generation: G,
    hours: 1,
    usd: 0.7,
    tokens: 70,
    session: { input_tokens: 60, usd: 0.7 },
  });
  expect(await resume()).toMatchObject({ state: 'done', goal: 'w' });
  expect(spec().generation).not.toBe(G);
  expect(spec()).toMatchObject({
    desired: 'running',
    verify: 'true',
    budget_usd: 3,
    resume: { session: 's-1', runner: 'codex', first: G, count: 1, usd: 0.7, since: { input_tokens: 60, usd: 0.7 } },
  });
  expect(prompt()).toContain('its supervisor died (crash or reboot)');
  // What the old run has cost stands before the new one begins.
  expect(readSpend(deps.disk, '2026-11-21').rows.filter((row) => row.kind === 'settle')).toMatchObject([
    { run: `worker-${G}`, usd: 0.7, tokens: 70, metered: true },
  ]);
  // It is about to start: nobody can resume it a second time for the same death.
  expect(await resume()).toMatchObject({ state: 'refused', code: 'worker-exists' });
});

test('its death may be known to nobody yet: it is recorded first', async () => {
  worker({}, { state: 'running', message: undefined, ended_ts: undefined });
  expect(await resume()).toMatchObject({ state: 'done' });
  expect(spec().resume).toMatchObject({ session: 's-1', count: 1 });
});

test.each<[name: string, spec: object, status: object | null, pulse: string | undefined, human: string | undefined]>([
  ['was cut for the third time', { resume: { ...RESUMED, count: 2 } }, {}, undefined, undefined],
  ['was cut for the fourth time', { resume: { ...RESUMED, count: 3 } }, {}, 'resume-limit', undefined],
  ['has come to its own end', {}, { state: 'exited', exit_code: 0 }, 'not-cut', undefined],
  ['was killed by its human', { desired: 'stopped' }, { state: 'killed' }, 'not-cut', undefined],
  ['has no session', {}, { session: undefined }, 'no-session', 'no-session'],
  [
    'runs on what cannot go on',
    {},
    { no_resume: 'it was started with a command of its own' },
    'no-resume',
    'no-resume',
  ],
  ['is about to start', {}, null, 'worker-exists', 'worker-exists'],
  ['has a status that is garbage', {}, { state: 'dreaming' }, 'worker-unknown', 'worker-unknown'],
])('a worker that %s', async (_name, of, status, pulse, human) => {
  for (const [by, code] of [
    ['pulse', pulse],
    ['human', human],
  ] as const) {
    worker(of, status);
    const result = await resume(by);
    expect([by, 'code' in result ? result.code : result.state]).toEqual([by, code ?? 'done']);
    expect(spec().generation === G).toBe(code !== undefined);
  }
});

test('a worker that is not there, and one over the cap, are refused in words', async () => {
  expect(await resume()).toMatchObject({ state: 'refused', code: 'no-worker', hint: 'tend worker list --all' });
  worker();
  deps.disk.replace('workers/x/spec.json', json({ id: 'x', desired: 'running', ts: TS }));
  deps.knobs.maxWorkers = 1;
  expect(await resume()).toMatchObject({ state: 'refused', code: 'worker-cap' });
});

test('the session is told what became of its asks; answers that it is given are taken, an open ask is left to it', async () => {
  worker();
  const ask = (text: string, of = 'w', generation?: string) =>
    raiseAsk(
      deps.disk,
      {
        worker: of,
        prompt: text,
        kind: 'question',
        urgency: 'normal',
        waiter: '0123456789abcdef',
        ...(generation ? { generation } : {}),
      },
      NOW,
    ).id;
  const answer = (id: string, text: string, outcome: 'answered' | 'closed' = 'answered') =>
    recordAnswer(deps.disk, { id, outcome, answer: text, by: 'ada', channel: 'cli' }, NOW);
  const [first, second, third, others] = [
    ask('Which\ntea?', 'w', G),
    ask('Which cup?', 'w', G),
    ask('Which day?', 'w', G),
    ask('No?', 'w-1', G),
  ];
  answer(first, 'green {{word}} $& it is');
  answer(second, 'no matter', 'closed');
  answer(others, 'a secret of theirs');
  // A script of the human that asks under its name.
  const script = ask('Mine?');
  answer(script, 'a word for the script');
  expect(await resume('human', 'The kettle is new.')).toMatchObject({ state: 'done' });
  expect(prompt()).toContain('`w-1`');
  expect(prompt()).toContain('  > Which\n  > tea?');
  expect(prompt()).toContain('  > green {{word}} $& it is');
  expect(prompt()).toMatch(/Nobody answers it any more:\n\n {2}> no matter/);
  expect(prompt()).toContain(`tend ask w --again ${third}`);
  expect(prompt()).toContain('The kettle is new.');
  expect(prompt()).not.toMatch(/a secret of theirs|a word for the script/);
  const taken = [first, second, third, others, script].map((id) => isConsumed(deps.disk, id));
  expect(taken).toEqual([true, true, false, false, false]);
  // What it will wait for is no longer that of a dead worker, which a decider would act on.
  expect(await readAsk(deps.disk, third)).toMatchObject({ value: { generation: spec().generation } });
});

test('a resume that somebody died in is completed once: the answers are taken, nothing is resumed again', async () => {
  worker();
  const { id } = raiseAsk(
    deps.disk,
    { worker: 'w', prompt: 'Tea?', kind: 'question', urgency: 'normal', generation: G },
    NOW,
  );
  recordAnswer(deps.disk, { id, outcome: 'answered', answer: 'green', by: 'ada', channel: 'cli' }, NOW);
  const move = { action: 'resume_worker', id: 'w' } as const;
  await act(deps, { move, origin: { by: 'pulse' }, world: 'x' }, NOW);
  const { generation } = spec();
  // It died after the commit: the mark is not there, the intent is.
  deps.disk.remove(`consumed/${id}.json`);
  publishIntent(deps.disk, {
    format: 1,
    run: 'move-1',
    day: '2026-11-21',
    action: move.action,
    move,
    origin: 'pulse',
    ts: NOW / 1_000,
  });
  expect(await recover(deps, NOW)).toMatchObject([{ result: { state: 'done' } }]);
  expect(spec().generation).toBe(generation);
  expect(isConsumed(deps.disk, id)).toBe(true);
});
