/** Data dirs of looop as its versions leave them (specs/looop.md 2 and 14.1): path → content. Names that end in .sh are executable. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const pretty = (value: object): string => JSON.stringify(value, null, 2);
const line = (value: object): string => JSON.stringify(value);

export type OldProfile = Readonly<Record<string, string>>;

/** 0.42: asks and answers are never deleted, no schedules, no versions in the records. */
export const SEED: OldProfile = {
  'PLAYBOOK.md': '# Playbook\n\n1. setup first\n2. else `looop _ state` and noop\n',
  'goals/setup.md': '---\ngoal: know the human\n---\nInterview, then archive this goal.\n',
  'goals/billing.md': '---\ngoal: no refund waits: ever\n---\n# Billing\nLook at the queue each hour.\n',
  'goals/docs.md': 'Docs are true.',
  'goals/archive/old.md': 'Done long ago.\n',
  'sensors/ci.sh': '#!/bin/sh\n# looop:interval=300\ncat "$LOOOP_DATA_DIR/ci.json"\n',
  'sensors/today.sh': '#!/bin/sh\nprintf \'{"signal":{"day":"%s"}}\' "$(date +%F)"\n',
  'journal.md': '- 2026-01-01 12:05 ci red on billing, sent a worker\n- 2026-01-01 12:09 noop\n',
  'asks/setup-1.json': pretty({
    id: 'setup-1',
    worker: 'setup',
    prompt: 'What should I tend?',
    reference: 'goals/setup.md',
    ts: 1767225000,
  }),
  'answers/setup-1.json': pretty({ answer: 'billing and docs', ts: 1767225060 }),
  'asks/billing-1.json': pretty({ id: 'billing-1', worker: 'billing', prompt: 'Which queue?', ts: 1767225100 }),
  'answers/billing-1.json': pretty({ answer: 'the blue one', ts: 1767225160 }),
  'asks/billing-2.json': pretty({
    id: 'billing-2',
    worker: 'billing',
    prompt: 'Refund 3 duplicates now?\n\nThey are in `reports/billing.md`.',
    reference: 'reports/billing.md',
    options: ['refund', 'hold, for now'],
    ts: 1767225600,
  }),
  'claims/api-repo.json': line({ name: 'api-repo', session: 'billing' }),
  'reports/billing.md': '# Three duplicates\n',
  'prompts/billing.md': 'contract\nbrief\n',
  'snapshots/sensor-ci.json': line({ signal: { main: 'red' }, detail: { run: 8812 } }),
  'runs/tick-20260101-120501/prompt.md': 'prompt\n',
  'config.json': line({
    tick: 'claude -p --model sonnet "$(cat {{prompt_file}})" | looop _ fmt',
    interactive: 'claude "$(cat {{prompt_file}})"',
    interval: 60,
  }),
  'tick.log': 'x\n',
  'events.jsonl': `${line({ event: 'decided', ts: '2026-01-01T12:05:31Z' })}\n`,
  'sessions/billing/meta.json': line({ id: 'billing', cmd: ['claude'], babysit_pid: 1, started_at: 1 }),
  '.last-tick-hash': `${'0'.repeat(32)}\n`,
  '.tick-backoff': line({ fails: 2, hash: '0f', ts: 1767225000 }),
  '.goal-activity.json': line({ billing: 1767224000 }),
  '.gitignore': 'sessions/\n',
};

/** Between the two: asks that block nobody. */
export const MID: OldProfile = {
  ...SEED,
  'asks/billing-3.json': pretty({
    id: 'billing-3',
    worker: 'billing',
    prompt: 'Detached: close the month?',
    detach: true,
    ts: 1767226000,
  }),
};

/** 1.0: versions in records, schedules, steering, kept PLAYBOOKs, rotated logs. */
export const NEWER: OldProfile = {
  ...SEED,
  'config.json': pretty({
    tick_command: 'claude -p < {{prompt_file}}',
    worker_command: 'claude "$(cat {{prompt_file}})"',
    interval: 30,
    max_next_interval: 300,
  }),
  'asks/billing-2.json': pretty({
    v: 1,
    id: 'billing-2',
    worker: 'billing',
    prompt: 'Refund 3 duplicates now?',
    options: ['refund', 'hold'],
    ts: 1767225600,
  }),
  'asks/w-9-1.json': pretty({
    v: 1,
    id: 'w-9-1',
    worker: 'w-9',
    prompt: 'A worker whose name ends in a number',
    ts: 1767225700,
  }),
  'schedules/weekly.json': pretty({
    v: 1,
    name: 'weekly',
    every_s: 604800,
    anchor_ts: 1767225000,
    note: 'look at the month',
  }),
  'schedules/once.json': pretty({ v: 1, name: 'once', due_ts: 1893456000, note: 'renew the domain' }),
  'schedules/often.json': pretty({ v: 1, name: 'often', every_s: 5, anchor_ts: 1767225000 }),
  'playbook.d/20251231-235900.md': '# An earlier playbook\n',
  'playbook.d/20251231-235900-0001.md': '# Another of that second\n',
  'goals/archive/old-1.md': 'Done again.\n',
  'tells/billing-1.json': pretty({ v: 1, id: 'billing-1', worker: 'billing', msg: 'hurry', ts: 1 }),
  'verify/billing.cmd': 'test -f done\n',
  'journal.md.1': '- 2025-12-31 23:59 an older line\n',
  'claims/api-repo.json': line({ name: 'api-repo', session: 'billing', ts: 1767225000, nonce: 'x' }),
  '.noop-at.json': line({ v: 1, ts: 1, hash: 'x' }),
  '.decide-ledger.json': line({ v: 1, ts: [1] }),
};

export function writeProfile(dir: string, files: OldProfile): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
    if (path.endsWith('.sh')) chmodSync(join(dir, path), 0o755);
  }
}
