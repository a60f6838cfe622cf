/**
 * What releases authority carries a seal: asks and answers of the gate and the budget, the write-ahead of moves, the fate of
 * approvals. The seal is an HMAC over the record and its name, with a key that lies in the data dir and is never shown. A file
 * that somebody wrote by hand, or copied to another name, has none and counts as no record. It is a lock against helpful and
 * careless programs: who reads the key, as the same user can, may seal what they like (design: a gate, not a sandbox).
 */
import { keyedDigest, nonce } from '../lib/hash.js';
import { isObject, parseJson, stableJson } from '../lib/json.js';
import { TendError } from '../model/error.js';
import { isNewer } from '../model/record.js';
import { jsonRecord, type Loaded } from './codec.js';
import type { Disk } from './disk.js';

const SEAL = 'pulse/seal.json';
const KEY = /^[0-9a-f]{64}$/;

/** Undefined when there is no key, and then nothing is sealed. Throws when that cannot be told: gates fail closed. */
function readKey(disk: Disk): string | undefined {
  const read = disk.read(SEAL);
  if (read.state === 'absent') return undefined;
  if (read.state === 'unreadable') throw noKey(disk, read.reason);
  // Checked by hand: every verb that looks at the mailbox comes by here, and a schema library would be its slowest part.
  const { value } = parseJson(read.text);
  if (isNewer(value)) throw noKey(disk, 'it was written by a newer tend; update tend');
  const key = isObject(value) && typeof value['format'] === 'number' ? value['key'] : undefined;
  if (typeof key !== 'string' || !KEY.test(key)) throw noKey(disk, 'it holds no key of 64 hex digits');
  return key;
}

const noKey = (disk: Disk, reason: string): TendError =>
  new TendError('environment', `Cannot read "${SEAL}": ${reason}`, {
    code: 'seal-unreadable',
    hint: `mv ${disk.path(SEAL)} ${disk.path(SEAL)}.bad`,
  });

/** The key of this data dir; the first who needs it makes it, and its name exists once. */
function ensureKey(disk: Disk): string {
  const known = readKey(disk);
  if (known !== undefined) return known;
  const made = nonce(32);
  return disk.publish(SEAL, jsonRecord({ key: made })) ? made : (readKey(disk) ?? made);
}

const macOf = (key: string, name: string, text: string): string => keyedDigest(key, `${name}\n${text}`);

const HEAD = '---\n';
const SEALED = /^---\nseal: "([0-9a-f]{64})"\n/;

/** A Markdown record with its seal as the first line of the front matter; `name` is its key. */
export function sealMarkdown(disk: Disk, name: string, text: string): string {
  return `${HEAD}seal: "${macOf(ensureKey(disk), name, text)}"\n${text.slice(HEAD.length)}`;
}

/** True when `text` is, byte for byte, what was sealed under this name. */
export function isSealedMarkdown(disk: Disk, name: string, text: string): boolean {
  const seal = SEALED.exec(text);
  if (!seal) return false;
  const key = readKey(disk);
  return key !== undefined && seal[1] === macOf(key, name, HEAD + text.slice(seal[0].length));
}

/** The record with a field `seal` over all others. */
export function sealJson<T extends object>(disk: Disk, name: string, record: T): T & { seal: string } {
  return { ...record, seal: macOf(ensureKey(disk), name, stableJson(record)) };
}

/** What was loaded, or `corrupt` when its seal is not ours. */
export function requireSeal<T extends { seal?: string | undefined }>(
  disk: Disk,
  name: string,
  loaded: Loaded<T>,
): Loaded<T> {
  if (loaded.state !== 'present') return loaded;
  const { seal, ...record } = loaded.value;
  try {
    const key = readKey(disk);
    if (key !== undefined && seal === macOf(key, name, stableJson(record))) return loaded;
  } catch (error) {
    return { state: 'unreadable', reason: (error as Error).message };
  }
  return { state: 'corrupt', reason: 'its seal is missing or wrong: it was not written by tend' };
}
