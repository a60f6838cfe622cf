/**
 * How a verb of the loops family fails (`exitStyle: 'loops'`): `error: …` on stderr, with `--json` one line of JSON behind it,
 * stdout empty, exit code 1 (for bad input 2 where the verb has that among its `exits`); after Ctrl-C 130 and after TERM 143, as a shell
 * counts them. Pure.
 */
import { terminalSafe } from '../../lib/terminal-safe.js';
import { messageOf, TendError } from '../../model/error.js';
import { errorLines, errorText } from './print.js';

/** The codes that scripts of @hasna/loops may meet, by our own. What is not here follows from the kind. */
const CODES: Readonly<Record<string, string>> = {
  'not-found': 'NOT_FOUND',
  ambiguous: 'AMBIGUOUS',
  invalid: 'INVALID',
  conflict: 'CONFLICT',
  locked: 'LOCKED',
};

export function loopsFailure(
  error: unknown,
  { json, signal, inputExit = 1 }: { json: boolean; signal: AbortSignal; inputExit?: 1 | 2 },
): { text: string; exit: number } {
  const { code, message, own } = wordsOf(error);
  const line = error instanceof TendError ? `error: ${own}\n` : `error: ${errorText(error).text}`;
  const hint =
    error instanceof TendError && error.hint !== undefined && !json ? `  try: ${terminalSafe(error.hint)}\n` : '';
  const list = error instanceof TendError ? errorLines(error) : '';
  const record = json ? `${JSON.stringify({ error: { code, message } })}\n` : '';
  return {
    text: line + list + hint + record,
    exit: isAbort(error, signal) ? abortExit(signal) : isInput(error) ? inputExit : 1,
  };
}

const isInput = (error: unknown): boolean => error instanceof TendError && error.kind === 'input';

/** The exit code of a verb that was ended by a signal. */
export const abortExit = (signal: AbortSignal): number =>
  (signal.reason as { signal?: string } | undefined)?.signal === 'SIGTERM' ? 143 : 130;

const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  (error instanceof TendError && error.kind === 'aborted') ||
  (signal.aborted && (error as Error | undefined)?.name === 'AbortError');

/** `own`: the message without the lines below it. */
function wordsOf(error: unknown): { code: string; message: string; own: string } {
  const own = terminalSafe(messageOf(error)).replace(/^(?:tend: )+/, '');
  if (!(error instanceof TendError)) return { code: 'INTERNAL', message: own, own };
  const message = [own, ...error.lines.map((text) => terminalSafe(text))].join('; ');
  const usual = error.code.startsWith('no-') && error.kind === 'refused' ? 'NOT_FOUND' : byKind(error);
  return { code: CODES[error.code] ?? usual, message, own };
}

function byKind({ kind }: TendError): string {
  switch (kind) {
    case 'input':
      return 'USAGE';
    case 'environment':
      return 'IO';
    case 'refused':
      return 'CONFLICT';
    case 'failed':
    case 'timeout':
    case 'aborted':
      return 'INTERNAL';
  }
}
