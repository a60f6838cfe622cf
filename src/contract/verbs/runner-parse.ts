import { resolve } from 'node:path';
import { now } from '../../host/clock.js';
import { stdinPieces } from '../../host/stdin.js';
import { badInput, messageOf } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { RunEnd } from '../../ops/runners.js';
import { loadConfig } from '../../store/config.js';
import { readOthersTail } from '../../store/others-file.js';
import type { Context, Verb, VerbInput } from '../verb.js';
import { renderRunResult, runResultJson } from '../views/runners.js';

/** The reader that beats use, on a stream that somebody has kept: people debug their wiring with it. */
export const verb: Verb = {
  path: ['runner', 'parse'],
  group: 'see',
  about: 'Read a recorded stream of an agent CLI and say what that run came to',
  details:
    'The stream comes on stdin, as the CLI printed it on its stdout. Say how its process ended, since no stream is a success by ' +
    'itself: without --exit and --signal it is taken to have ended with exit code 0. A run that failed is read as well as one ' +
    'that did not; "ok" and "reason" tell them apart. Start-up errors (a bad flag, model or session, no login) stand on stderr alone: ' +
    'keep it in a file and name it with --stderr.',
  args: [{ name: 'runner', about: 'a name of "tend runner list"', required: true }],
  rest: { kind: 'none' },
  flags: {
    exit: { type: 'string', value: 'N', about: 'exit code of the process (default 0)' },
    signal: { type: 'string', value: 'NAME', about: 'the signal that ended it, like SIGTERM' },
    stderr: { type: 'string', value: 'FILE', complete: 'files', about: 'what the process printed on its stderr' },
    model: { type: 'string', value: 'NAME', about: 'model that was asked for, for CLIs that report no cost' },
    json: {
      type: 'boolean',
      about:
        'print {ok, reason, text, usage, costUsd, sessionId, exit, signal, error, retryable, retryAt}; null is not known',
    },
  },
  examples: [
    { line: 'tend runner parse claude < output.log', about: 'a stream that was kept' },
    {
      line: 'tend runner parse codex --exit 1 --stderr errors.log < output.log',
      about: 'a run that did not start well',
    },
    { line: 'claude -p --output-format json "hi" | tend runner parse claude --json', about: 'a CLI that is wired now' },
  ],
  async run(input, context) {
    const { knownRunner, parseStream } = await import('../../ops/runners.js');
    const { name } = knownRunner(input.args['runner'] ?? '');
    const end = await endOf(input);
    if (context.tty.in)
      throw badInput('Cannot read a stream: stdin is a terminal', `tend runner parse ${name} < STREAM`);
    const prices = configPrices(context);
    const { model } = input.flags;
    const result = await parseStream(stdinPieces(context.signal), {
      name,
      end,
      nowS: unixSeconds(now()),
      ...(typeof model === 'string' ? { model } : {}),
      ...(prices ? { prices } : {}),
    });
    return { text: renderRunResult(result), json: runResultJson(result) };
  },
};

async function endOf({ flags: { exit, signal, stderr } }: VerbInput): Promise<RunEnd> {
  const isCode = typeof exit === 'string' && /^\d{1,3}$/.test(exit) && Number(exit) <= 255;
  if (exit !== undefined && !isCode)
    throw badInput(`Cannot use exit code ${JSON.stringify(exit)}: a number from 0 to 255 is wanted`, '--exit 1');
  const stderrTail = stderrOf(stderr);
  if (signal === undefined) return { exit: Number(exit ?? 0), stderrTail };
  const { signalNumber } = await import('../../host/signal-number.js');
  const name = `SIG${String(signal).toUpperCase().replace(/^SIG/, '')}`;
  if (signalNumber(name) === 0)
    throw badInput(
      `Cannot use signal ${JSON.stringify(signal)}: this machine has none of that name`,
      '--signal SIGTERM',
    );
  return { exit: exit === undefined ? null : Number(exit), signal: name, stderrTail };
}

/** As much of its end as a beat keeps. */
function stderrOf(file: VerbInput['flags'][string]): string {
  if (typeof file !== 'string') return '';
  const read = readOthersTail(resolve(file), LIMITS.runStderrBytes);
  if (read.state === 'present') return read.text;
  const why = read.state === 'absent' ? 'no such file' : read.reason;
  throw badInput(`Cannot read the stderr of the run from ${JSON.stringify(file)}: ${why}`, '--stderr errors.log');
}

/** Reading a stream works without a good config; only its prices are missed then. */
function configPrices({ profile, warn }: Context) {
  try {
    return loadConfig(profile.configPath).config.prices;
  } catch (error) {
    warn(messageOf(error));
    return undefined;
  }
}
