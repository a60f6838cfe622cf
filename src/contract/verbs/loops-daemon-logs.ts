import { LIMITS } from '../../model/limits.js';
import { lastEvents } from '../pulse-events.js';
import type { Verb } from '../verb.js';
import { isForPeople, pulseText } from '../views/pulse-log.js';
import { verb as logs } from './logs.js';

const USUAL = 80;

export const verb: Verb = {
  path: ['loops', 'daemon', 'logs'],
  group: 'loops',
  about: 'Print the last lines of the log of the pulse; the same as "tend logs"',
  flags: {
    lines: { type: 'count', alias: 'n', value: 'N', about: 'how many', default: String(USUAL) },
    follow: { type: 'boolean', alias: 'f', about: 'go on with what comes, until Ctrl-C' },
    json: { type: 'boolean', alias: 'j', about: 'print {lines}; with -f an object a line' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend loops daemon logs -n 5', about: 'the last five' }],
  async run(input, context) {
    if (input.flags['follow'] === true) return logs.run({ ...input, args: {} }, context);
    const n = Math.min(Number(input.flags['lines']), LIMITS.journalLines);
    const lines = lastEvents(context.disk, n, isForPeople).map((event) => pulseText(event, false));
    // Without a log one empty line, as the tool it stands for prints it.
    return { text: lines.length === 0 ? '\n' : lines.join('\n'), json: { lines } };
  },
};
