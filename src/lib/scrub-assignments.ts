/**
 * Takes out what stands behind a name that says "secret": `DEPLOY_TOKEN=…`, `"apiKey": "…"`, `password: …`. For the output of programs, where a
 * false alarm costs a word; texts that are acted on, whose keys name files, go without it. Pure, linear, safe to repeat; JSON stays JSON.
 */
import type { Put } from './scrub.js';

/** Shorter values are words, and lower ones are spelt: 3.2 bits a character lie above most words and below most keys (loops spec 8.10). */
const CHARS_MIN = 12;
const ENTROPY_MIN = 3.2;

/**
 * The end of a name from its telling word on, `=` or `:`, and a value. Everything before the value has a bound, so that a long line of
 * anything is read once. A value ends at what ends a word in shells, JSON, YAML and URLs; quotes may be escaped, as in JSON within JSON.
 */
const ASSIGNMENT =
  /((?:key|token|secret|passw(?:or)?d|passphrase)[\w.-]{0,40}(\\{0,3}["'])?[ \t]{0,4}[:=][ \t]{0,4}(\\{0,3}["'])?)([^\s"'\\,;&|<>(){}[\]]{12,})/gi;
/** What stands before the telling word in names of keys that open nothing. */
const OPENS_NOTHING = /(?:idempotency|node|slot|primary|foreign|partition|sort|cache|public)[_.-]?$/i;
const LOOK_BACK_CHARS = 16;
/** A place, a variable that is filled in later, a mask, or a note. */
const HARMLESS = /^(?:https?:\/\/|\.{0,2}\/|~|[$%<*]|\[)/i;

/** Text without such values, `put` in their place. */
export function scrubAssignments(text: string, put: Put): string {
  return text.replace(
    ASSIGNMENT,
    (all, before: string, closing: string | undefined, opening: string | undefined, value: string, at: number) => {
      // A quoted name before a bare value is JSON with a number or a literal: a note there would be no JSON.
      if (closing !== undefined && opening === undefined) return all;
      if (OPENS_NOTHING.test(text.slice(Math.max(0, at - LOOK_BACK_CHARS), at))) return all;
      if (HARMLESS.test(value) || value.length < CHARS_MIN || entropyOf(value) < ENTROPY_MIN) return all;
      return before + put('assigned', value);
    },
  );
}

/** Shannon's, in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
