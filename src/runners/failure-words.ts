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
const INTERRUPTED: Meaning = { reason: 'interrupted', retryable: true };

/** Of an HTTP status; undefined for what is no failure. */
export function statusMeaning(status: number | undefined): Meaning | undefined {
  if (status === undefined || !(status >= 400 && status <= 599)) return undefined;
  if (status === 429 || status === 529 || status === 503) return RATE_LIMIT;
  if (status === 401 || status === 403) return AUTH;
  if (status === 408 || status === 409 || status >= 500) return ERROR;
  return REFUSED;
}

const any = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'), 'i');

/** What the request or the answer holds. A refused connection is none of these. */
const CONTENT = any(
  /content[-_ ](?:filter|policy|management)/,
  /usage polic(?:y|ies)/,
  /safety (?:system|settings|reasons)/,
  /flagged (?:by|as|for) |input (?:was )?flagged/,
  /(?:model|assistant|claude) (?:has )?refused|"refusal"/,
);
const CUT = any(
  /output token (?:maximum|limit)|incomplete response|max_output_tokens/,
  /(?:finish|stop)[_ ]?reason["':=\s]+(?:length|max_tokens)/,
  /reached (?:the |its )?(?:max|maximum)(?: number of)? (?:output )?tokens|max(?:imum)?[_ ](?:output[_ ])?tokens reached/,
);
const TOO_LONG = any(
  /context[-_ ](?:length|window|size|limit)/,
  /maximum context/,
  /(?:prompt|input|request|message|conversation|context|payload) (?:is )?too (?:long|large)/,
  /request[_ ](?:entity[_ ])?too[_ ]large/,
  /too many (?:input|prompt) tokens/,
);
const LOGIN = any(
  /not logged in|please (?:log ?out and )?(?:run \/login|log ?in|sign ?in)|log ?in (?:is )?required/,
  /unauthori[sz]ed|unauthenticated|not authenticated|forbidden|permission_error/,
  /authentication[_ ](?:failed|error|required)|failed to authenticate|oauth/,
  /(?:invalid|incorrect|missing|no|expired|revoked) (?:\S+ )?(?:x-)?(?:api|access|auth|bearer)[- ]?(?:key|token)/,
  /api[- ]?key (?:is |was )?(?:missing|invalid|not (?:set|found|valid)|required|expired|disabled)|missing environment variable/,
  /token (?:has |was |is )?(?:been )?(?:expired|revoked|invalidated)|sign(?:ing)? in again|must be logged in/,
  /(?:no|could not (?:load|find|resolve)) (?:valid |the |any |default |auth )*credentials|credentials (?:have |are |were )?(?:expired|invalid|missing)/,
  /(?:organization|account) (?:has been |is |was )?(?:disabled|suspended|deactivated)/,
);
const LIMIT = any(
  /rate[-_ ]?limit|too[-_ ]many[-_ ]requests|throttl(?:ed|ing)/,
  /overloaded|high demand|(?:at|over) capacity/,
  /usage[-_ ]limit|out of (?:\S+ )?usage|limit[-_ ]reached|(?:hit|reached|exceeded) your (?:\S+ ){0,3}limit/,
  /(?:concurrency|hourly|daily|weekly|monthly)(?: \S+){0,2} limit|request rate (?:increased|exceeded)/,
  /insufficient_quota|quota (?:\S+ ){0,2}(?:exceeded|exhausted|reached|used up)|(?:exceeded|exhausted) (?:your |the )?(?:\S+ )?quota/,
  /resource[_ ](?:has been |was )?exhausted/,
);
/** Money that the provider wants of the human: no waiting helps. */
const MONEY = any(
  /payment[_ ]required|balance is too low|insufficient[_ ](?:credits?|balance|funds)/,
  /(?:out of|not enough|more) credits|billing_error|account is not active/,
);
const NETWORK = any(
  /(?:cannot|unable to|could not|failed to) connect|connect(?:ion)? (?:refused|failed|error|timed ?out|timeout)/,
  /unable to reach|name or service not known|ERR_INTERNET_DISCONNECTED|waiting for network|network is (?:unreachable|down)|no route to host|host not found|error sending request for url/,
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT|ConnectionRefused)\b/,
  /getaddrinfo|fetch failed|could not resolve|name resolution|dns error/,
  /(?:self[- ]signed|unable to verify the \S+|expired|untrusted) certificate|certificate has expired|tls handshake/,
);
const CALL = any(
  /unknown (?:option|argument|command|flag|model|provider)|unexpected argument|unrecognized (?:option|argument|subcommand)/,
  /invalid (?:value|option|choice|argument)|invalid_request_error|not_found_error|unsupported (?:model|value|parameter)/,
  /model[_ ]not[_ ](?:found|supported)|no such model|no models? (?:available|found|selected)/,
  /model.{0,80}(?:(?:does|may) not exist|not found|is not supported|is deprecated|has been retired|is not available)/,
  /no conversation found|session not found|already in use|not inside a trusted directory/,
  /input must be provided|no prompt provided|must provide a (?:message|prompt)|cannot be used with root/,
);
const ABORTED = any(
  /(?:request|operation|turn|run|message) (?:was |has been )?(?:aborted|cancell?ed|interrupted)/,
  /^interrupted\b|interrupted by (?:the )?user|\(ctrl-c\)|AbortError/,
);

/** In order: a row above is the more telling one when several match. "Incomplete response" is also said of filtered ones. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [CONTENT, REFUSED],
  [CUT, TRUNCATED],
  [TOO_LONG, REFUSED],
  [LOGIN, AUTH],
  [LIMIT, RATE_LIMIT],
  [MONEY, REFUSED],
  [NETWORK, UNREACHABLE],
  [CALL, REFUSED],
  [ABORTED, INTERRUPTED],
];

/** A status as CLIs write one into their words: "429: …", "API Error: 529 …", "status 401", "(429)", "HTTP 503", `"statusCode":402`. */
const STATUS_IN_WORDS =
  /(?:^|(?:status(?:[ _]?code)?|error|http(?:\/[\d.]+)?|code|rejected|failed|returned)["':=\s(]*)\(?([45]\d\d)\b(?![.\d])/i;

/** What `words` say, with the HTTP `status` where the CLI gives one apart. Undefined when neither says anything known. */
export function meaningOf(words: string, status?: number): Meaning | undefined {
  const said = WORDS.find(([pattern]) => pattern.test(words))?.[1];
  const given = statusMeaning(status);
  if (given) return given === RATE_LIMIT ? given : within(given, said, status);
  const inWords = Number(STATUS_IN_WORDS.exec(words)?.[1]);
  const read = statusMeaning(inWords);
  if (read === RATE_LIMIT) return read;
  // A server's own status, and a refusal, name no cause where the words do.
  return read === AUTH ? within(read, said, inWords) : (said ?? read);
}

/**
 * What words may say beside a status: a 5xx that is an overload, a 400 that is an answer cut at its limit or a quota, a 403 that is
 * a quota or a request that is refused for what it holds.
 */
function within(meaning: Meaning, said: Meaning | undefined, status: number | undefined): Meaning {
  if (meaning === AUTH) return status === 403 && (said === RATE_LIMIT || said === REFUSED) ? said : meaning;
  return said === TRUNCATED || said === RATE_LIMIT ? said : meaning;
}

export const UNKNOWN_ERROR: Meaning = ERROR;
