/**
 * A file of another program that grows at its end, read in pieces as they come. Nothing is kept open between two looks, so a file that was
 * replaced is seen; one that is another by now, or shorter, is read anew from its beginning.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf, wordsFor } from './local-read.js';

export type Growth =
  | {
      state: 'present';
      /** What came behind the last look; empty: nothing. */
      bytes: Uint8Array;
      /** It begins at the beginning, and what was read before is void. */
      isAnew: boolean;
      /** There is more than `maxBytes`. */
      more: boolean;
    }
  | { state: 'absent' }
  | { state: 'unreadable'; reason: string };

export interface GrowingFile {
  /** At most `maxBytes` of what has come. Never throws, and never waits for a pipe. */
  next(maxBytes: number): Growth;
}

export function growingFile(path: string): GrowingFile {
  let offset = 0;
  let inode: number | undefined;
  return {
    next(maxBytes) {
      try {
        const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
        try {
          const stat = fstatSync(fd);
          if (!stat.isFile()) return { state: 'unreadable', reason: 'it is no regular file' };
          const isAnew = inode !== stat.ino || stat.size < offset;
          if (isAnew) offset = 0;
          inode = stat.ino;
          const wanted = Math.min(maxBytes, stat.size - offset);
          const bytes = Buffer.allocUnsafe(wanted);
          const got = wanted === 0 ? 0 : readSync(fd, bytes, 0, wanted, offset);
          offset += got;
          return { state: 'present', bytes: bytes.subarray(0, got), isAnew, more: got > 0 && offset < stat.size };
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        const code = codeOf(error);
        return code === 'ENOENT' ? { state: 'absent' } : { state: 'unreadable', reason: wordsFor(code) };
      }
    },
  };
}
