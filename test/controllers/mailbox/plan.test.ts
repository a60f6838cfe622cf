import { expect, test } from 'vitest';
import type { MailFacts, Seen } from '../../../src/controllers/mailbox/observe.js';
import {
  CORRUPT_AFTER_MS,
  ORPHAN_AFTER_MS,
  planAsk,
  WAITER_RECHECK_MS,
} from '../../../src/controllers/mailbox/plan.js';
import type { Answer, Ask } from '../../../src/model/ask.js';

const NOW = 1_795_000_000_000;
const OLD = NOW - 3_600_000;

const ask: Seen<Ask> = {
  state: 'present',
  changedAt: OLD,
  value: { format: 1, id: 'w-1', worker: 'w', kind: 'question', urgency: 'normal', ts: 1, prompt: 'p' },
};
const ended = (outcome: Answer['outcome'], changedAt = OLD): Seen<Answer> => ({
  state: 'present',
  changedAt,
  value: { format: 1, id: 'w-1', outcome, ts: 1, by: 'ann', channel: 'cli', answer: 'yes' },
});
const corrupt = (changedAt: number) => ({ state: 'corrupt', reason: 'torn', changedAt }) as const;
const absent = { state: 'absent' } as const;
const newer = { state: 'newer', reason: 'update tend' } as const;
const unreadable = { state: 'unreadable', reason: 'EACCES' } as const;

const rest: MailFacts = { id: 'w-1', ask, answer: absent, consumed: false, askArchived: false, waiter: 'none' };

test.each<[string, Partial<MailFacts>, string[], Partial<ReturnType<typeof planAsk>['outcome']>]>([
  ['an open ask waits for the human', {}, [], { state: 'waiting', on: 'the human' }],
  ['an answer waits for its asker, it is not archived unread', { answer: ended('answered') }, [], { state: 'waiting' }],
  [
    'an answer that was acted on is archived',
    { answer: ended('answered'), consumed: true },
    ['archive'],
    { state: 'settled' },
  ],
  ['a closed ask nobody waits for', { answer: ended('closed') }, ['consume', 'archive'], { state: 'settled' }],
  [
    'an expired ask whose asker died',
    { answer: ended('expired'), waiter: 'dead' },
    ['consume', 'archive'],
    { state: 'settled' },
  ],
  [
    'a closed ask whose asker lives',
    { answer: ended('closed'), waiter: 'alive' },
    [],
    { state: 'waiting', recheckAt: NOW + WAITER_RECHECK_MS },
  ],
  [
    'a closed ask whose asker cannot be asked',
    { answer: ended('closed'), waiter: 'unknown' },
    [],
    { state: 'waiting' },
  ],
  ['a broken ask', { ask: corrupt(OLD) }, ['quarantine asks/w-1.md'], { state: 'later' }],
  ['an ask in the middle of a save', { ask: corrupt(NOW - 1) }, [], { state: 'later', at: NOW - 1 + CORRUPT_AFTER_MS }],
  [
    'a broken ask from before the clock was set back',
    { ask: corrupt(NOW + 1e9) },
    ['quarantine asks/w-1.md'],
    { state: 'later' },
  ],
  [
    'a broken ask whose file system is a second ahead',
    { ask: corrupt(NOW + 1_000) },
    [],
    { state: 'later', at: NOW + 1_000 + CORRUPT_AFTER_MS },
  ],
  ['a broken answer', { answer: corrupt(OLD) }, ['quarantine answers/w-1.md'], { state: 'later' }],
  [
    'a broken answer that was acted on',
    { answer: corrupt(OLD), consumed: true },
    ['quarantine answers/w-1.md'],
    { state: 'later' },
  ],
  ['an answer that was acted on and is lost', { consumed: true }, ['archive'], { state: 'settled' }],
  ['an ask of a newer tend', { ask: newer }, [], { state: 'stalled' }],
  ['an answer of a newer tend', { answer: newer }, [], { state: 'stalled' }],
  [
    'an ask that cannot be read',
    { ask: unreadable, answer: ended('answered'), consumed: true },
    [],
    { state: 'stalled' },
  ],
  [
    'an answer whose ask went to the archive before a crash',
    { ask: absent, askArchived: true, answer: ended('answered', NOW) },
    ['archive'],
    { state: 'settled' },
  ],
  [
    'an answer without an ask, just written',
    { ask: absent, answer: ended('answered', NOW) },
    [],
    { state: 'later', at: NOW + ORPHAN_AFTER_MS },
  ],
  ['an answer without an ask', { ask: absent, answer: ended('answered') }, ['archive'], { state: 'settled' }],
  [
    'an answer without an ask from before the clock was set back',
    { ask: absent, answer: ended('answered', NOW + 1e9) },
    ['archive'],
    { state: 'settled' },
  ],
  ['nothing', { ask: absent }, [], { state: 'settled' }],
])('%s', (_what, facts, steps, outcome) => {
  const plan = planAsk({ ...rest, ...facts }, NOW);
  expect(plan.steps.map((step) => (step.do === 'quarantine' ? `quarantine ${step.key}` : step.do))).toEqual(steps);
  expect(plan.outcome).toMatchObject(outcome);
});
