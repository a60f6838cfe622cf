import type { MoveOf } from '../../model/move.js';
import { pulseLife } from '../../ops/pulse-life.js';
import { doMove } from '../do-move.js';
import { requireWorkerId } from '../fleet-access.js';
import type { Verb } from '../verb.js';

/** The human's form of the resume_worker move. It returns when the worker is wanted again; the pulse starts it. */
export const verb: Verb = {
  path: ['worker', 'resume'],
  group: 'fleet',
  about: 'Let a dead worker go on in the same session of its agent CLI',
  details:
    'For a worker that was cut in the middle of its work: its supervisor or its agent was killed, the machine went down. It goes on with all that it ' +
    'had said and done before, and is told that it was cut and what became of what it had asked. Its worktree, verify and budget stay; in the ' +
    'ledger it is a run of its own that names the first. Nothing does this by itself: "tend status" and "tend worker list" say who can be resumed, and a ' +
    'decider may choose it three times for one worker. By this verb also one goes on that had ended or was killed.\n\n' +
    'With a "worker_command" of your own, "resume_command" in the config says how its session goes on: a template with {{session}} and ' +
    '{{prompt_file}}. Put {{session}} into "worker_command" where your CLI takes the id of a new session; tend then chooses it, a UUID.',
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  rest: { kind: 'none' },
  flags: {
    prompt: { type: 'string', value: 'TEXT', about: 'what it should know besides' },
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
  },
  examples: [
    { line: 'tend worker resume api', about: 'after a crash' },
    { line: 'tend worker resume api --prompt "The disk has room again."', about: 'with a word from you' },
  ],
  exits: { 1: 'refused: it lives, its session is not known, its CLI cannot go on with one, too many workers' },
  human: true,
  async run({ args, flags }, context) {
    const id = requireWorkerId('resume worker', args['id']);
    const { prompt, journal } = flags;
    const move: MoveOf<'resume_worker'> = { action: 'resume_worker', id };
    if (typeof prompt === 'string' && prompt.trim() !== '') move.prompt = prompt;
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    if (!(await pulseLife(context.disk)).alive)
      context.warn(`the pulse is down: worker "${id}" goes on at the next "tend up"`);
    return { text, json: { resumed: id } };
  },
};
