/** One typed flag value → the value a verb gets. Pure; every refusal says what is wanted. */
import type { Flag, VerbInput } from '../../contract/verb.js';
import { parseDuration } from '../../lib/duration.js';
import { parseMilliseconds } from '../../lib/milliseconds.js';

export type FlagValue = VerbInput['flags'][string];

/** What a value must look like, in words, or undefined when it is fine. */
export function valueProblem(flag: Flag, text: string): string | undefined {
  if (flag.choices && flag.type !== 'strings' && !flag.choices.includes(text))
    return `one of ${flag.choices.join(', ')}`;
  if (flag.type === 'count' && !(/^\d+$/.test(text) && Number.isSafeInteger(Number(text))))
    return 'a whole number from 0 up';
  if (flag.type === 'duration' && parseDuration(text) === undefined) return 'a duration such as 90, 90s, 5m, 12h or 3d';
  if (flag.type === 'milliseconds' && parseMilliseconds(text) === undefined)
    return 'a duration above 0 such as 500ms, 90s, 1.5h or 3d';
  const stray =
    flag.choices && flag.type === 'strings' && splitList(text).find((part) => !flag.choices?.includes(part));
  return stray ? `a list of ${flag.choices?.join(', ')}` : undefined;
}

/** The value of texts that `valueProblem` passed: the last one, or for `strings` all of them, split at commas. */
export function readValue(flag: Flag, texts: readonly string[]): FlagValue {
  const last = texts.at(-1) ?? '';
  if (flag.type === 'strings') return texts.flatMap(splitList);
  if (flag.type === 'count') return Number(last);
  if (flag.type === 'duration') return parseDuration(last);
  if (flag.type === 'milliseconds') return parseMilliseconds(last);
  return last;
}

/** `a, b\,c` → `a` and `b,c`: parts are trimmed, empty ones dropped, `\,` is a comma inside a part. */
function splitList(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter((part) => part !== '');
}
