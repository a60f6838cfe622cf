/** `journal.md`: one line per executed move, stamped by us in local time. Rotates to one older generation. */
import { clip, flat } from '../lib/clip.js';
import { TendError } from '../model/error.js';
import { type Instant, localMinute } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { withDirLock } from './dir-lock.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

const JOURNAL = 'journal.md';
/** The older one first. */
const JOURNALS = ['journal.md.1', JOURNAL] as const;

/** Appends `- YYYY-MM-DD HH:MM text`; newlines become spaces, so a line cannot forge another. */
export function appendJournal(disk: Disk, now: Instant, text: string, maxBytes: number): void {
  if (maxBytes > 0 && isOver(disk, maxBytes)) rotate(disk, maxBytes);
  disk.append(JOURNAL, journalLine(now, text));
}

const journalLine = (at: Instant, text: string): string =>
  `- ${localMinute(at)} ${clip(flat(text), LIMITS.journalLineChars)}`;

/** Lines that may have come between an append and the recovery that looks for it. */
const RECENT_LINES = 200;

/**
 * How often this very line is among the latest: how a recovery tells whether somebody died before or after the append. Throws
 * when the journal cannot be read: then nobody can tell.
 */
export function countJournalLines(disk: Disk, at: Instant, text: string): number {
  const problem = journalProblem(disk);
  if (problem !== undefined) throw cannotRead(disk, 'tell what was journaled', { key: JOURNAL, reason: problem });
  const line = disk.clean?.(journalLine(at, text)) ?? journalLine(at, text);
  return journalTail(disk, RECENT_LINES).filter((one) => one === line).length;
}

const isOver = (disk: Disk, maxBytes: number): boolean => {
  const stat = disk.stat(JOURNAL);
  return stat.state === 'present' && stat.bytes > maxBytes;
};

/** Under the writer lock and looked at again: of two that see it too long, the second must not rotate away the first's work. */
function rotate(disk: Disk, maxBytes: number): void {
  try {
    withDirLock(disk.root, () => {
      if (!isOver(disk, maxBytes)) return;
      disk.remove('journal.md.1');
      disk.move(JOURNAL, 'journal.md.1');
    });
  } catch (error) {
    // Best effort: a journal that is too long is still a journal. What keeps the line itself from being written is reported by it.
    if (!(error instanceof TendError)) throw error;
  }
}

/** Why the journal cannot be read, or undefined: its lines are then no proof of anything. */
export function journalProblem(disk: Disk): string | undefined {
  for (const key of JOURNALS) {
    const read = disk.tail(key, 1);
    if (read.state === 'unreadable') return read.reason;
  }
  return undefined;
}

/** The last `n` lines, oldest first; reaches into the older generation after a rotation, so memory does not shrink suddenly. */
export function journalTail(disk: Disk, n: number): string[] {
  const bytes = n * 4 * (LIMITS.journalLineChars + 32);
  const lines: string[] = [];
  for (const key of JOURNALS) {
    const read = disk.tail(key, bytes);
    if (read.state === 'present') lines.push(...read.text.split('\n').filter((line) => line.startsWith('- ')));
  }
  return lines.slice(-n);
}
