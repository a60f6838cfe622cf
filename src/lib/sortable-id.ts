/** Ids that sort by the time in them: 48 bits of milliseconds and 80 random bits, in 26 characters of Crockford's base32, lower case. */
import { nonce } from './hash.js';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;
const CHANCE_DIGITS = 16;

/** `atMs`: milliseconds since 1970. */
export function sortableId(atMs: number): string {
  return base32(BigInt(Math.max(0, Math.trunc(atMs))), TIME_DIGITS) + base32(BigInt(`0x${nonce(10)}`), CHANCE_DIGITS);
}

/** Whether a word has the form of such an id. */
export const isSortableId = (word: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(word);

/** Milliseconds since 1970 that an id carries. */
export const timeOfId = (id: string): number =>
  [...id.slice(0, TIME_DIGITS)].reduce((time, digit) => time * DIGITS.length + DIGITS.indexOf(digit), 0);

/** The least significant digits of `value`. */
function base32(value: bigint, digits: number): string {
  let text = '';
  for (let rest = value; text.length < digits; rest /= 32n) text = DIGITS[Number(rest % 32n)] + text;
  return text;
}
