/** What reaches the terminal: a verb's answer on stdout, everything else on stderr. Pure: values → text. */
import type { Verb, VerbInput, VerbResult } from '../../contract/verb.js';
import { prettyJson } from '../../lib/json.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { messageOf, TendError } from '../../model/error.js';
import { nameOf } from './usage.js';

/** A bug, as sysexits.h calls it EX_SOFTWARE. */
const BUG_EXIT = 70;

/**
 * The answer: JSON when `--json` was asked, else the text, ending in a newline unless empty. To a file or a pipe it goes byte
 * for byte; on a person's terminal the control characters of a file that somebody else wrote become visible.
 */
export function answerText(
  verb: Verb,
  { flags, isTerminal }: { flags: VerbInput['flags']; isTerminal: boolean },
  result: VerbResult,
): string {
  if (result.ownsStdout) return '';
  if (flags['json'] !== true)
    return withNewline(isTerminal && !result.painted ? terminalSafe(result.text) : result.text);
  if (result.json === undefined) throw new Error(`${nameOf(verb)} declares --json and gave none`);
  return prettyJson(result.json);
}

/** Text with exactly the final newline a terminal wants; empty stays empty. */
export const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** `tend: warning: …` on one line. */
export const warningText = (text: string): string =>
  `tend: warning: ${terminalSafe(text.replace(/\s+/g, ' ').trim())}\n`;

/** What a throw says on stderr, and the exit code. An error for the user is one line and a hint; a bug shows its stack. */
export function errorText(error: unknown): { text: string; exit: number } {
  if (!(error instanceof TendError)) {
    const stack = error instanceof Error ? stackOf(error) : String(error);
    return { text: `tend: bug: ${stack}\n`, exit: BUG_EXIT };
  }
  // Messages quote names and values of strangers.
  const hint = error.hint === undefined ? '' : `  try: ${terminalSafe(error.hint)}\n`;
  const text = `tend: ${terminalSafe(messageOf(error)).replace(/^(?:tend: )+/, '')}\n${errorLines(error)}${hint}`;
  return { text, exit: error.exit };
}

/** What an error lists below its message, each on a line of its own. */
export const errorLines = ({ lines }: TendError): string =>
  lines.map((line) => `  ${terminalSafe(line.replace(/\s+/g, ' '))}\n`).join('');

const stackOf = (error: Error): string =>
  error.cause instanceof Error
    ? `${error.stack ?? error.message}\ncaused by ${stackOf(error.cause)}`
    : (error.stack ?? error.message);
