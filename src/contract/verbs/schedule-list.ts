import { now } from '../../host/clock.js';
import { readSchedules } from '../../store/schedules.js';
import type { Verb } from '../verb.js';
import { renderSchedules, schedulesJson } from '../views/schedules.js';

export const verb: Verb = {
  path: ['schedule', 'list'],
  group: 'see',
  about: 'List the schedules and when each is due',
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print an object of name to record, or to null for a broken one' } },
  examples: [{ line: 'tend schedule list', about: 'name, signal and detail, separated by tabs' }],
  async run(_input, { disk, warn }) {
    const at = now();
    const entries = readSchedules(disk);
    for (const entry of entries)
      if (entry.state !== 'ok') warn(`schedule "${entry.name}" is ${entry.state}: ${entry.reason}`);
    return { text: renderSchedules(entries, at), json: schedulesJson(entries) };
  },
};
