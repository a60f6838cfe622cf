import { pause } from '../../host/clock.js';
import { refused } from '../../model/error.js';
import { pulseLife } from '../../ops/pulse-life.js';
import type { Context, Verb } from '../verb.js';
import { foreground, requireReady } from './up.js';

/** How often a standby looks whether the pulse still lives. */
const LOOK_MS = 1_000;

/** `tend up --foreground` in the words of @hasna/loops. */
export const verb: Verb = {
  path: ['loops', 'daemon', 'run'],
  group: 'loops',
  about: 'Be the pulse in this terminal; the same as "tend up --foreground"',
  flags: {
    supervised: { type: 'boolean', about: 'while another one runs, wait for its end instead of failing' },
    'interval-ms': { type: 'count', value: 'N', about: 'taken and not needed: it wakes when something is due' },
    json: { type: 'boolean', alias: 'j', about: 'log as one JSON object a line' },
  },
  exits: { 1: 'another one runs; its pid is said' },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops daemon run --supervised', about: 'for a supervisor of your own' }],
  async run(input, context) {
    await requireReady(context);
    if (input.flags['supervised'] === true) await untilNoneRuns(context);
    const { alive, pid } = await pulseLife(context.disk);
    if (alive)
      throw refused('locked', `Cannot run: the pulse runs already, pid ${pid ?? 'unknown'}`, 'tend loops daemon stop');
    return foreground(input, context);
  },
};

async function untilNoneRuns({ disk, signal }: Context): Promise<void> {
  while (!signal.aborted && (await pulseLife(disk)).alive) await pause(LOOK_MS, signal);
  signal.throwIfAborted();
}
