/** Cutting text to a limit so that the cut can be seen. */

/** At most `max` characters; a cut ends in `…` and counts it. Never splits a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${whole(text.slice(0, Math.max(0, max - 1)))}…`;
}

/** First line only, white space collapsed, clipped. */
export function oneLine(text: string, max: number): string {
  return clip(text.replace(/\s+/g, ' ').trim(), max);
}

/** At most `max` characters of `text`, then a line that says how many are missing and where they can be read. */
export function clipWithNotice(text: string, max: number, where: string): string {
  if (text.length <= max) return text;
  const kept = whole(text.slice(0, max));
  return `${kept}\n[… clipped: ${text.length - kept.length} more characters, read ${where}]`;
}

/** The last `max` bytes of UTF-8 text, starting at a character. */
export function tailBytes(bytes: Buffer, max: number): string {
  if (bytes.length <= max) return bytes.toString('utf8');
  let start = bytes.length - max;
  while (start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}

/** Newlines and control characters out, so one value stays one line and cannot move a terminal's cursor. */
export function flat(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim();
}

function whole(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
