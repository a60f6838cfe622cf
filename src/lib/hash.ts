/** Digests and nonces. The crypto module costs a short verb more than its work, so it is loaded by the first hash and not by an import. */
const crypto = () => process.getBuiltinModule('node:crypto');

/** First 128 bits of SHA-256 over UTF-8 text, as 32 lower-case hex digits. */
export function hash32(text: string): string {
  return digest(text).slice(0, 32);
}

/** Full SHA-256 as 64 hex digits: what a yes is bound to. */
export function digest(text: string): string {
  return crypto().hash('sha256', text, 'hex');
}

/** HMAC-SHA-256 of UTF-8 text as 64 hex digits: what only the holder of `key` could have written. */
export function keyedDigest(key: string, text: string): string {
  return crypto().createHmac('sha256', key).update(text, 'utf8').digest('hex');
}

/** `bytes` random bytes as hex: nonces, marks, fences, and the key of seals. */
export function nonce(bytes = 16): string {
  return crypto().randomBytes(bytes).toString('hex');
}

/** A version 4 UUID that is always the same for the same text. */
export function uuidOf(text: string): string {
  const hex = hash32(text);
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

/** A name and its text. */
export type Part = readonly [name: string, text: string];

/**
 * Hash of named parts. Each part is framed by the byte lengths of its name and its text, so no content can imitate
 * a border between parts and two different lists never give the same input.
 */
export const framedHash = (parts: Iterable<Part>): string => framedHasher(parts).end();

/** Characters that are handed over in one call: thousands of short parts would cost a call each. */
const BATCH_CHARS = 65_536;

/** `framedHash` for parts that come one by one and need not be kept. */
export function framedHasher(first: Iterable<Part> = []): { add(part: Part): void; end(): string } {
  const hash = crypto().createHash('sha256');
  let batch = '';
  const add = ([name, text]: Part): void => {
    const head = `${Buffer.byteLength(name)}:${Buffer.byteLength(text)}:${name}`;
    // Half a character at the end of a name must not join with the first half character of the text.
    if (batch.length + text.length < BATCH_CHARS && !HALF_AT_END.test(name)) {
      batch += head + text;
      return;
    }
    hash.update(batch).update(head).update(text);
    batch = '';
  };
  for (const part of first) add(part);
  return { add, end: () => hash.update(batch).digest('hex').slice(0, 32) };
}

const HALF_AT_END = /[\ud800-\udbff]$/;
