import { shellJoin } from '../../lib/shell-quote.js';
import { badInput } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { carryOut } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the run_shell move: their own word, so no gate; the same supervisor, ledger and journal. */
export const verb: Verb = {
  path: ['run'],
  group: 'steer',
  about: 'Run a shell command as a move: in the data dir, with a deadline, journaled',
  details:
    'One argument is shell text as it stands; several are words, each quoted, so that their borders survive. Flags of this verb ' +
    'come in front. The command has no stdin; its output goes to the run directory, its end to the error when it fails. Ctrl-C ' +
    'stops it with everything it started.',
  rest: {
    kind: 'command',
    name: 'command',
    about: 'the command; everything from here on belongs to it',
    required: true,
  },
  flags: {
    reason: { type: 'string', value: 'TEXT', about: 'why, for the summary' },
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
    json: { type: 'boolean', about: 'print {summary, exit_code, output}' },
  },
  examples: [
    { line: 'tend run --reason backup "tar cf ~/goals.tar goals && ls -l ~/goals.tar"', about: 'shell text' },
    { line: 'tend run git -C ~/src/site pull', about: 'words' },
  ],
  exits: { 1: 'the command failed, was stopped, or took too long' },
  human: true,
  async run({ flags, words }, context) {
    const cmd = shellJoin(words);
    if (cmd.trim() === '') throw badInput('Cannot run a command: it is blank', 'tend run "git -C ~/src pull"');
    if (cmd.length > LIMITS.commandChars)
      throw badInput(
        `Cannot run a command of ${cmd.length} characters: ${LIMITS.commandChars} at most`,
        'put it into a script and run that',
      );
    const { reason, journal } = flags;
    const move = { action: 'run_shell', cmd, ...(typeof reason === 'string' ? { reason } : {}) } as const;
    const done = await carryOut(context, move, typeof journal === 'string' ? journal : undefined);
    const { exit_code: code = 0, output = '' } = done.output ?? {};
    return { text: done.summary, json: { summary: done.summary, exit_code: code, output } };
  },
};
