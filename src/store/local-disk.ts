/**
 * The data dir on a local file system: keys to paths, steps to files, failures to errors that a user can act on. This is the
 * one point where an id becomes a path, so a key that could leave the data dir is refused here whatever was checked before.
 */
import { rmSync, utimesSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { shellQuote } from '../lib/shell-quote.js';
import { badInput, TendError } from '../model/error.js';
import { LIMITS } from '../model/limits.js';
import type { Disk } from './disk.js';
import { ensureRootAt, makeDirAt } from './local-dirs.js';
import { codeOf, listOf, readTail, readWhole, statOf, wordsFor } from './local-read.js';
import { appendAt, changeIfEqual, moveAt, publishAt, removeAt, replaceAt } from './local-write.js';

/** `root` is absolute. It is created 0700, or closed to others, by the first write of this value; reads create nothing. */
export function localDisk(root: string): Disk {
  if (!isAbsolute(root)) throw badInput(`Cannot use ${JSON.stringify(root)} as data dir: it must be an absolute path`);
  let isRootMade = false;
  const path = (key: string): string => (key === '' ? root : `${root}/${requireInside(key)}`);
  const tend = <T>(verb: string, key: string, step: (path: string) => T): T => {
    const at = path(key);
    try {
      return step(at);
    } catch (error) {
      throw explain(error, { root, verb, key });
    }
  };
  const create = <T>(verb: string, key: string, step: (path: string) => T): T =>
    tend(verb, key, (at) => {
      if (!isRootMade) ensureRootAt(root);
      isRootMade = true;
      return step(at);
    });
  return {
    root,
    path,
    read: (key, maxBytes = LIMITS.recordBytes) => readWhole(path(key), maxBytes),
    tail: (key, maxBytes) => readTail(path(key), maxBytes),
    stat: (key) => statOf(path(key)),
    list: (dir) => listOf(path(dir)),
    publish: (key, content, mode = 0o600) => create('write', key, (at) => publishAt(at, bytesOf(content), mode)),
    replace: (key, content, mode = 0o600) => create('write', key, (at) => replaceAt(at, bytesOf(content), mode)),
    append: (key, line) => create('append to', key, (at) => appendAt(at, line)),
    remove: (key) => tend('remove', key, removeAt),
    removeIfEqual: (key, expected) =>
      tend('remove', key, (at) => changeIfEqual(at, expected, () => removeAt(at)) !== 'differs'),
    replaceIfEqual: (key, expected, content, mode = 0o600) =>
      tend('write', key, (at) => {
        return changeIfEqual(at, expected, () => replaceAt(at, bytesOf(content), mode)) === 'changed';
      }),
    move: (from, to) => {
      const target = path(to);
      return tend('move', from, (at) => moveAt(at, target));
    },
    makeDir: (dir) => create('create', dir, makeDirAt),
    removeTree: (dir) => {
      if (dir === '') throw badInput('Cannot remove the whole data dir');
      tend('remove', dir, (at) => rmSync(at, { recursive: true, force: true, maxRetries: 3 }));
    },
    touch: (key, atMs) => tend('touch', key, (at) => utimesSync(at, atMs / 1000, atMs / 1000)),
  };
}

/** Refuses only what can escape: names read back from disk, however strange, must stay addressable. */
function requireInside(key: string): string {
  if (OUTSIDE.test(key))
    throw badInput(`Cannot use ${JSON.stringify(key)} as a name in the data dir: it could lie outside`);
  return key;
}

/** A segment that is empty, "." or "..", or a NUL anywhere. */
const OUTSIDE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : content;

/** Stable code and next command for what a user can mend; the rest is `io-error`. */
const REMEDY: Record<string, { code: string; hint: (path: string) => string }> = {
  ENOSPC: { code: 'disk-full', hint: (path) => `df -h ${path}` },
  EDQUOT: { code: 'disk-full', hint: (path) => `df -h ${path}` },
  EACCES: { code: 'no-permission', hint: (path) => `ls -ld ${path}` },
  EPERM: { code: 'no-permission', hint: (path) => `ls -ld ${path}` },
  EROFS: { code: 'no-permission', hint: (path) => `ls -ld ${path}` },
  EUNREADABLE: { code: 'unreadable', hint: () => 'tend status' },
};

function explain(error: unknown, tried: { root: string; verb: string; key: string }): TendError {
  if (error instanceof TendError) return error;
  const code = codeOf(error);
  const why = code === 'EUNREADABLE' ? (error as Error).message : wordsFor(code);
  return new TendError('environment', `Cannot ${tried.verb} "${tried.key}" in the data dir: ${why}`, {
    code: REMEDY[code]?.code ?? 'io-error',
    cause: error,
    hint: REMEDY[code]?.hint(shellQuote(tried.root)) ?? 'tend status',
  });
}
