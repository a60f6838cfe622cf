import { TendError } from '../../model/error.js';
import type { Verb, VerbResult } from '../verb.js';
import { requireReady, startDetached } from './up.js';

/** `tend up` in the words of @hasna/loops. */
export const verb: Verb = {
  path: ['loops', 'daemon', 'start'],
  group: 'loops',
  about: 'Start the pulse, which is what runs the loops; the same as "tend up"',
  flags: { json: { type: 'boolean', alias: 'j', about: 'print {started, alreadyRunning, pid}' } },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops daemon start', about: 'prints its pid' }],
  async run(_input, context): Promise<VerbResult> {
    await requireReady(context);
    const done = await startDetached(context, { json: false });
    switch (done.state) {
      case 'started':
        return { text: `started pid=${done.pid}`, json: { started: true, alreadyRunning: false, pid: done.pid } };
      case 'already-running':
        return {
          text: `already running pid=${done.pid}`,
          json: { started: false, alreadyRunning: true, pid: done.pid },
        };
      case 'still-ending':
      case 'not-seen': {
        const why = done.state === 'not-seen' ? done.log || 'it was not seen alive' : 'the one before is still ending';
        throw new TendError('failed', `failed to start: ${why}`, { code: 'not-seen', hint: 'tend up --foreground' });
      }
    }
  },
};
