import { terminalSafe } from '../../lib/terminal-safe.js';
import { LIMITS } from '../../model/limits.js';
import { journalProblem, journalTail } from '../../store/journal.js';
import { cannotRead } from '../../store/unreadable.js';
import type { Verb } from '../verb.js';

/** What was done, one line per move. */
export const verb: Verb = {
  path: ['journal'],
  group: 'see',
  about: 'Print the latest lines of the journal: what was done, and why',
  rest: { kind: 'none' },
  flags: {
    lines: {
      type: 'count',
      alias: 'n',
      value: 'N',
      about: 'how many lines',
      default: String(LIMITS.journalTail),
    },
    json: { type: 'boolean', about: 'print an array of the lines, oldest first' },
  },
  examples: [{ line: 'tend journal -n 5', about: 'the last five moves' }],
  async run({ flags }, { disk }) {
    const problem = journalProblem(disk);
    if (problem !== undefined) throw cannotRead(disk, 'read "journal.md"', { key: 'journal.md', reason: problem });
    const n = Number(flags['lines'] ?? LIMITS.journalTail);
    const lines = n === 0 ? [] : journalTail(disk, Math.min(n, LIMITS.journalLines));
    return { text: lines.length === 0 ? 'the journal is empty' : lines.map(terminalSafe).join('\n'), json: lines };
  },
};
