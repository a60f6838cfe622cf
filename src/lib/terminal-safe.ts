/** Text of strangers on a person's terminal: control characters become visible signs, so nothing can move the cursor or hide words. */

/** C0 without tab and newline, DEL, C1, and the marks that reorder what is read (bidirectional controls). */
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Keeps newlines and tabs. ESC becomes `␛`, other controls their picture or `<U+202E>`. */
export function terminalSafe(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(HARMFUL, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** The same with every line after the first indented, so that a text cannot forge a line of the list it stands in. */
export function indented(text: string, indent: string): string {
  return terminalSafe(text).replace(/\n/g, `\n${indent}`);
}
