import { now } from '../../host/clock.js';
import { stopPulse } from '../../ops/pulse-process.js';
import { stopWorkers } from '../../ops/stop-workers.js';
import type { Verb } from '../verb.js';

/** The pulse first, so that it cannot start a worker behind our back; then the workers. Says only what was observed. */
export const verb: Verb = {
  path: ['down'],
  group: 'start',
  about: 'Stop the pulse, then every worker, and confirm it',
  details:
    'A decision under way is aborted and made anew after the next "tend up"; a shell command under way goes on and its result is adopted. ' +
    'Asks stay. A pulse that does not end in time is killed, which loses nothing.',
  flags: {
    timeout: { type: 'duration', about: 'how long the pulse may take to end by itself', default: '10', value: 'DUR' },
    json: { type: 'boolean', about: 'print {pulse, workers, survivors}' },
  },
  exits: { 1: 'something still lives, or cannot be asked' },
  human: true,
  async run(input, { disk, warn }) {
    const pulse = await stopPulse(disk, Number(input.flags['timeout'] ?? 10) * 1000);
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
