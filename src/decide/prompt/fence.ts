/**
 * Text of others inside our prompt. A body stands between two fence lines made from its own hash: the same body always gives
 * the same bytes (a provider's prompt cache keeps them), another body's fence never matches, and no line of a body can pass for
 * a header or a fence, because such lines get a leading backslash.
 */
import { clip, flat } from '../../lib/clip.js';
import { hash32 } from '../../lib/hash.js';

/** Hex digits of the hash in a fence: 48 bits, and a forged fence would still be escaped. */
const FENCE_DIGITS = 12;
/** Names of files and items; ours are at most 64 characters, foreign ones are clipped. */
const NAME_CHARS = 120;

/** `body` between its fence lines, cut to `maxChars` with a line behind it that says what is missing and where it can be read. */
export function fenced(body: string, maxChars: number, where: string): string {
  const kept = body.length > maxChars ? whole(body.slice(0, maxChars)) : body;
  const safe = escapeLines(kept);
  const fence = hash32(body).slice(0, FENCE_DIGITS);
  const cut = body.length - kept.length;
  const notice = cut > 0 ? `\n[clipped: ${cut} more characters, read ${where}]` : '';
  return `<<<${fence}\n${safe}${safe === '' || safe.endsWith('\n') ? '' : '\n'}>>>${fence}${notice}`;
}

/**
 * One newline per line, no other control characters, and a backslash before every line that begins like a header or a fence
 * (also behind invisible characters). A line that has the backslash already gets one more, so it can be taken back exactly.
 */
export function escapeLines(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(HEADER, '$1\\$2');
}

/** What draws nothing may stand before a mark and inside it; signs that look like `=` count as it. */
const HEADER = new RegExp(
  String.raw`^((?:[^\S\n]|\p{Default_Ignorable_Code_Point})*?)(\\*(?:${['[=\uff1d\ufe66\u2550\ua78a]', '-', '<', '>']
    .map((sign) => [sign, sign, sign].join(String.raw`\p{Default_Ignorable_Code_Point}*`))
    .join('|')}))`,
  'gmu',
);

/** A name or another short value as part of one of our own lines: one line, clipped, unable to begin a header. */
export function inline(text: string, maxChars = NAME_CHARS): string {
  return escapeLines(clip(flat(text.replace(/[\u0085\u2028\u2029]/g, ' ')), maxChars));
}

const whole = (text: string): string => (/[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text);
