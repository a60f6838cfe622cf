import { askWorker } from '../../host/worker-life.js';
import { isObject } from '../../lib/json.js';
import { ansiScreen, plainScreen, type Screen } from '../../lib/screen.js';
import { badInput, refused } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { lifeHandle } from '../../store/fleet.js';
import { readTranscript } from '../../store/transcripts.js';
import { readWorker, type WorkerRecord } from '../../store/workers.js';
import { requireWorkerId, seeWorker } from '../fleet-access.js';
import type { Context, Verb } from '../verb.js';

/** The screen of a living worker from its supervisor, of a dead one from its transcript. Reads only. */
export const verb: Verb = {
  path: ['screenshot'],
  group: 'see',
  about: "Show a worker's terminal as it looks now, or looked last",
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  flags: {
    plain: { type: 'boolean', about: 'text alone (the default)' },
    ansi: { type: 'boolean', about: 'text with colours' },
    json: { type: 'boolean', about: 'print {rows,cols,cursor,alternate_screen,screen_hash,cells,…}' },
    'no-trim': { type: 'boolean', about: 'keep blank rows at the end' },
  },
  examples: [{ line: 'tend screenshot api --ansi', about: 'with colours' }],
  exits: { 1: 'no such worker, or it has shown nothing yet' },
  async run(input, context) {
    const { plain, ansi, json } = input.flags;
    const formats = Object.entries({ plain, ansi, json }).filter(([, on]) => on === true);
    if (formats.length > 1)
      throw badInput(
        `Cannot show a screen as ${formats.map(([name]) => `--${name}`).join(' and ')} at once: one format is wanted`,
      );
    const id = requireWorkerId('show', input.args['id']);
    const screen = await screenOf(context, id);
    const trim = input.flags['no-trim'] !== true;
    return {
      text: ansi === true ? ansiScreen(screen, trim) : plainScreen(screen, trim),
      json: screen,
      painted: ansi === true,
    };
  },
};

async function screenOf(context: Context, id: string): Promise<Screen> {
  const record = readWorker(context.disk, id);
  if (!record) throw refused('no-worker', `Cannot show worker "${id}": no such worker`, 'tend worker list --all');
  const live = await liveScreen(context, record);
  if (live) return live;
  const output = record.status ? readTranscript(context.disk, id) : undefined;
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
