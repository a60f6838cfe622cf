/** What a client that paints a whole screen needs of the machine and of the profile: a clock, the terminal, and word of changes. */
import { monotonicMs, now } from '../host/clock.js';
import { LIMITS } from '../model/limits.js';
import { transcriptKey } from '../store/transcripts.js';
import { watchKeys } from '../store/watch.js';
import { readWorker } from '../store/workers.js';
import type { Context } from './verb.js';

/** Milliseconds that only go forward. */
export const clockMs = (): number => monotonicMs();

/** Events come at once; this finds what has none, such as the death of a supervisor. */
const SLOW_POLL_MS = 30_000;

/** Keys of the profile at which a fleet or a log may have changed; see `watchKeys`. */
export const fleetChanges = ({ disk }: Context, signal: AbortSignal): AsyncGenerator<string> =>
  watchKeys(disk, ['', 'workers/*', 'asks', 'pulse'], { pollMs: SLOW_POLL_MS, signal });

/** Unix seconds, with their fraction. */
export const wallS = (): number => now() / 1_000;

/** The terminal of this process, in raw mode on the other screen, as it was at the end of `work`, however that comes. */
export async function onScreen<T>(
  signal: AbortSignal,
  work: (terminal: {
    write(data: string): void;
    size(): { columns: number; rows: number };
    onInput(take: (bytes: Buffer) => void): () => void;
    onResize(take: () => void): () => void;
    onGoOn(again: () => void): { stop(): void; close(): void };
  }) => Promise<T>,
): Promise<T> {
  const { onOwnTerminal } = await import('../host/own-terminal.js');
  return onOwnTerminal(signal, work);
}

/** The size of a worker's terminal as its status has it. */
export function terminalSizeOf({ disk }: Pick<Context, 'disk'>, id: string): { columns: number; rows: number } {
  const status = readWorker(disk, id)?.status;
  return { columns: status?.columns || LIMITS.ptyColumns, rows: status?.rows || LIMITS.ptyRows };
}

/** The key at which `fleetChanges` says that a worker has printed something. */
export const outputKey = (id: string): string => transcriptKey(id);
