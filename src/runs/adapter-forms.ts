/**
 * Which form of a provider's command line works with the program that is installed (`cache/adapters.json`). A cache: what it does not know
 * is tried again from the first form on, and a program that was exchanged is another one.
 */
import { fileStamp } from '../host/file-stamp.js';
import { isObject, parseJson, prettyJson } from '../lib/json.js';
import { FORMAT } from '../model/record.js';
import type { Disk } from '../store/disk.js';

const KEY = 'cache/adapters.json';
/** Programs that are remembered: six providers, in some versions each. */
const ENTRIES_MAX = 32;

type Forms = Record<string, number>;

/** Index of the form that is known to work with the program at `path`; 0 when none is. */
export function knownForm(disk: Disk, path: string): number {
  const stamp = fileStamp(path);
  return (stamp === undefined ? undefined : readForms(disk)?.[stamp]) ?? 0;
}

/** Remembers that form. What cannot be written, or was written by a newer tend, is left: nothing but a start depends on it. */
export function rememberForm(disk: Disk, path: string, form: number): void {
  const stamp = fileStamp(path);
  const forms = readForms(disk);
  if (stamp === undefined || forms === undefined) return;
  const { [stamp]: _old, ...others } = forms;
  const kept = Object.entries(others).slice(-(ENTRIES_MAX - 1));
  try {
    disk.replace(KEY, prettyJson({ format: FORMAT, forms: [...kept, [stamp, form]] }));
  } catch {
    // A full disk: the next attempt finds the form by trying, as this one did.
  }
}

/** Undefined: the file is not ours to change. */
function readForms(disk: Disk): Forms | undefined {
  const read = disk.read(KEY);
  if (read.state === 'absent') return {};
  if (read.state === 'unreadable') return undefined;
  const { value } = parseJson(read.text);
  if (!isObject(value)) return {};
  if (typeof value['format'] === 'number' && value['format'] > FORMAT) return undefined;
  const rows = Array.isArray(value['forms']) ? value['forms'] : [];
  return Object.fromEntries(
    rows.filter(
      (row): row is [string, number] =>
        Array.isArray(row) && typeof row[0] === 'string' && Number.isInteger(row[1]) && (row[1] as number) >= 0,
    ),
  );
}
