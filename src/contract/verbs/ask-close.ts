import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import { readAnswer, recordAnswer } from '../../store/asks.js';
import { alreadyEnded, findAsk, requireAskId, requirePending } from '../find-ask.js';
import type { Verb } from '../verb.js';

const DOING = 'Cannot close ask';

/** Ends an ask without an answer. A close and an answer want the same name, so exactly one of them is the end. */
export const verb: Verb = {
  path: ['ask', 'close'],
  group: 'human',
  about: 'End an ask without an answer; a blocked asker is told why',
  args: [{ name: 'ask_id', about: 'which ask', required: true, complete: 'asks' }],
  flags: {
    reason: { type: 'string', value: 'TEXT', about: 'what the asker is told' },
    json: { type: 'boolean', about: 'print {id, outcome, reason, ts}' },
  },
  examples: [
    { line: 'tend ask close web-1 --reason "solved by hand"', about: 'the blocked asker ends with this reason' },
  ],
  exits: { 1: 'no such ask, or it has ended' },
  human: true,
  async run(input, { disk, session }) {
    const id = requireAskId(input.args['ask_id']);
    const reason = String(input.flags['reason'] ?? '').trim() || 'no reason given';
    const ask = await findAsk(disk, id, DOING);
    await requirePending(disk, id, DOING);
    const at = now();
    const digest = ask.proposal ? { digest: ask.proposal.digest } : {};
    const end = { id, outcome: 'closed', answer: reason, by: session.user, channel: 'cli', ...digest } as const;
    if (!recordAnswer(disk, end, at)) {
      const winner = await readAnswer(disk, id);
      if (winner.state === 'present') throw alreadyEnded(winner.value, DOING);
      await requirePending(disk, id, DOING);
    }
    return { text: `closed ${id}`, json: { id, outcome: 'closed', reason, ts: unixSeconds(at) } };
  },
};
