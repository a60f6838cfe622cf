import { refused } from '../../model/error.js';
import type { Verb } from '../verb.js';

/** Reads only: what the beat itself wrote down, and what became of its move. */
export const verb: Verb = {
  path: ['explain'],
  group: 'see',
  about: 'Say why a beat did what it did',
  details:
    'Why it woke, what it saw that was new, what it decided, what the gate said, what became of the move, what it cost, and where its prompt and output ' +
    'are. Ids of beats are in "tend logs pulse --json" and are the names in runs/; a beat of a rule has the id of its move.',
  args: [{ name: 'beat', about: 'id of the beat, its run or its move; the last one when left out', required: false }],
  flags: { json: { type: 'boolean', about: 'print {beat,state,why,saw,decided,gate,outcome,ask,cost,notes,look,…}' } },
  examples: [{ line: 'tend explain', about: 'the last beat that decided or failed' }],
  exits: { 1: 'there is no such beat' },
  async run({ args }, { disk }) {
    const [{ explainBeat }, { renderExplained }] = await Promise.all([
      import('../explain-beat.js'),
      import('../views/explain.js'),
    ]);
    const id = args['beat'];
    const beat = await explainBeat(disk, id);
    if (!beat && id === undefined)
      throw refused('no-beat', 'Cannot explain the last beat: none has decided anything yet', 'tend status');
    if (!beat)
      throw refused(
        'no-beat',
        `Cannot explain ${JSON.stringify(id)}: no beat of that id is in the log`,
        'tend logs pulse --json',
      );
    return { text: renderExplained(beat), json: beat };
  },
};
