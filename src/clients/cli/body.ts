/** The body of a `text` verb: its words, or all of stdin. Bounded, valid UTF-8, and never waits past Ctrl-C. */
import type { Verb } from '../../contract/verb.js';
import { badInput, TendError } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { nameOf } from './usage.js';

/** Four bytes a character, the most that UTF-8 takes, of the longest text that any verb accepts. */
export const BODY_BYTES_MAX = LIMITS.answerChars * 4;

export interface BodySource {
  /** The bytes of stdin; read only when the body comes from there. */
  stdin: AsyncIterable<Uint8Array>;
  /** True when stdin is a terminal. */
  tty: boolean;
  signal: AbortSignal;
  /** A line for the person at the terminal. */
  note(text: string): void;
}

/**
 * Words joined by one space. No words, or the lone word `-`, mean stdin to its end without trailing white space; a verb whose
 * body is optional does not wait for a terminal. Blank is undefined when optional, else an input error.
 */
export async function readBody(verb: Verb, words: readonly string[], source: BodySource): Promise<string | undefined> {
  const rest = verb.rest;
  if (rest?.kind !== 'text') return undefined;
  const fromStdin = words.length === 0 || (words.length === 1 && words[0] === '-');
  if (fromStdin && words.length === 0 && !rest.required && source.tty) return undefined;
  if (fromStdin && source.tty) source.note(`type the ${rest.name}, end it with Ctrl-D on a line of its own`);
  const body = fromStdin ? (await readAll(verb, source)).trimEnd() : words.join(' ');
  if (body.trim() !== '') return body;
  if (!rest.required) return undefined;
  const where = fromStdin ? ' on stdin' : '';
  throw badInput(`Cannot run "${nameOf(verb)}": the ${rest.name} is empty${where}`, `${nameOf(verb)} --help`);
}

async function readAll(verb: Verb, source: BodySource): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of untilAborted(source)) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      throw badInput(
        `Cannot run "${nameOf(verb)}": stdin has more than ${BODY_BYTES_MAX} bytes, the most a body may have`,
      );
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw badInput(`Cannot run "${nameOf(verb)}": stdin is not valid UTF-8 text`);
  }
}

/** Stdin's chunks, ended by a throw when the user aborts: a read that waits for a terminal would hold us for ever. */
async function* untilAborted({ stdin, signal }: BodySource): AsyncGenerator<Uint8Array> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new TendError('aborted', 'Aborted while reading stdin', { code: 'aborted' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  // Nobody may be waiting when it rejects; that is no unhandled rejection.
  aborted.catch(() => {});
  const chunks = stdin[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([chunks.next(), aborted]);
    if (next.done) return;
    yield next.value;
  }
}
