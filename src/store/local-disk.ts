/**
 * The data dir on a local file system: keys to paths, steps to files, failures to errors that a user can act on. This is the
 * one point where an id becomes a path, so a key that could leave the data dir is refused here whatever was checked before.
 */
import { rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { shellQuote } from '../lib/shell-quote.js';
import { badInput, TendError } from '../model/error.js';
import { LIMITS } from '../model/limits.js';
import type { Disk, Keeping } from './disk.js';
import { ensureRootAt, makeDirAt } from './local-dirs.js';
import { codeOf, listOf, readSlice, readTail, readText, readWhole, statOf, withCode, wordsFor } from './local-read.js';
import {
  appendAt,
  changeIfEqual,
  moveAt,
  moveTreeAt,
  publishAt,
  removeAt,
  replaceAt,
  type WriteHow,
} from './local-write.js';

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
      // Who takes the data dir away while we live means it: writing on would leave a ghost of it, with one record inside.
      // Taken away after this look, the step finds no directory and makes none (local-dirs.ts).
      else if (!statSync(root, { throwIfNoEntry: false })) throw withCode('EGONE');
      isRootMade = true;
      return step(at);
    });
  return {
    root,
    path,
    read: (key, maxBytes = LIMITS.recordBytes) => readWhole(path(key), maxBytes),
    text: (key) => readText(path(key), LIMITS.recordBytes),
    tail: (key, maxBytes) => readTail(path(key), maxBytes),
    slice: (key, from, length) => readSlice(path(key), from, length),
    stat: (key) => statOf(path(key)),
    list: (dir) => listOf(path(dir)),
    publish: (key, content, keeping) => create('write', key, (at) => publishAt(at, bytesOf(content), syncOf(keeping))),
    replace: (key, content, keeping) => create('write', key, (at) => put(key, at, content, keeping)),
    append: (key, line, how) =>
      create('append to', key, (at) =>
        appendAt(at, line, { throughLink: key === JOURNAL, isSynced: how !== 'unsynced' }),
      ),
    remove: (key, how) => tend('remove', key, (at) => removeAt(at, how !== 'unsynced')),
    removeIfEqual: (key, expected) =>
      tend('remove', key, (at) => changeIfEqual(at, expected, () => removeAt(at)) !== 'differs'),
    replaceIfEqual: (key, expected, content, mode) =>
      tend('write', key, (at) => {
        return changeIfEqual(at, expected, () => put(key, at, content, mode)) === 'changed';
      }),
    move: (from, to) => {
      const target = path(to);
      return tend('move', from, (at) => moveAt(at, target));
    },
    moveTree: (from, to) => {
      const target = path(to);
      return tend('move', from, (at) => moveTreeAt(at, target));
    },
    makeDir: (dir) => create('create', dir, makeDirAt),
    removeTree: (dir) => {
      if (dir === '') throw badInput('Cannot remove the whole data dir');
      tend('remove', dir, (at) => rmSync(at, { recursive: true, force: true, maxRetries: 3 }));
    },
    touch: (key, atMs) => tend('touch', key, (at) => utimesSync(at, atMs / 1000, atMs / 1000)),
  };
}

/**
 * What people keep in repositories of their own and link to: PLAYBOOK, config, goals, sensors; and the journal, which they read.
 * A link anywhere else was put there by somebody else: a record takes its place, and what it points to is left alone.
 */
const isLinkedTo = (key: string): boolean => !key.includes('/') || /^(?:goals|sensors)\//.test(key);
const JOURNAL = 'journal.md';

const put = (key: string, at: string, content: string | Uint8Array, keeping: Keeping | undefined): void =>
  replaceAt(at, bytesOf(content), { ...syncOf(keeping), throughLink: isLinkedTo(key) });

const syncOf = (keeping: Keeping = 0o600): WriteHow => ({
  mode: typeof keeping === 'number' ? keeping : 0o600,
  isContentSynced: keeping !== 'unsynced',
  isNameSynced: typeof keeping === 'number',
});

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
interface Tried {
  root: string;
  verb: string;
  key: string;
}
type Remedy = { code: string; hint: (at: string, root: string) => string };

/** What is wrong with the way to a file shows in the directory above it. */
const lookAbove = (at: string): string => `ls -ld ${shellQuote(dirname(at))}`;
const lookAt = (at: string): string => `ls -ld ${shellQuote(at)}`;
const room = (_at: string, root: string): string => `df -h ${shellQuote(root)}`;

const REMEDY: Record<string, Remedy> = {
  ENOSPC: { code: 'disk-full', hint: room },
  EDQUOT: { code: 'disk-full', hint: room },
  EACCES: { code: 'no-permission', hint: lookAbove },
  EPERM: { code: 'no-permission', hint: lookAbove },
  EROFS: { code: 'no-permission', hint: lookAbove },
  ENOTDIR: { code: 'io-error', hint: lookAbove },
  EEXIST: { code: 'io-error', hint: lookAbove },
  ENOENT: { code: 'io-error', hint: lookAbove },
  EISDIR: { code: 'io-error', hint: lookAt },
  ENXIO: { code: 'io-error', hint: lookAt },
  ELOOP: { code: 'io-error', hint: lookAt },
  ELINK: { code: 'io-error', hint: lookAt },
  EUNREADABLE: { code: 'unreadable', hint: lookAt },
  EGONE: { code: 'data-dir-gone', hint: () => 'tend init' },
};

function explain(error: unknown, tried: Tried): TendError {
  if (error instanceof TendError) return error;
  const code = codeOf(error);
  const why = code === 'EUNREADABLE' ? (error as Error).message : wordsFor(code);
  return new TendError('environment', `Cannot ${tried.verb} "${tried.key}" in the data dir: ${why}`, {
    code: REMEDY[code]?.code ?? 'io-error',
    cause: error,
    hint: REMEDY[code]?.hint(`${tried.root}/${tried.key}`, tried.root) ?? 'tend status',
  });
}
