/**
 * What the words and the status of a failure mean. CLIs give prose, each its own; the patterns are what real ones printed and
 * what their providers document. A status counts more than words, and a named cause more than a general one.
 */
import type { Reason } from './result.js';

export interface Meaning {
  reason: Reason;
  retryable: boolean;
}

const RATE_LIMIT: Meaning = { reason: 'rate_limit', retryable: true };
const AUTH: Meaning = { reason: 'auth', retryable: false };
const UNREACHABLE: Meaning = { reason: 'unreachable', retryable: true };
const TRUNCATED: Meaning = { reason: 'truncated', retryable: false };
/** The request itself is refused: it will be refused again. */
const REFUSED: Meaning = { reason: 'error', retryable: false };
const ERROR: Meaning = { reason: 'error', retryable: true };

/** Of an HTTP status; undefined for what is no failure. */
export function statusMeaning(status: number | undefined): Meaning | undefined {
  if (status === undefined || !(status >= 400 && status <= 599)) return undefined;
  if (status === 429 || status === 529 || status === 503) return RATE_LIMIT;
  if (status === 401 || status === 403) return AUTH;
  if (status === 408 || status === 409 || status >= 500) return ERROR;
  return REFUSED;
}

/** In order: a row above is the more telling one when several match. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/output token (?:maximum|limit)|incomplete response|max_output_tokens/i, TRUNCATED],
  [
    /not logged in|please run \/login|unauthori[sz]ed|authentication[_ ](?:failed|error)|failed to authenticate|(?:invalid|incorrect|missing|no) (?:\S+ )?(?:api|access|auth)[- ]?(?:key|token)|missing environment variable|api key (?:is )?(?:missing|not (?:set|found))|token (?:has )?expired|oauth/i,
    AUTH,
  ],
  [
    /rate[-_ ]?limit|too many requests|overloaded|high demand|usage limit|limit reached|(?:hit|reached|exceeded) your (?:\S+ ){0,3}limit|insufficient_quota|quota (?:exceeded|reached)|exceeded (?:your )?(?:current )?quota|resource[_ ]exhausted|at capacity/i,
    RATE_LIMIT,
  ],
  [
    /cannot connect|unable to connect|could not connect|failed to connect|connection (?:refused|failed|error)|waiting for network|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ETIMEDOUT|getaddrinfo|fetch failed|could not resolve|name resolution/i,
    UNREACHABLE,
  ],
  [
    /unknown (?:option|argument|command|flag)|unexpected argument|unrecognized (?:option|argument)|invalid (?:value|option|choice)|unknown model|model not found|invalid_request_error|no conversation found|session not found|already in use|not inside a trusted directory|input must be provided|no prompt provided/i,
    REFUSED,
  ],
];

/** A status as CLIs write one into their words: "429: …", "API Error: 529 …", "status 401", "(429)", "HTTP 503". */
const STATUS_IN_WORDS =
  /(?:^|\b(?:status(?: code)?|error|http(?:\/[\d.]+)?|code|rejected|failed)[:\s(]*)\(?([45]\d\d)\b(?![.\d])/i;

/** What `words` say, with the HTTP `status` where the CLI gives one apart. Undefined when neither says anything known. */
export function meaningOf(words: string, status?: number): Meaning | undefined {
  const apart = statusMeaning(status);
  if (apart && apart !== REFUSED && apart !== ERROR) return apart;
  const said = WORDS.find(([pattern]) => pattern.test(words))?.[1];
  const inWords = statusMeaning(Number(STATUS_IN_WORDS.exec(words)?.[1]));
  if (apart) return said === TRUNCATED || said === RATE_LIMIT ? said : apart;
  return inWords && inWords !== ERROR && inWords !== REFUSED ? inWords : (said ?? inWords);
}

export const UNKNOWN_ERROR: Meaning = ERROR;
