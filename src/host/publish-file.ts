/** Files of a run dir that a child's supervisor leaves: each name is created once, whole, or not at all. */
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod/mini';
import { digest, nonce } from '../lib/hash.js';
import { parseJson, prettyJson } from '../lib/json.js';
import { TendError } from '../model/error.js';
import { check, isNewer } from '../model/record.js';

/**
 * Creates `path` with this record, or returns false because somebody was first. Readers see all of it or nothing. A disk that
 * refuses is an environment error.
 */
export function publishFile(path: string, record: object): boolean {
  try {
    return publish(path, record);
  } catch (error) {
    throw new TendError('environment', `Cannot write "${path}"`, {
      code: 'io-error',
      cause: error,
      hint: 'tend status',
    });
  }
}

function publish(path: string, record: object): boolean {
  const bytes = Buffer.from(prettyJson(record), 'utf8');
  const temp = `${dirname(path)}/.tmp-${process.pid}-${nonce(4)}`;
  const fd = openSync(temp, 'wx', 0o600);
  try {
    try {
      // On a full disk link() still succeeds while the write falls short: the length is checked before the name exists.
      if (writeSync(fd, bytes) !== bytes.length) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
      fsyncSync(fd);
      if (fstatSync(fd).size !== bytes.length) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    } finally {
      closeSync(fd);
    }
    linkSync(temp, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temp);
  }
  syncDir(dirname(path));
  return true;
}

export type FileRecord<T> = { state: 'present'; value: T } | { state: 'absent' } | { state: 'bad'; reason: string };

/** Reads such a record. Only "no such file" is absence; what cannot be read or checked, or has another SHA-256 than `wanted`, is `bad`. */
export function readRecord<T>(path: string, schema: z.ZodMiniType<T>, wanted?: string): FileRecord<T> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    return code === 'ENOENT' ? { state: 'absent' } : { state: 'bad', reason: code };
  }
  if (wanted !== undefined && digest(text) !== wanted)
    return { state: 'bad', reason: 'it is not the record that was written for this run' };
  const parsed = parseJson(text);
  if (parsed.problem !== undefined) return { state: 'bad', reason: parsed.problem };
  if (isNewer(parsed.value)) return { state: 'bad', reason: 'it was written by a newer tend' };
  const checked = check(schema, parsed.value);
  return checked.problems
    ? { state: 'bad', reason: checked.problems.join('; ') }
    : { state: 'present', value: checked.value };
}

function syncDir(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
