/**
 * What a client has seen, as one opaque word: a mark per category of change. `wait --since` compares it with the present, so a
 * change between two waits is not lost, and an ask that is left open is not reported twice.
 */
import { hash32 } from '../lib/hash.js';
import { parseJson, stableJson } from '../lib/json.js';
import type { Ask } from '../model/ask.js';
import { badInput } from '../model/error.js';
import type { RecalledWorld } from '../sense/recall-world.js';
import type { Disk } from '../store/disk.js';
import { askView } from './views/asks.js';

export const CATEGORIES = ['asks', 'goals', 'journal', 'playbook', 'snapshots'] as const;
export type Category = (typeof CATEGORIES)[number];
export type Marks = Record<Category, string>;

export interface Cursor {
  marks: Marks;
  /** The client knows that the pulse is down. */
  down: boolean;
}

/** Bytes of the journal that its mark is made of; with the size they tell any append and any rotation. */
const JOURNAL_BYTES = 4_096;

/** Marks of the world as recalled and of the pending asks; the journal is read here. */
export function marksOf(disk: Disk, world: Pick<RecalledWorld, 'marks'>, pending: readonly Ask[]): Marks {
  return { ...world.marks, asks: hash32(stableJson(pending.map(askView))), journal: journalMark(disk) };
}

function journalMark(disk: Disk): string {
  const read = disk.tail('journal.md', JOURNAL_BYTES);
  return read.state === 'present' ? `${read.bytes}-${hash32(read.text)}` : read.state;
}

/** Categories whose marks differ, sorted by name. */
export const changedBetween = (before: Marks, after: Marks): Category[] =>
  CATEGORIES.filter((category) => before[category] !== after[category]);

export const encodeCursor = ({ marks, down }: Cursor): string =>
  Buffer.from(JSON.stringify([1, down ? 1 : 0, ...CATEGORIES.map((category) => marks[category])])).toString(
    'base64url',
  );

/** The cursor that `encodeCursor` wrote; anything else is an input error. */
export function decodeCursor(text: string): Cursor {
  const parts = parseJson(Buffer.from(text, 'base64url').toString('utf8')).value;
  const [version, down, ...marks] = Array.isArray(parts) ? parts : [];
  if (version !== 1 || marks.length !== CATEGORIES.length || !marks.every((mark) => typeof mark === 'string'))
    throw badInput(
      `Cannot wait since ${JSON.stringify(text.slice(0, 40))}: it is no cursor of this tend`,
      'take "cursor" from tend state --json or from the last tend wait --json',
    );
  const named = Object.fromEntries(CATEGORIES.map((category, at) => [category, marks[at] as string]));
  return { marks: named as Marks, down: down === 1 };
}
