/** Where a bracket expression of a regular expression ends, which differs from program to program. Pure. */

/** How programs differ. */
interface Reading {
  /** A backslash in brackets takes the next character with it. */
  escapes: boolean;
  /** A bracket that stands first in brackets is one of the characters. */
  first: boolean;
  /** `[:alpha:]` in brackets is read as one thing. */
  classes: boolean;
}

const BOTH = [true, false];
const READINGS: readonly Reading[] = BOTH.flatMap((escapes) =>
  BOTH.flatMap((first) => BOTH.map((classes) => ({ escapes, first, classes }))),
);

/**
 * True when some program takes the end of this text for the inside of a bracket expression: a mark that stands behind it ends
 * the expression for one program, and is a character like any other for the next.
 */
export const mayBeOpen = (pattern: string): boolean => READINGS.some((reading) => isOpen(pattern, reading));

function isOpen(pattern: string, { escapes, first, classes }: Reading): boolean {
  let begin = -1;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\' && (begin < 0 || escapes)) at++;
    else if (begin < 0) {
      if (char === '[') begin = pattern[at + 1] === '^' ? at + 2 : at + 1;
    } else if (classes && char === '[' && /[:.=]/.test(pattern[at + 1] ?? '')) {
      const end = pattern.indexOf(`${pattern[at + 1]}]`, at + 2);
      if (end < 0) return true;
      at = end + 1;
    } else if (char === ']' && !(first && at === begin)) begin = -1;
  }
  return begin >= 0;
}
