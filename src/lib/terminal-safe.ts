/** Text of strangers on a person's terminal: what moves the cursor, reorders or hides words becomes a visible sign. */

/**
 * C0 without tab and newline, DEL, C1, bidirectional controls, separators of lines that are no newline, and what takes no room
 * (soft hyphen, zero-width space, tags). The joiners and variation selectors that real writing and emoji need are left.
 */
const HARMFUL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** Separators, controls, formats and unassigned code points by Unicode's own classes, and the marks and fillers that draw nothing. */
const UNSEEN = /[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** True for a character that looks like nothing or like an ASCII space and is neither tab, newline nor space. */
export const isUnseen = (char: string): boolean => exactly(char) !== char;

/** Keeps newlines and tabs. ESC becomes `␛`, other controls their picture or `<U+202E>`. */
export function terminalSafe(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(HARMFUL, (char) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return named(code);
  });
}

/**
 * A command as it will run, for the person who says yes to it: every character that cannot be seen, or looks like a space and is
 * none, is named. Keeps newlines, tabs and spaces.
 */
export function exactly(text: string): string {
  return text.replace(UNSEEN, (char) => (/[ \t\n]/.test(char) ? char : named(char.codePointAt(0)!)));
}

/** The same as `terminalSafe` with every line after the first indented, so that a text cannot forge a line of the list it stands in. */
export function indented(text: string, indent: string): string {
  return terminalSafe(text).replace(/\n/g, `\n${indent}`);
}

const named = (code: number): string => `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
