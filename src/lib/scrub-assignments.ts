/**
 * Takes out what stands behind a name that says "secret": `DEPLOY_TOKEN=…`, `"apiKey": "…"`, `password: …`. For the output of programs, where a
 * false alarm costs a word; texts that are acted on, whose keys name files, go without it. Pure, linear, safe to repeat; JSON stays JSON.
 */
import type { Put } from './scrub.js';

/** Shorter values are words, and lower ones are spelt: 3.2 bits a character lie above most words and below most keys (loops spec 8.10). */
const CHARS_MIN = 12;
const ENTROPY_MIN = 3.2;

/**
 * The telling word of a name, the rest of the name, and `=` or `:`, up to where the value begins. Every part has a bound, so that a long line
 * of anything is read once. Quotes may be escaped, as in JSON within JSON.
 */
const BEGINNING = new RegExp(
  String.raw`(?<word>key|token|secret|passw(?:or)?d|passphrase)(?<rest>[\w.-]{0,40})(?<closing>\\{0,3}["'])?` +
    String.raw`[ \t]{0,4}[:=][ \t]{0,4}(?<opening>\\{0,3}["'])?`,
  'gi',
);
/** What ends a word in shells, JSON, YAML and URLs. */
const STOP = /[\s"'\\,;&|<>(){}[\]]/g;

/** What stands before the telling word in names of keys that open nothing; our run tokens only tell attempts apart. */
const OPENS_NOTHING =
  /(?:idempotency|node|slot|primary|foreign|partition|sort|cache|public|TEND_RUN|LOOPS_RUN)[_.-]?$/i;
const LOOK_BACK_CHARS = 16;
/** Another word begins behind it, as in `token_value` and `keyV2`: not in `tokenizer` or `KEYBOARD`. */
const GOES_ON = /^s?(?:$|[_.\-A-Z\d])/;
const GOES_ON_IN_CAPITALS = /^S?(?:$|[_.\-\d])/;
/** Names of where a secret is, or of how many there are. */
const ABOUT_ONE = /(?:source|name|file|path|dir|type|count|budget|limit|usage|id)s?$/i;
/** A place, a variable that is filled in later or its name, a mask, or a note. */
const HARMLESS = /^(?:https?:\/\/|\.{0,2}\/|~|[$%<*]|\[|[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$)/;

interface Name {
  word: string;
  rest: string;
  closing?: string;
  opening?: string;
}

/** Text without such values, `put` in their place. */
export function scrubAssignments(text: string, put: Put): string {
  let clean = '';
  let done = 0;
  BEGINNING.lastIndex = 0;
  for (let found = BEGINNING.exec(text); found; found = BEGINNING.exec(text)) {
    const from = BEGINNING.lastIndex;
    const before = text.slice(Math.max(0, found.index - LOOK_BACK_CHARS), found.index);
    if (!saysSecret(found.groups as unknown as Name, before)) continue;
    const value = text.slice(from, endOfValue(text, from));
    BEGINNING.lastIndex = from + value.length;
    if (!looksSecret(value)) continue;
    clean += text.slice(done, from) + put('assigned', value);
    done = from + value.length;
  }
  return done === 0 ? text : clean + text.slice(done);
}

function endOfValue(text: string, from: number): number {
  STOP.lastIndex = from;
  return STOP.exec(text)?.index ?? text.length;
}

function saysSecret({ word, rest, closing, opening }: Name, before: string): boolean {
  // A quoted name before a bare value is JSON with a number or a literal: a note there would be no JSON.
  if (closing !== undefined && opening === undefined) return false;
  if (OPENS_NOTHING.test(before) || ABOUT_ONE.test(rest)) return false;
  return (word === word.toUpperCase() ? GOES_ON_IN_CAPITALS : GOES_ON).test(rest);
}

const looksSecret = (value: string): boolean =>
  value.length >= CHARS_MIN && !HARMLESS.test(value) && entropyOf(value) >= ENTROPY_MIN;

/** Shannon's, in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
