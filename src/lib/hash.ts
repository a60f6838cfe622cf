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

/**
 * Hash of named parts. Each part is framed by the byte lengths of its name and its text, so no content can imitate
 * a border between parts and two different lists never give the same input.
 */
export function framedHash(parts: Iterable<readonly [name: string, text: string]>): string {
  const hash = crypto().createHash('sha256');
  for (const [name, text] of parts) {
    hash.update(`${Buffer.byteLength(name)}:${Buffer.byteLength(text)}:`);
    hash.update(name);
    hash.update(text);
  }
  return hash.digest('hex').slice(0, 32);
}
