import { TendError } from '../../model/error.js';
import { stopPulse } from '../../ops/pulse-process.js';
import type { Verb, VerbResult } from '../verb.js';
import { tellService } from './down.js';

/** What a pulse may take for ending its runs (loops spec 12). */
const GRACE_MS = 6_000;

export const verb: Verb = {
  path: ['loops', 'daemon', 'stop'],
  group: 'loops',
  about: 'Stop the pulse; workers go on, which "tend down" would stop too',
  details: 'Runs of loops that are under way are ended and recorded as cancelled.',
  flags: { json: { type: 'boolean', alias: 'j', about: 'print {wasRunning, stopped, forced, pid}' } },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops daemon stop', about: 'prints the pid it had' }],
  async run(_input, context): Promise<VerbResult> {
    const told = tellService(context);
    const done = await stopPulse(context.disk, GRACE_MS);
    await told;
    switch (done.state) {
      case 'not-running':
        return { text: 'not running', json: { wasRunning: false, stopped: false, forced: false } };
      case 'stopped': {
        const pid = done.pid === null ? {} : { pid: done.pid };
        return {
          text: `stopped pid=${done.pid ?? '-'}`,
          json: { wasRunning: true, stopped: true, forced: done.forced, ...pid },
        };
      }
      case 'survived':
        throw new TendError('failed', `Cannot stop the pulse: pid ${done.pid} survived`, { code: 'survived' });
      case 'unknown':
        throw new TendError('environment', `Cannot stop the pulse: it cannot be asked: ${done.reason}`, {
          code: 'unreachable',
        });
    }
  },
};
