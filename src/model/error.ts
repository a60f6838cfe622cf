/** The one error class. `code` is stable, `hint` is the next command to type, `exit` follows from the kind. */

const EXIT = {
  /** Bad input: unknown flag, unsafe id, blank text, malformed file given by the user. */
  input: 2,
  /** Understood and refused: already answered, lease held, no such ask, not initialised, verb not for this session. */
  refused: 1,
  /** The machine or the data dir: disk full, no permission, newer format, unreadable record. */
  environment: 3,
  /** An effect was tried and failed: a command's exit code, a worker that did not start. */
  failed: 1,
  /** A wait ran out. The number is that of coreutils timeout(1). */
  timeout: 124,
  /** The user aborted (Ctrl-C in a dialog). */
  aborted: 130,
} as const;

export type ErrorKind = keyof typeof EXIT;

export interface TendErrorOptions {
  code: string;
  hint?: string;
  cause?: unknown;
  /** Everything that is wrong, one to a line below the message. */
  lines?: readonly string[];
}

/**
 * An error for the user: what was tried, the quoted value, current against wanted. Anything else that is thrown is a bug
 * and ends in exit code 70 with its stack.
 */
export class TendError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly lines: readonly string[];

  constructor(kind: ErrorKind, message: string, options: TendErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TendError';
    this.kind = kind;
    this.code = options.code;
    this.hint = options.hint;
    this.lines = options.lines ?? [];
  }

  get exit(): number {
    return EXIT[this.kind];
  }
}

export const badInput = (message: string, hint?: string): TendError =>
  new TendError('input', message, { code: 'bad-input', ...(hint === undefined ? {} : { hint }) });

export const refused = (code: string, message: string, hint?: string): TendError =>
  new TendError('refused', message, { code, ...(hint === undefined ? {} : { hint }) });

/** A throw's message on one line, its causes joined by `: `. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message.replace(/\s+/g, ' ');
  return error.cause === undefined ? own : `${own}: ${messageOf(error.cause)}`;
}
