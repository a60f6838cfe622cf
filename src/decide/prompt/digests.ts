/**
 * What is as it was at the last decision, in one line: for users who would rather pay for a file that is read again than for the
 * same text in every prompt. The line names the file, so that a decider with read tools loses nothing but time.
 */
import { flat } from '../../lib/clip.js';
import { hash32 } from '../../lib/hash.js';
import { inline } from './fence.js';
import type { PromptInput } from './prompt-input.js';

/** Hex digits of a digest: enough to see that two prompts mean the same text. */
const DIGITS = 12;
/** Of the first line of a goal, which says what it is about. */
const TITLE_CHARS = 120;

/** True when the user wants digests and this item, `goal:x` or `snap:x`, is what the last decision was given. */
export function isAsBefore({ digests, memory, world }: PromptInput, name: string): boolean {
  const before = memory.committed?.items;
  if (!digests || !before || !Object.hasOwn(before, name) || !Object.hasOwn(world.items, name)) return false;
  return before[name] === world.items[name];
}

/** `(as at the last decision · TITLE · digest 0123456789ab · read goals/x.md)` */
export function digestLine(text: string, where: string, title?: string): string {
  const about = title === undefined ? '' : ` · ${inline(flat(title), TITLE_CHARS)}`;
  return `(as at the last decision${about} · digest ${hash32(text).slice(0, DIGITS)} · read ${where})`;
}

/** The first line of a goal that says something: not its front matter. */
export function titleOf(text: string): string {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, '');
  return body.split('\n').find((line) => line.trim() !== '') ?? '';
}
