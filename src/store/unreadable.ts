/** The error of whoever needs what cannot be read: nothing may be concluded from it, and the human is told where to look. */
import { shellQuote } from '../lib/shell-quote.js';
import { TendError } from '../model/error.js';
import type { Disk } from './disk.js';

/** `doing` says what was tried (`list "asks"`), `reason` comes from the read. An environment error of code `unreadable`. */
export const cannotRead = (disk: Disk, doing: string, at: { key: string; reason: string }): TendError =>
  new TendError('environment', `Cannot ${doing}: ${at.reason}`, {
    code: 'unreadable',
    hint: `ls -ld ${shellQuote(disk.path(at.key))}`,
  });
