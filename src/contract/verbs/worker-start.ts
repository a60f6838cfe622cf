import { resolve } from 'node:path';
import { badInput } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import type { MoveOf } from '../../model/move.js';
import { pulseLife } from '../../ops/pulse-life.js';
import { loadConfig } from '../../store/config.js';
import { doMove } from '../do-move.js';
import { requireWorkerId } from '../fleet-access.js';
import type { Verb, VerbInput } from '../verb.js';

/** The human's form of the start_worker move. It returns when the worker is wanted; the pulse starts it. */
export const verb: Verb = {
  path: ['worker', 'start'],
  group: 'fleet',
  about: 'Start a worker: one agent session with a task of its own',
  details:
    'The prompt is put behind the worker contract and given to the worker command of the config as {{prompt_file}}. A worker ' +
    'works on the goal of its name by convention. --verify is run once after the end: an exit code alone does not say "done". ' +
    'With --repo it starts, and is verified, in worktrees/ID of the data dir, on a branch tend/ID that begins at the HEAD of that repository, or goes on ' +
    'where an earlier worker of that id stopped. After a kill, and when an ended worker is past its retention, the worktree is removed if it ' +
    'holds nothing that is not committed; the branch stays.',
  args: [{ name: 'id', about: 'its name, by convention that of its goal', required: true, complete: 'goals' }],
  rest: { kind: 'text', name: 'prompt', about: 'what it shall do; "-" or no words: stdin', required: true },
  flags: {
    model: { type: 'string', value: 'M', about: 'for {{model}} of the worker command' },
    thinking: { type: 'string', value: 'LEVEL', about: 'for {{thinking}} of the worker command' },
    command: {
      type: 'string',
      value: 'CMD',
      about: 'worker command for this one alone; {{prompt_file}} is required',
      complete: 'commands',
    },
    verify: {
      type: 'string',
      value: 'CMD',
      about: 'shell command that judges the result after the end',
      complete: 'commands',
    },
    'budget-usd': {
      type: 'string',
      value: 'USD',
      about: 'dollars for its whole life; at the limit it is held and you are asked',
    },
    repo: {
      type: 'string',
      value: 'PATH',
      about: 'work in a git worktree of this repository, on the branch tend/ID',
      complete: 'files',
    },
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
  },
  examples: [
    { line: 'tend worker start api "Make the tests pass" --verify "cd ~/api && npm test"', about: 'with a check' },
    {
      line: 'tend worker start api "Make the tests pass" --repo ~/api --verify "npm test"',
      about: 'in a git worktree',
    },
  ],
  exits: {
    1: 'refused: such a worker lives, too many workers, no worker command, a repository that cannot serve',
    3: 'its program is not installed',
  },
  human: true,
  async run(input, context) {
    const move = moveOf(input);
    const { config } = loadConfig(context.profile.configPath);
    const { preflight } = await import('../../ops/preflight.js');
    preflight(
      { ...config, ...(move.command === undefined ? {} : { worker_command: move.command }) },
      context.env,
      context.disk.root,
    );
    const journal = input.flags['journal'];
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    if (!(await pulseLife(context.disk)).alive)
      context.warn(`the pulse is down: worker "${move.id}" starts at the next "tend up"`);
    return { text, json: { started: move.id } };
  },
};

function dollars(text: string): number {
  const usd = /^\$?\d{1,9}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text.trim().replace('$', '')) : 0;
  if (usd > 0) return usd;
  throw badInput(
    `Cannot start the worker with a budget of ${JSON.stringify(text)}: an amount of dollars above 0 is wanted, like 2.50`,
    'tend worker start --help',
  );
}

function moveOf({ args, flags, body }: VerbInput): MoveOf<'start_worker'> {
  const move: MoveOf<'start_worker'> = {
    action: 'start_worker',
    id: requireWorkerId('start worker', args['id']),
    prompt: (body ?? '').slice(0, LIMITS.briefChars + 1),
  };
  const budget = flags['budget-usd'];
  if (budget !== undefined) move.budget_usd = dollars(String(budget));
  const repo = flags['repo'];
  // As the shell that it was typed in means it; a move says it from the data dir.
  if (typeof repo === 'string' && repo.trim() !== '') move.repo = resolve(repo);
  for (const name of ['model', 'thinking', 'command', 'verify'] as const) {
    const value = flags[name];
    if (typeof value === 'string' && value.trim() !== '') move[name] = value;
  }
  return move;
}
