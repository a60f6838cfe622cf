import { now } from '../../host/clock.js';
import { askWorker } from '../../host/worker-life.js';
import { badInput, refused } from '../../model/error.js';
import { lifeHandle } from '../../store/fleet.js';
import { requireRunning } from '../../store/workers.js';
import { requireAlive } from '../fleet-access.js';
import type { Verb } from '../verb.js';

/** What a person types at once; a terminal's input queue is far smaller. */
const TEXT_MAX = 65_536;
const ANSWER_MS = 5_000;

/** Keys for a worker's terminal. `tell` is the durable way to steer. */
export const verb: Verb = {
  path: ['send'],
  group: 'fleet',
  about: "Type text into a worker's terminal and press Enter",
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  rest: { kind: 'text', name: 'text', about: 'what to type; words are joined by one space', required: true },
  flags: { 'no-newline': { type: 'boolean', alias: 'n', about: 'do not press Enter' } },
  examples: [{ line: 'tend send api 2', about: 'choose the second entry of a menu' }],
  exits: { 1: 'the worker is not running, or did not take it' },
  human: true,
  async run(input, context) {
    const { id } = await requireAlive(context, 'send to', input.args['id'] ?? '');
    const text = input.body ?? '';
    if (text.length > TEXT_MAX)
      throw badInput(`Cannot send to "${id}": ${text.length} characters, ${TEXT_MAX} at most`, `tend tell ${id} …`);
    const handle = lifeHandle(requireRunning(context.disk, id));
    const enter = input.flags['no-newline'] !== true;
    const answer =
      handle && (await askWorker(handle, { op: 'send', text, enter, until: now() + ANSWER_MS }, ANSWER_MS));
    if (typeof answer === 'object' && answer['sent'] === true) return { text: `sent to ${id}`, json: { sent: id } };
    const why =
      answer === undefined
        ? 'it has ended'
        : typeof answer === 'object'
          ? String(answer['error'] ?? 'it refused')
          : 'its supervisor does not answer, it may be stopped';
    throw refused('not-sent', `Cannot send to worker "${id}": ${why}`, `tend screenshot ${id}`);
  },
};
