/** The config as it is written, without its schema: for verbs that must start fast and want to know only whether to look closer. */
import { basename, dirname } from 'node:path';
import { isObject, parseJson } from '../lib/json.js';
import { localDisk } from './local-disk.js';

/** True unless the file is absent, or is an object that says nothing about the gate: then its schema has nothing to say of it either. */
export function mayNameTheGate(path: string): boolean {
  const read = localDisk(dirname(path)).read(basename(path));
  if (read.state !== 'present') return read.state === 'unreadable';
  const { value } = parseJson(read.text);
  return !isObject(value) || 'gate' in value;
}

/** Names of variables that the config's `secrets` lists; undefined when the file cannot be read now. */
export function secretNames(path: string): string[] | undefined {
  const read = localDisk(dirname(path)).read(basename(path));
  if (read.state === 'unreadable') return undefined;
  const { value } = parseJson(read.state === 'present' ? read.text : '{}');
  const names = isObject(value) ? value['secrets'] : [];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}
