import { shellWords } from '../../lib/shell-words.js';
import type { CommandTarget } from '../../model/loop.js';
import { ACCOUNT_FLAGS, accountOf, CREATE_FLAGS, dirOf, type Given, timeoutOf, wrong } from '../loops/create-flags.js';
import { createFrom } from '../loops/create-loop.js';
import type { Context, Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'create', 'command'],
  group: 'loops',
  about: 'Have a command run at a time, at intervals or by a cron expression',
  details:
    'Exactly one of --at, --every, --cron and --dynamic says when. Each planned time is claimed once, whatever number of processes look, and what ran is in ' +
    '"tend loops runs". It runs while the pulse is up ("tend up"), or by "tend loops tick".\n\n' +
    'The command runs in /bin/sh, or with --no-shell as a program with its words: quotes hold words together, and nothing is expanded. ' +
    'It has TEND_LOOP_ID, TEND_RUN_ID, TEND_SCHEDULED_FOR and TEND_ATTEMPT, and the same under LOOPS_.',
  args: [{ name: 'name', about: 'its name; need not be the only one of that name', required: true }],
  flags: {
    cmd: { type: 'string', value: 'STRING', about: 'the command, required' },
    cwd: { type: 'string', value: 'DIR', about: 'its working directory', complete: 'files' },
    timeout: { type: 'milliseconds', value: 'DUR', about: 'it is ended after this time; without it 30 minutes' },
    'no-shell': { type: 'boolean', about: 'start the program itself' },
    'skip-exit': { type: 'count', value: 'N', about: 'an exit code that is neither success nor failure' },
    ...ACCOUNT_FLAGS,
    ...CREATE_FLAGS,
  },
  exitStyle: 'loops',
  human: true,
  examples: [
    {
      line: 'tend loops create command backup --cmd "make backup" --cwd ~/db --cron "0 3 * * *"',
      about: 'each night at three',
    },
    { line: 'tend loops create command probe --cmd ./probe.sh --every 90s --attempts 3', about: 'with retries' },
  ],
  run: (input, context) => createFrom(input, context, { target: (given) => target(given, context) }),
};

function target(given: Given, { env }: Context): CommandTarget {
  const { flags } = given;
  const { cmd, 'skip-exit': skipExit } = flags;
  if (typeof cmd !== 'string' || cmd.trim() === '') throw wrong(given, '--cmd is missing, the command is wanted');
  if (typeof skipExit === 'number' && (skipExit < 1 || skipExit > 255))
    throw wrong(given, `--skip-exit is ${skipExit}, an exit code from 1 to 255 is wanted`);
  const { account } = accountOf(given);
  if (account && account.tool === undefined)
    throw wrong(given, '--account is given without --account-tool, and a command has no tool of its own', 'invalid');
  return {
    type: 'command',
    ...(flags['no-shell'] === true ? programOf(given, cmd) : { command: cmd, shell: true }),
    ...dirOf(given, env),
    ...timeoutOf(flags),
    ...(typeof skipExit === 'number' ? { skipExit } : {}),
    ...(account ? { account } : {}),
  };
}

/** A program and its words. */
function programOf(given: Given, cmd: string): Pick<CommandTarget, 'command' | 'args' | 'shell'> {
  const [command, ...args] = shellWords(cmd) ?? [];
  if (command === undefined || command === '')
    throw wrong(
      given,
      `--cmd ${JSON.stringify(cmd)} cannot be split into words: a quote is not closed, or it names no program`,
    );
  return { command, shell: false, ...(args.length > 0 ? { args } : {}) };
}
