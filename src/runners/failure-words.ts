/**
 * What the last words of a failed run say about why, for runs whose stream has no better answer: a plain command of the user, an
 * error that stands on stderr alone. Pure. A word that is not known says nothing; nothing here turns a failure into a success.
 */
import type { Reason } from './result.js';

export interface Words {
  reason?: Reason;
  /** False: the same call fails again until somebody changes something. True: the words say that it passes. Absent: not known. */
  passes?: boolean;
  /** Unix seconds before which a retry is useless. */
  retryAt?: number;
}

const AUTH =
  /\b401\b|\bunauthori[sz]ed\b|not logged in|log ?in (?:is )?required|please (?:run )?\/?log ?in|invalid (?:x-)?(?:api[ -_]?key|credentials?|token)|authentication[ _](?:failed|error)|(?:incorrect|missing|no|expired) (?:api[ _-]?key|credentials?)|missing environment variable/i;
const RATE =
  /\b(?:429|529)\b|rate[ _-]?limit|too many requests|overloaded|(?:usage|session|weekly|hourly|daily|monthly) limit|quota|high demand|limit reached/i;
const UNREACHABLE =
  /\bE(?:CONNREFUSED|CONNRESET|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT|PIPE)\b|connection (?:refused|reset|error|failed|timed out|closed)|cannot connect|could not (?:connect|resolve)|unable to connect|fetch failed|network (?:error|is unreachable)|waiting for network|getaddrinfo/i;
const SERVER =
  /(?:^|[\s:("'])5\d\d(?:[\s:)"',.]|$)(?!\s*(?:tokens|bytes|ms|lines))|internal server error|bad gateway|service unavailable|gateway time-?out|server[ _]error/i;
const BAD_CALL =
  /(?:unknown|unrecogni[sz]ed|unexpected|invalid) (?:option|flag|argument|switch)|unknown command|bad option|(?:model .{0,80}(?:not found|does not exist)|(?:unknown|invalid) model)/i;

/** The first that fits, the most telling first; `nowS` in unix seconds, for times that are told as a span. */
export function wordsOf(text: string, nowS: number): Words {
  if (AUTH.test(text)) return { reason: 'auth', passes: false };
  if (RATE.test(text)) {
    const retryAt = resetTime(text, nowS);
    return { reason: 'rate_limit', passes: true, ...(retryAt === undefined ? {} : { retryAt }) };
  }
  if (UNREACHABLE.test(text)) return { reason: 'unreachable', passes: true };
  if (BAD_CALL.test(text)) return { reason: 'error', passes: false };
  if (SERVER.test(text)) return { reason: 'error', passes: true };
  return {};
}

/** 2001 to 2096: a bare number in this range that stands where a time may stand is a time. */
const EPOCH = /\b([1-3]\d{9})(\d{3})?\b/;
const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** When the provider lets us again, if it says so: a date, seconds since 1970, or a span such as "try again in 1h 30m". */
function resetTime(text: string, nowS: number): number | undefined {
  const near = /(?:reset|again|retry|until|available|limit reached)[^\n]{0,160}/gi;
  for (const [part] of text.matchAll(near)) {
    const iso = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/.exec(part)?.[0];
    const at = iso === undefined ? Number.NaN : Date.parse(iso.replace(' ', 'T'));
    if (Number.isFinite(at)) return Math.ceil(at / 1_000);
    const epoch = EPOCH.exec(part)?.[1];
    if (epoch !== undefined) return Number(epoch);
    const span = spanOf(part);
    if (span !== undefined) return nowS + span;
  }
  return undefined;
}

/** Seconds of `in 1h 30m`, `in 20 minutes`, `retry-after: 30`. */
function spanOf(part: string): number | undefined {
  const after = /retry[ _-]?after["']?\s*[:=]?\s*["']?(\d{1,7})(?:\.\d+)?(?!\s*[a-z\d])/i.exec(part)?.[1];
  if (after !== undefined) return Number(after);
  const told =
    /\b(?:in|after)\s+((?:\d{1,6}(?:\.\d+)?\s*(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b[\s,and]*)+)/i.exec(
      part,
    )?.[1];
  if (told === undefined) return undefined;
  let seconds = 0;
  for (const [, n, unit] of told.matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/gi))
    seconds += Number(n) * UNIT_S[unit!.toLowerCase()]!;
  return Math.ceil(seconds);
}
