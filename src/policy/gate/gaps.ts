/**
 * What stands between the parts of a parse tree. The parser is tolerant, so a command may only pass when every character of it
 * is accounted for: it belongs to a word that was read, or it is exactly the operator that the tree says. Pure.
 */

/**
 * The text between two places without blanks, line continuations and comments; what is left are operators, keywords and line
 * ends. A `#` begins a comment only behind a blank, a line end or an operator.
 */
export function gap(text: string, from: number, to: number): string {
  let left = '';
  for (let at = from; at < to; at++) {
    const char = text[at]!;
    if (char === ' ' || char === '\t') continue;
    if (char === '\\' && text[at + 1] === '\n') {
      at++;
      continue;
    }
    if (char === '#' && (at === 0 || /[\s;&|()]/.test(text[at - 1]!))) {
      while (at + 1 < to && text[at + 1] !== '\n') at++;
      continue;
    }
    left += char;
  }
  return left;
}

/** Control characters but tab and newline, and whatever looks like nothing or like an ASCII space on a screen. */
export const hasUnseen = (text: string): boolean =>
  [...text].some((char) => !/[\t\n ]/.test(char) && UNSEEN.test(char));

/** Separators, controls, formats and unassigned code points by Unicode's own classes, and the marks and fillers that draw nothing. */
const UNSEEN = /^[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]$/u;
