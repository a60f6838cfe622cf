/** `journal.md`: one line per executed move, stamped by us in local time. Rotates to one older generation. */
import { clip, flat } from '../lib/clip.js';
import { type Instant, localMinute } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import type { Disk } from './disk.js';

const JOURNAL = 'journal.md';

/** Appends `- YYYY-MM-DD HH:MM text`; newlines become spaces, so a line cannot forge another. */
export function appendJournal(disk: Disk, now: Instant, text: string, maxBytes: number): void {
  const stat = disk.stat(JOURNAL);
  if (maxBytes > 0 && stat.state === 'present' && stat.bytes > maxBytes) {
    disk.remove('journal.md.1');
    disk.move(JOURNAL, 'journal.md.1');
  }
  disk.append(JOURNAL, `- ${localMinute(now)} ${clip(flat(text), LIMITS.journalLineChars)}`);
}

/** The last `n` lines, oldest first; reaches into the older generation after a rotation, so memory does not shrink suddenly. */
export function journalTail(disk: Disk, n: number): string[] {
  const bytes = n * 4 * (LIMITS.journalLineChars + 32);
  const lines: string[] = [];
  for (const key of ['journal.md.1', JOURNAL]) {
    const read = disk.tail(key, bytes);
    if (read.state === 'present') lines.push(...read.text.split('\n').filter((line) => line.startsWith('- ')));
  }
  return lines.slice(-n);
}
