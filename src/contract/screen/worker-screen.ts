/** A worker's terminal as it looks now: of a living one from its supervisor, of an ended one from the end of its transcript. */
import { pause } from '../../host/clock.js';
import { askWorker } from '../../host/worker-life.js';
import { isObject } from '../../lib/json.js';
import type { Screen } from '../../lib/screen.js';
import { refused } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { lifeHandle } from '../../store/fleet.js';
import { REPLAY_BYTES, readTranscript, transcriptKey } from '../../store/transcripts.js';
import { watchKeys } from '../../store/watch.js';
import { readWorker, type WorkerRecord } from '../../store/workers.js';
import { seeWorker } from '../fleet-access.js';
import type { Context } from '../verb.js';
import { movedAt } from './mailbox-memory.js';

/** Throws `no-worker`, and `no-screen` while it has shown nothing. `replayBytes` bounds what a replay costs. */
export async function workerScreen(context: Context, id: string, replayBytes = REPLAY_BYTES): Promise<Screen> {
  const record = readWorker(context.disk, id);
  if (!record) throw refused('no-worker', `Cannot show worker "${id}": no such worker`, 'tend worker list --all');
  const live = await liveScreen(context, record);
  if (live) return live;
  const output = record.status ? readTranscript(context.disk, id, replayBytes) : undefined;
  if (output === undefined)
    throw refused('no-screen', `Cannot show worker "${id}": it has shown nothing yet`, 'tend worker list');
  const { replayScreen } = await import('../../host/terminal.js');
  const { columns = 0, rows = 0 } = record.status ?? {};
  return replayScreen(output, columns || LIMITS.ptyColumns, rows || LIMITS.ptyRows);
}

/** Undefined when it is not alive, or its supervisor is stopped: then the transcript has what was seen last. */
async function liveScreen(context: Context, record: WorkerRecord): Promise<Screen | undefined> {
  const handle = lifeHandle(record);
  const view = await seeWorker(context, record.id);
  if (!handle || !view?.alive) return undefined;
  const answer = await askWorker(handle, { op: 'screenshot' });
  return typeof answer === 'object' && isObject(answer['screen']) ? (answer['screen'] as unknown as Screen) : undefined;
}

/** A screen is looked at, not read: five pictures a second are enough, and cost little of a slow line. */
const FRAME_MS = 200;
const POLL_MS = 2_000;
/** Repaints of a busy full-screen program take a few kilobytes; this is many of them. */
const LIVE_REPLAY_BYTES = 512 * 1024;

/** Calls `onScreen` at once and after every output of the worker, at most five times a second, until `signal` aborts. */
export async function followScreen(
  context: Context,
  id: string,
  follow: { signal: AbortSignal; onScreen(screen: Screen): void; onProblem(error: unknown): void },
): Promise<void> {
  const { signal } = follow;
  let before: string | undefined;
  for await (const _ of watchKeys(context.disk, [`workers/${id}`], { pollMs: POLL_MS, signal })) {
    const stamp = `${movedAt(context.disk.stat(transcriptKey(id)))} ${movedAt(context.disk.stat(`workers/${id}`))}`;
    if (stamp === before) continue;
    before = stamp;
    try {
      const screen = await workerScreen(context, id, LIVE_REPLAY_BYTES);
      if (!signal.aborted) follow.onScreen(screen);
    } catch (error) {
      if (!signal.aborted) follow.onProblem(error);
    }
    await pause(FRAME_MS, signal);
  }
}
