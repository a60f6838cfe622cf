import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import type { Verb } from '../verb.js';
import { renderStatus, statusView } from '../views/status.js';

/** Reads only; a missing data dir is a pulse that is down. */
export const verb: Verb = {
  path: ['status'],
  group: 'see',
  about: 'Say whether the pulse lives and why anything is not moving',
  details:
    'One line per thing the pulse tends: what state it is in, why, and when it is looked at again. "waiting" is for a human or ' +
    'another process, "stalled" until a file is edited, "retrying" after an unexpected error.',
  flags: { json: { type: 'boolean', about: 'print {pulse:{alive,pid,…}, controllers, problems, data_dir}' } },
  examples: [{ line: 'tend status --json', about: 'for scripts: pulse.alive and pulse.pid' }],
  async run(_input, { disk }) {
    const view = await statusView(disk);
    return { text: renderStatus(view, unixSeconds(now())), json: view };
  },
};
