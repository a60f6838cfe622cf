import { badInput, TendError } from '../model/error.js';

/**
 * All of stdin as UTF-8 text without trailing white space. More than `maxBytes` and bytes that are no UTF-8 are input errors;
 * an abort ends the reading, which a terminal could otherwise hold for ever.
 */
export async function readStdin(maxBytes: number, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stop = (): void => void process.stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw badInput(`Cannot read stdin: it has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TendError) throw error;
    if (!signal.aborted) throw badInput(`Cannot read stdin: ${(error as Error).message}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted) throw new TendError('aborted', 'Aborted while reading stdin', { code: 'aborted' });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).trimEnd();
  } catch {
    throw badInput('Cannot read stdin: it is not valid UTF-8 text');
  }
}

/** Stdin as it comes, in pieces of any size; ends early at an abort. A stream that cannot be read is an input error. */
export async function* stdinPieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = (): void => void process.stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    yield* process.stdin as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!signal.aborted) throw badInput(`Cannot read stdin: ${(error as Error).message}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted) throw new TendError('aborted', 'Aborted while reading stdin', { code: 'aborted' });
}
