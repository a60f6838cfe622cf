/**
 * Text → one typed move, or problems in words that a model can act on. Pure. At most one move a beat: two different decisions
 * in one message are refused, because taking either would be a guess.
 */
import { isObject, type Json, parseJson, stableJson } from '../lib/json.js';
import { checkDecision, type Decided } from '../model/move.js';

export type ReadMove =
  | { state: 'move'; decided: Decided }
  | { state: 'invalid'; code: 'no-decision' | 'bad-decision' | 'ambiguous-decision'; problems: string[] };

/** The text of `$TEND_DECISION_FILE`: JSON and nothing else, one surrounding code fence aside. */
export function readDecisionFile(text: string): ReadMove {
  const whole = wholeObject(text);
  if (whole) return checked(whole);
  const problem = text.trim() === '' ? 'it is empty' : jsonProblem(text);
  return bad('bad-decision', `the decision file must hold one JSON object: ${problem}`);
}

/** The final message: JSON as a whole, or in one code fence, or the one object with an `action` somewhere in the prose. */
export function readMessage(text: string): ReadMove {
  const whole = wholeObject(text);
  if (whole) return checked(whole);
  const found = topLevelObjects(text);
  if (found === undefined) return bad('no-decision', 'the message has too many braces to look for a JSON object in it');
  const decisions = found.map(unwrapped).filter((object) => 'action' in object);
  const last = decisions.at(-1);
  if (!last) {
    return text.trim() === ''
      ? bad('no-decision', 'the message is empty, expected one JSON object with an "action"')
      : bad('no-decision', `the message has no JSON object with an "action"${nearMiss(text)}`);
  }
  if (new Set(decisions.map((decision) => stableJson(decision))).size > 1) {
    const actions = decisions.map((decision) => JSON.stringify(decision['action'])).join(', ');
    return bad(
      'ambiguous-decision',
      `the message has ${decisions.length} different decisions (${actions}), expected one`,
    );
  }
  return checked(last);
}

type JsonObject = Record<string, Json>;

/** A model that was held to a schema answers `{"move": …}`, with null for what it leaves out (model/move-schema.ts). */
function unwrapped(object: JsonObject): JsonObject {
  const { move } = object;
  return 'action' in object || !isObject(move) ? object : (move as JsonObject);
}

function checked(object: JsonObject): ReadMove {
  const fields = Object.entries(unwrapped(object)).filter(([, value]) => value !== null);
  const result = checkDecision(Object.fromEntries(fields));
  return result.problems ? bad('bad-decision', ...result.problems) : { state: 'move', decided: result.value };
}

function wholeObject(text: string): JsonObject | undefined {
  const { value } = parseJson(withoutFence(text));
  return isObject(value) ? (value as JsonObject) : undefined;
}

/** Text inside one surrounding fence of backticks, with or without an info string; otherwise the trimmed text. */
function withoutFence(text: string): string {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  const match = /^(`{3,})[^\n`]*\n([\s\S]*)\n[ \t]*\1$/.exec(trimmed);
  return match ? match[2]!.trim() : trimmed;
}

/** A message that is one JSON value but no object, or JSON with a slip, deserves a better word than "none found". */
function nearMiss(text: string): string {
  const trimmed = withoutFence(text);
  return /^[[{"]/.test(trimmed) ? `: ${jsonProblem(trimmed)}` : '';
}

function jsonProblem(text: string): string {
  const parsed = parseJson(withoutFence(text));
  return parsed.problem ?? 'it is JSON, but no object';
}

/** Characters that the search may visit: hostile text of unbalanced braces would otherwise cost the square of its length. */
const SEARCH_CHARS_MAX = 32_000_000;

/** Every outermost `{…}` that parses as JSON, in order; undefined when the text cannot be searched within the limit. */
function topLevelObjects(text: string): JsonObject[] | undefined {
  const found: JsonObject[] = [];
  let left = SEARCH_CHARS_MAX;
  for (let start = text.indexOf('{'); start >= 0; ) {
    const end = closingBrace(text, start, left);
    left -= (end ?? text.length) - start;
    if (left <= 0) return undefined;
    const { value } = end === undefined ? {} : parseJson(text.slice(start, end + 1));
    if (isObject(value)) found.push(value as JsonObject);
    // What did not parse may hold an object further inside; what did is skipped whole, for only the outermost counts.
    start = text.indexOf('{', isObject(value) ? end! + 1 : start + 1);
  }
  return found;
}

/** Index of the brace that closes the one at `start`, strings skipped as JSON writes them. */
function closingBrace(text: string, start: number, charsMax: number): number | undefined {
  let depth = 0;
  let isInString = false;
  const limit = Math.min(text.length, start + charsMax);
  for (let index = start; index < limit; index++) {
    const char = text[index];
    if (isInString) {
      if (char === '\\') index += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return index;
  }
  return undefined;
}

const bad = (code: Extract<ReadMove, { state: 'invalid' }>['code'], ...problems: string[]): ReadMove => ({
  state: 'invalid',
  code,
  problems,
});
