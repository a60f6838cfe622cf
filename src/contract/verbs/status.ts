import { now } from '../../host/clock.js';
import { messageOf } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import { UNSAFE_GATE } from '../../model/unsafe-gate.js';
import { mayNameTheGate } from '../../store/config-text.js';
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
  async run(_input, { disk, profile }) {
    const view = await statusView(disk);
    const problems = [...new Set([...view.problems, ...(await configProblems(profile.configPath))])];
    const shown = { ...view, problems };
    return { text: renderStatus(shown, unixSeconds(now())), json: shown };
  },
};

/** What a pulse would say of the gate's settings: it is told without one too, and before its next beat. */
async function configProblems(path: string): Promise<string[]> {
  if (!mayNameTheGate(path)) return [];
  const { loadConfig } = await import('../../store/config.js');
  try {
    return loadConfig(path).config.gate?.unsafe === true ? [UNSAFE_GATE] : [];
  } catch (error) {
    return [messageOf(error)];
  }
}
