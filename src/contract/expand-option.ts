/**
 * Shorthand for a declared option. The whole answer must be the shorthand: the option in any case, its number, or the
 * beginning of exactly one option. Everything else is the human's own words and stays as typed. Pure.
 */
import { readVerdict } from '../model/ask.js';

/** The option that `text` stands for, in the option's own spelling; else `text`. */
export function expandOption(text: string, options: readonly string[]): string {
  const typed = text.trim().toLowerCase();
  const exact = options.find((option) => option.toLowerCase() === typed);
  if (exact !== undefined) return exact;
  // Where options are numbers themselves, a number is an answer and no position.
  const numbered = options.some((option) => /^\d/.test(option)) ? undefined : options[positionOf(typed)];
  if (numbered !== undefined) return numbered;
  // A plain yes or no is an answer by itself: "no" must not become "not before Monday".
  if (typed === '' || readVerdict(typed)) return text;
  const begun = options.filter((option) => option.toLowerCase().startsWith(typed));
  return begun.length === 1 ? begun[0]! : text;
}

/** `2` and `#2` → 1; anything else → -1. */
const positionOf = (typed: string): number => Number(/^#?([1-9]\d?)$/.exec(typed)?.[1] ?? 0) - 1;
