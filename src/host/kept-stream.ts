/**
 * The end of a stream of any length, in memory that does not grow with it: a ring of bytes, and the exact count of those that
 * it has lost. Work is linear in what comes, however small the pieces are.
 */

export interface Kept {
  /** All bytes that came. */
  bytes: number;
  /** Bytes that came before `text`. 0: the text is everything. */
  dropped: number;
  /** The last bytes as UTF-8, from the beginning of a character on; bytes that are none are U+FFFD. */
  text: string;
  /** The first bytes, when some were dropped; a character that is cut at its end is left out. */
  head?: string;
}

/** First room of a ring; it doubles up to its limit. Most commands print less than a page. */
const ROOM_BYTES = 4_096;
/** A character of UTF-8 has at most this many bytes behind its first. */
const FOLLOWING_MAX = 3;

const isFollowing = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Keeps the last `tailMax` bytes of what `add` is given, and the first `headMax`. */
export function keptStream(tailMax: number, headMax: number): { add(chunk: Buffer): void; kept(): Kept } {
  let ring = Buffer.alloc(0);
  let head = Buffer.alloc(0);
  /** Where the next byte goes; the oldest one lies there once the ring is full. */
  let next = 0;
  let bytes = 0;

  const grow = (wanted: number): void => {
    if (ring.length === tailMax || wanted <= ring.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(tailMax, Math.max(ROOM_BYTES, 2 * wanted)));
    ring.copy(larger, 0, 0, bytes);
    ring = larger;
    next = bytes;
  };

  const add = (chunk: Buffer): void => {
    if (bytes < headMax) head = Buffer.concat([head, chunk.subarray(0, headMax - bytes)]);
    grow(bytes + chunk.length);
    const last = chunk.length > ring.length ? chunk.subarray(chunk.length - ring.length) : chunk;
    const first = last.copy(ring, next);
    last.copy(ring, 0, first);
    next = ring.length === 0 ? 0 : (next + last.length) % ring.length;
    bytes += chunk.length;
  };

  const kept = (): Kept => {
    if (bytes <= ring.length) return { bytes, dropped: 0, text: ring.toString('utf8', 0, bytes) };
    const tail = Buffer.concat([ring.subarray(next), ring.subarray(0, next)]);
    let from = 0;
    while (from < FOLLOWING_MAX && isFollowing(tail[from])) from += 1;
    return { bytes, dropped: bytes - tail.length + from, text: tail.toString('utf8', from), head: wholeStart(head) };
  };
  return { add, kept };
}

/** Without the character at its end that is not whole. */
function wholeStart(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < FOLLOWING_MAX && isFollowing(bytes[end - 1])) end -= 1;
  const first = bytes[end - 1] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  const isCut = end - 1 + length > bytes.length;
  return bytes.toString('utf8', 0, isCut ? end - 1 : bytes.length);
}
