import { createHash, createHmac, randomBytes } from 'node:crypto';

/** First 128 bits of SHA-256 over UTF-8 text, as 32 lower-case hex digits. */
export function hash32(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}

/** Full SHA-256 as 64 hex digits: what a yes is bound to. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** HMAC-SHA-256 of UTF-8 text as 64 hex digits: what only the holder of `key` could have written. */
export function keyedDigest(key: string, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}

/** `bytes` random bytes as hex: nonces, marks, fences, and the key of seals. */
export function nonce(bytes = 16): string {
  return randomBytes(bytes).toString('hex');
}

/**
 * Hash of named parts. Each part is framed by the byte lengths of its name and its text, so no content can imitate
 * a border between parts and two different lists never give the same input.
 */
export function framedHash(parts: Iterable<readonly [name: string, text: string]>): string {
  const hash = createHash('sha256');
  for (const [name, text] of parts) {
    hash.update(`${Buffer.byteLength(name)}:${Buffer.byteLength(text)}:`);
    hash.update(name);
    hash.update(text);
  }
  return hash.digest('hex').slice(0, 32);
}
