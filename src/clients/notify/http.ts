/** One HTTP request and what it came to. Messages name the host's answer and never the URL or a header: both may be secrets. */
import { oneLine } from '../../lib/clip.js';
import type { Trouble } from './channel.js';

/** A server that takes longer is not there. */
const TIMEOUT_MS = 10_000;
/** Longest pause that a server may ask for. */
const RETRY_AFTER_MAX_S = 3_600;
/** Of an answer that is quoted. */
const QUOTED_CHARS = 120;

export interface Request {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
  /** Milliseconds since 1970, for a `Retry-After` that is a date. */
  now(): number;
}

export interface Reply {
  state: 'reply';
  status: number;
  text: string;
}

/** Connections that failed before anything was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** POST. 429 and 5xx are `busy`; every other status is the caller's to judge. Redirects are not followed: the next host is a stranger. */
export async function post(request: Request): Promise<Reply | (Trouble & { state: 'busy' })> {
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: { ...request.headers },
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    const { status } = response;
    if (status !== 429 && status < 500) return { state: 'reply', status, text };
    const afterMs = retryAfterMs(response.headers.get('retry-after'), request.now());
    const said = oneLine(text, QUOTED_CHARS);
    return {
      state: 'busy',
      why: `${status === 429 ? 'rate limit' : 'the server failed'} (${status}${said ? `: ${said}` : ''})`,
      ...(afterMs === undefined ? {} : { afterMs }),
      // A gateway that lost its server does not know what that one did.
      ...(status === 502 || status === 504 ? { unsure: true } : {}),
    };
  } catch (error) {
    const code = codeOf(error);
    return { state: 'busy', why: `no connection (${code})`, unsure: !NOT_SENT.has(code) };
  }
}

/** Seconds or a date → milliseconds from now, bounded; anything else is undefined. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), RETRY_AFTER_MAX_S) * 1000 : undefined;
}

/** The system's own word for what happened; its message could quote the address. */
function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return at.name;
    const first = (at as AggregateError).errors?.[0] as NodeJS.ErrnoException | undefined;
    if (typeof first?.code === 'string') return first.code;
  }
  return 'unknown';
}
