/** Logs as lines of text: a worker's transcript as its terminal showed it, and the pulse's events. */
import { Replay } from '../host/replay.js';
import { sizeAtStart } from '../lib/size-mark.js';
import { REPLAY_BYTES, readTranscript } from '../store/transcripts.js';
import { terminalSizeOf } from './screen-client.js';
import type { Context } from './verb.js';

/** Bytes of a transcript for a line, colours and repaintings counted; what was repainted often gives fewer lines than asked. */
const LINE_BYTES = 1_024;
const BYTES_MIN = 1024 * 1024;

/** How much of a transcript is replayed for its last `n` lines. */
export const tailBytesFor = (n: number): number => Math.min(REPLAY_BYTES, Math.max(BYTES_MIN, n * LINE_BYTES));

/** The last `n` lines that its terminal has shown, oldest first; rows that only went on are joined. Undefined: no transcript. */
export async function workerLines(context: Context, id: string, n: number): Promise<string[] | undefined> {
  const text = readTranscript(context.disk, id, tailBytesFor(n));
  if (text === undefined) return undefined;
  const replay = new Replay(sizeAtStart(text) ?? terminalSizeOf(context, id));
  try {
    await replay.write(text);
    return n === 0 ? [] : linesOf(replay, 0, replay.length).slice(-n);
  } finally {
    replay.dispose();
  }
}

/** Rows from `from` up to `to` as lines. A row at `from` that goes on from the one before is a line of its own. */
export function linesOf(replay: Replay, from: number, to: number): string[] {
  const lines: string[] = [];
  for (let at = from; at < to; at++) {
    const { text, wrapped } = replay.text(at);
    if (wrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  return lines;
}
