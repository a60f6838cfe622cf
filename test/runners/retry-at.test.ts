import { expect, test } from 'vitest';
import { retryAfter, retryAtIn } from '../../src/runners/retry-at.js';

/** 2026-11-21 15:00:00 UTC, a Saturday; 10:00 in New York. */
const NOW_S = Date.UTC(2026, 10, 21, 15) / 1000;
const at = (...utc: [month: number, day: number, hour: number, minute?: number]): number =>
  Date.UTC(2026, utc[0] - 1, ...(utc.slice(1) as [number])) / 1000;

test.each<[string, number | undefined]>([
  [`Claude AI usage limit reached|${NOW_S + 3600}`, NOW_S + 3600],
  [`Claude AI usage limit reached|${NOW_S + 3600}000`, NOW_S + 3600],
  [`Claude AI usage limit reached|${NOW_S - 3600}`, undefined],
  ["You've hit your limit · resets 3pm (America/New_York)", at(11, 21, 20)],
  ["You've hit your limit · resets 9am (America/New_York)", at(11, 22, 14)],
  ['5-hour limit reached ∙ resets 4:30pm (UTC)', at(11, 21, 16, 30)],
  ['limit reached, resets at 3:45 PM (Asia/Kolkata)', at(11, 22, 10, 15)],
  ['limit reached · resets Nov 25, 3pm (UTC)', at(11, 25, 15)],
  ['Weekly limit reached ∙ resets Nov 25 at 12am (UTC)', at(11, 25, 0)],
  ["You've hit your usage limit. Try again at Dec 1st, 2026 3:15 PM (UTC).", at(12, 1, 15, 15)],
  ["You've hit your usage limit. Try again in 3 days 1 hour 9 minutes.", NOW_S + 3 * 86_400 + 3_600 + 540],
  ['Rate limit reached. Please try again in 1.2s. Visit the site', NOW_S + 2],
  ['Please try again in 6m0s.', NOW_S + 360],
  ['please try again in 350ms', NOW_S + 1],
  ['429: retry after 20 seconds', NOW_S + 20],
  ['too many requests, retry-after: 30', NOW_S + 30],
  ['{"error":{"type":"usage_limit_reached","resets_in_seconds":1800}}', NOW_S + 1800],
  [`{"error":{"type":"usage_limit_reached","resets_at":${NOW_S + 60}}}`, NOW_S + 60],
  ['{\\"retry_after\\":\\"15\\"}', NOW_S + 15],
  [`resets at ${NOW_S + 60}`, NOW_S + 60],
  [`{"metadata":{"headers":{"X-RateLimit-Reset":"${NOW_S + 60}000"}}}`, NOW_S + 60],
  ['Your quota will reset after 2h3m4s.', NOW_S + 7384],
  ['limit resets in about 3 hours', NOW_S + 3 * 3600],
  ['please wait an hour', NOW_S + 3600],
  ['Weekly limit. Try again in 1 week.', NOW_S + 7 * 86_400],
  ['{"error":{"details":[{"retryDelay":"34.2s"}]}}', NOW_S + 35],
  ['{"retryDelay": "2m"}', NOW_S + 120],
  ['retry-after-ms: 1500', NOW_S + 2],
  ['{"retry_after_ms":1500}', NOW_S + 2],
  ['Retry-After: Sat, 21 Nov 2026 15:01:00 GMT', NOW_S + 60],
  ['{"resets_at":"2026-11-21T18:30:00Z"}', at(11, 21, 18, 30)],
  ['your limit resets at 2026-11-21 18:30:00.123 UTC', at(11, 21, 18, 30)],
  ['try again after 2026-11-21T18:30:00+02:00', at(11, 21, 16, 30)],
  ['(resets 18:08 UTC on 25 Nov)', at(11, 25, 18, 8)],
  ['available again on 25 November 2026 at 15:00 UTC', at(11, 25, 15)],
  ['available again tomorrow at 9am PST', at(11, 22, 17)],
  ['resets Monday 9:00 AM (UTC)', at(11, 23, 9)],
  ['resets Saturday at 2pm UTC', at(11, 28, 14)],
  ['will reset at 10:00 PM UTC+2', at(11, 21, 20)],
  ['resets 4pm ET', at(11, 21, 21)],
  ['429 Too Many Requests', undefined],
  ['try again in a moment', undefined],
  ['try again later', undefined],
  ['resets 5', undefined],
  ['resets Foo 25, 3pm', undefined],
  ['try again in 4000 days', undefined],
  ['', undefined],
])('%j', (words, expected) => {
  expect(retryAtIn(words, NOW_S)).toBe(expected);
});

test('a clock time without a zone is one of this machine', () => {
  const found = new Date(retryAtIn('resets 3am', NOW_S)! * 1000);
  expect([found.getHours(), found.getMinutes()]).toEqual([3, 0]);
});

test.each<[unknown, number | undefined]>([
  ['1', NOW_S + 1],
  [2.2, NOW_S + 3],
  ['Sat, 21 Nov 2026 15:01:00 GMT', NOW_S + 60],
  ['soon', undefined],
  [undefined, undefined],
  [-5, undefined],
])('a retry-after header of %j', (value, expected) => {
  expect(retryAfter(value, NOW_S)).toBe(expected);
});
