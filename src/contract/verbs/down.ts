import { now } from '../../host/clock.js';
import { messageOf } from '../../model/error.js';
import { stopPulse } from '../../ops/pulse-process.js';
import { stopWorkers } from '../../ops/stop-workers.js';
import type { Context, Verb } from '../verb.js';
import { serviceDeps } from './service-install.js';

/** The pulse first, so that it cannot start a worker behind our back; then the workers. Says only what was observed. */
export const verb: Verb = {
  path: ['down'],
  group: 'start',
  about: 'Stop the pulse, then every worker, and confirm it',
  details:
    'A decision under way is aborted and made anew after the next "tend up"; a shell command under way goes on and its result is adopted. ' +
    'Asks stay. A pulse that does not end in time is killed, which loses nothing. Also under a service it stays down, until "tend up" or your next login.',
  flags: {
    timeout: { type: 'duration', about: 'how long the pulse may take to end by itself', default: '10', value: 'DUR' },
    json: { type: 'boolean', about: 'print {pulse, workers, survivors}' },
  },
  exits: { 1: 'something still lives, or cannot be asked' },
  human: true,
  async run(input, context) {
    const { disk, warn } = context;
    // Told first: after a kill, or an end with an error, it would start the next pulse behind our back.
    const told = tellService(context);
    const pulse = await stopPulse(disk, Number(input.flags['timeout'] ?? 10) * 1000);
    await told;
    if (pulse.state === 'unknown' || pulse.state === 'survived') {
      warn('workers were not stopped: the pulse may still live and start new ones');
      const why =
        pulse.state === 'unknown'
          ? `the pulse cannot be asked: ${pulse.reason}`
          : `the pulse (pid ${pulse.pid}) survived`;
      return { text: why, json: { pulse, workers: [], survivors: [] }, exit: 1 };
    }
    const { stopped, problems } = await stopWorkers(disk, now());
    for (const problem of problems) warn(`worker "${problem.id}": ${problem.reason}`);
    const lines = [
      pulse.state === 'not-running'
        ? 'pulse was not running'
        : `pulse stopped${pulse.forced ? ' (killed: it did not end in time)' : ''}`,
      ...(stopped.length > 0
        ? [`stopped ${stopped.length} ${stopped.length === 1 ? 'worker' : 'workers'}: ${stopped.join(', ')}`]
        : []),
    ];
    return {
      text: lines.join('\n'),
      json: { pulse, workers: stopped, survivors: problems.map((p) => p.id) },
      exit: problems.length > 0 ? 1 : 0,
    };
  },
};

/** Has the service manager, if it runs a pulse of ours, start no other. What keeps it from that is a warning: the pulse is stopped all the same. */
export async function tellService(context: Context): Promise<void> {
  try {
    const { openService } = await import('../../ops/service/service.js');
    const service = openService(serviceDeps(context));
    if (service.file !== 'ours') return;
    const said = await service.manager.stop();
    if (said.state === 'unreachable') context.warn(`the service manager was not told: ${said.words}`);
  } catch (error) {
    context.warn(`the service manager was not told: ${messageOf(error)}`);
  }
}
