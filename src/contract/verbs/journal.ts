import { now } from '../../host/clock.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { localMinute } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import { journalProblem, journalTail } from '../../store/journal.js';
import { cannotRead } from '../../store/unreadable.js';
import type { Context, Verb } from '../verb.js';

/** What was done, one line per move. */
export const verb: Verb = {
  path: ['journal'],
  group: 'see',
  about: 'Print the latest lines of the journal: what was done, and why',
  rest: { kind: 'none' },
  flags: {
    follow: { type: 'boolean', alias: 'f', about: 'go on with what comes, until Ctrl-C' },
    lines: {
      type: 'count',
      alias: 'n',
      value: 'N',
      about: 'how many lines',
      default: String(LIMITS.journalTail),
    },
    since: { type: 'duration', value: 'DUR', about: 'only lines that are at most so old; without --lines all of them' },
    json: { type: 'boolean', about: 'print an array of the lines, oldest first; with -f an object a line' },
  },
  examples: [
    { line: 'tend journal -n 5', about: 'the last five moves' },
    { line: 'tend journal --since 1d', about: 'what was done since yesterday' },
    { line: 'tend journal -f', about: 'and what comes' },
  ],
  async run({ flags }, context) {
    const { disk } = context;
    const problem = journalProblem(disk);
    if (problem !== undefined) throw cannotRead(disk, 'read "journal.md"', { key: 'journal.md', reason: problem });
    const since = flags['since'] === undefined ? undefined : localMinute(now() - Number(flags['since']) * 1_000);
    const most = since === undefined ? LIMITS.journalTail : LIMITS.journalLines;
    const n = Math.min(Number(flags['lines'] ?? most), LIMITS.journalLines);
    const isWanted = (line: string) => since === undefined || line.slice(2, 2 + since.length) >= since;
    if (flags['follow'] === true) {
      await follow(context, { n, isWanted, json: flags['json'] === true });
      return { text: '', ownsStdout: true };
    }
    const lines = n === 0 ? [] : journalTail(disk, n).filter(isWanted);
    const none = since === undefined ? 'the journal is empty' : 'nothing was done in that time';
    return { text: lines.length === 0 ? none : lines.map(terminalSafe).join('\n'), json: lines };
  },
};

interface Following {
  n: number;
  isWanted(line: string): boolean;
  json: boolean;
}

async function follow(context: Context, { n, isWanted, json }: Following): Promise<void> {
  const { followLines } = await import('../follow-lines.js');
  const print = (line: string) => {
    if (line.startsWith('- ')) context.print(json ? JSON.stringify({ line }) : terminalSafe(line));
  };
  await followLines(context, {
    dir: '',
    key: () => 'journal.md',
    tailBytes: FIRST_BYTES,
    first: (lines) => {
      const moves = lines.filter((line) => line.startsWith('- '));
      for (const line of n === 0 ? [] : moves.slice(-n).filter(isWanted)) print(line);
    },
    next: print,
  });
}

/** More than the lines that can be asked for take. */
const FIRST_BYTES = LIMITS.journalLines * (LIMITS.journalLineChars + 32);
