/**
 * A file that belongs to another program of the user: read whole, replaced at once, a copy kept of what was there. Nothing else
 * about its directory is touched, unlike the data dir's, which is closed to others.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { shellQuote } from '../lib/shell-quote.js';
import { TendError } from '../model/error.js';
import type { Read } from './disk.js';
import { makeDirAt } from './local-dirs.js';
import { codeOf, readTail, readWhole, wordsFor } from './local-read.js';
import { fullySynced, publishAt, removeAt, replaceAt } from './local-write.js';

/** Settings files of agent CLIs hold histories too; one larger than this is not what we think it is. */
const BYTES_MAX = 64 * 1024 * 1024;
/** It may name keys. */
const MODE = 0o600;

/** Whole, or unreadable when it has more than `maxBytes`. */
export const readOthersFile = (path: string, maxBytes = BYTES_MAX): Read => readWhole(path, maxBytes);

/** The last `maxBytes` of a file of any size. */
export const readOthersTail = (path: string, maxBytes: number): Read => readTail(path, maxBytes);

/** An absolute path without symbolic links; parts that do not exist yet stay as they are. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Absent, or not to be looked at: then what is above it says where it will be.
    return dirname(path) === path ? path : join(realPathOf(dirname(path)), basename(path));
  }
}

/** Puts `text` at a path that is ours alone, in a directory of other programs. Throws when it cannot be written. */
export function putOwnFile(path: string, text: string, mode: number): void {
  try {
    makeDirAt(dirname(path));
    replaceAt(path, Buffer.from(text, 'utf8'), { ...fullySynced(mode), throughLink: false });
  } catch (error) {
    throw cannotPut('write', path, error);
  }
}

/** Removes it; absent is fine. */
export function removeOwnFile(path: string): void {
  try {
    removeAt(path);
  } catch (error) {
    throw cannotPut('remove', path, error);
  }
}

const cannotPut = (verb: string, path: string, cause: unknown): TendError =>
  new TendError('environment', `Cannot ${verb} "${path}": ${wordsFor(codeOf(cause))}`, {
    code: 'io-error',
    hint: `ls -ld ${shellQuote(dirname(path))}`,
    cause,
  });

/**
 * Puts `text` where `before` was read (undefined: nothing was there), and `before` to `<path>.before-tend`, or the first free
 * number behind it. Returns the path of that copy. Throws when the file is another by now, or cannot be written.
 */
export function replaceOthersFile(path: string, before: string | undefined, text: string): string | undefined {
  try {
    makeDirAt(dirname(path));
    const copy = before === undefined ? undefined : keepCopy(path, before);
    const now = readOthersFile(path);
    if (now.state === 'unreadable' || (now.state === 'present' ? now.text : undefined) !== before)
      throw changed(path, 'somebody else changed it at the same moment');
    replaceAt(path, Buffer.from(text, 'utf8'), { ...fullySynced(MODE), throughLink: true });
    return copy;
  } catch (error) {
    throw error instanceof TendError ? error : changed(path, wordsFor(codeOf(error)), error);
  }
}

function keepCopy(path: string, text: string): string {
  for (let serial = 1; ; serial++) {
    const copy = `${path}.before-tend${serial === 1 ? '' : `-${serial}`}`;
    if (publishAt(copy, Buffer.from(text, 'utf8'), fullySynced(MODE))) return copy;
    // The same text is kept already: one copy of it is enough.
    const there = readOthersFile(copy);
    if (there.state === 'present' && there.text === text) return copy;
  }
}

const changed = (path: string, why: string, cause?: unknown): TendError =>
  new TendError('environment', `Cannot change "${path}": ${why}`, { code: 'others-file', hint: 'tend init', cause });
