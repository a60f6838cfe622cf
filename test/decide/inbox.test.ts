import { afterEach, beforeEach, expect, test } from 'vitest';
import { gatherInbox } from '../../src/decide/inbox.js';
import { consumeAnswer, raiseAsk, recordAnswer } from '../../src/store/asks.js';
import { type Rig, rig } from './rig.js';

const NOW = 1_800_000_000_000;
let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const raise = (worker: string) =>
  raiseAsk(at.disk, { worker, kind: 'question', urgency: 'normal', prompt: `from ${worker}` }, NOW).id;
const reply = (id: string) =>
  recordAnswer(at.disk, { id, outcome: 'answered', answer: 'yes', by: 'me', channel: 'cli' }, NOW);
const alive = (worker: string) => worker === 'api';

test('asks of the living are live, of the dead stranded, of tend itself standing', async () => {
  for (const worker of ['api', 'ghost', 'pulse', 'setup']) raise(worker);
  const { pending } = await gatherInbox(at.disk, alive);
  expect(Object.fromEntries(pending.map((ask) => [ask.id, ask.life]))).toEqual({
    'api-1': 'live',
    'ghost-1': 'stranded',
    'pulse-1': 'standing',
    'setup-1': 'standing',
  });
});

test('an answer is the decider’s until it was acted on, except a living worker’s own', async () => {
  for (const worker of ['api', 'ghost', 'pulse']) reply(raise(worker));
  const { pending, answers } = await gatherInbox(at.disk, alive, { 'pulse-1': 'done' });
  expect(pending).toEqual([]);
  expect(answers.map((answer) => answer.id)).toEqual(['ghost-1', 'pulse-1']);
  expect(answers[1]).toMatchObject({ question: 'from pulse', answer: 'yes', by: 'me', effect: 'done' });
  consumeAnswer(at.disk, 'pulse-1', 'pulse', NOW);
  expect((await gatherInbox(at.disk, alive)).answers.map((answer) => answer.id)).toEqual(['ghost-1']);
});

test('a fleet that cannot be told throws: a living worker’s ask must not be called stranded', async () => {
  raise('api');
  const unknown = () => {
    throw new Error('fleet unknown');
  };
  await expect(gatherInbox(at.disk, unknown)).rejects.toThrow('fleet unknown');
});

test('an ask that cannot be read is shown as a problem', async () => {
  raise('pulse');
  at.write('asks/pulse-1.md', '---\nnot: [yaml\n---\n');
  const inbox = await gatherInbox(at.disk, alive);
  expect(inbox).toMatchObject({ pending: [], problems: [{ id: 'pulse-1' }] });
});
