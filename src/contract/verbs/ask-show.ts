import { readStory } from '../ask-story.js';
import { requireAskId } from '../find-ask.js';
import type { Verb } from '../verb.js';
import { renderStory } from '../views/asks.js';

/** One ask from its question to its end, also when it was archived. Reads only. */
export const verb: Verb = {
  path: ['ask', 'show'],
  group: 'human',
  about: 'Show one ask and how it ended, also an archived one',
  args: [{ name: 'ask_id', about: 'which ask', required: true, complete: 'asks' }],
  flags: {
    json: {
      type: 'boolean',
      about: 'print the ask with {state, consumed, archived} and, when it ended, {answer, answered_ts, by, channel}',
    },
  },
  examples: [{ line: 'tend ask show gate-3', about: 'the exact command, and what was said to it' }],
  exits: { 1: 'no such ask' },
  async run(input, { disk }) {
    const id = requireAskId(input.args['ask_id']);
    const story = await readStory(disk, id);
    return { text: renderStory(story), json: story };
  },
};
