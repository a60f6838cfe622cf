/**
 * Asks and answers of a looop data dir. A pending ask becomes a pending ask. An answered pair goes to the archive as acted on: the old
 * program handed an answer over within a second and kept the files for ever, so to deliver all of them again would be wrong.
 */
import { renderFrontMatter } from '../../lib/front-matter.js';
import { isObject, parseJson } from '../../lib/json.js';
import { LIMITS } from '../../model/limits.js';
import { FORMAT } from '../../model/record.js';
import { archivedAnswerKey, archivedAskKey, askIdProblem, askKey, consumedKey } from '../../store/asks.js';
import { jsonRecord } from '../../store/codec.js';
import type { ForeignDir } from '../../store/foreign-dir.js';
import { emptyPlan, filesOf, type ImportPlan, textOf } from './plan.js';

/** Version of the old program's records that we know; absent reads as this one. */
const VERSION = 1;
/** Names under which tend itself asks: an ask of such a name must carry its seal. */
const OURS = /^(?:gate|budget|loops|workflow|pulse)-\d+$/;
export const IMPORTED = 'import';

interface OldAsk {
  prompt: string;
  reference?: string;
  options?: string[];
  ts: number;
}
interface OldAnswer {
  answer: string;
  ts: number;
}
/** A record, or why it is none. */
type Parsed<T> = { value: T; problem?: never } | { value?: never; problem: string };

export function planMailbox(source: ForeignDir): ImportPlan {
  const plan = emptyPlan();
  const answers = new Map(filesOf(source, 'answers', '.json', plan).map(({ stem, from }) => [stem, from]));
  const asked = new Set<string>();
  for (const { stem, from } of filesOf(source, 'asks', '.json', plan)) {
    asked.add(stem);
    planPair(source, { id: stem, from, answer: answers.get(stem) }, plan);
  }
  for (const [id, from] of answers)
    if (!asked.has(id)) plan.left.push({ from, reason: `there is no ask "${id}" that it answers` });
  return plan;
}

function planPair(
  source: ForeignDir,
  at: { id: string; from: string; answer: string | undefined },
  plan: ImportPlan,
): void {
  const { id, from } = at;
  const bad = askIdProblem(id) ?? (OURS.test(id) ? 'tend asks under this name itself, under a seal' : undefined);
  if (bad) return void plan.left.push({ from, reason: `it cannot be taken over: ${bad}` });
  const read = textOf(source, from, plan);
  if (!read) return;
  const ask = parseAsk(read.text);
  if (ask.problem !== undefined) return void plan.left.push({ from, reason: ask.problem });
  const answer = at.answer === undefined ? undefined : readAnswer(source, at.answer, plan);
  const text = askText(id, ask.value);
  if (!answer) return void plan.items.push({ key: askKey(id), kind: 'record', content: text, mode: 0o600, from });
  plan.items.push(
    { key: archivedAskKey(id), kind: 'record', content: text, mode: 0o600, from },
    { key: archivedAnswerKey(id), kind: 'record', content: answerText(id, answer), mode: 0o600, from: at.answer! },
    {
      key: consumedKey(id),
      kind: 'record',
      content: jsonRecord({ by: IMPORTED, ts: answer.ts }),
      mode: 0o600,
      from: at.answer!,
    },
  );
}

/** One that cannot be read leaves its ask pending, as the old program does. */
function readAnswer(source: ForeignDir, from: string, plan: ImportPlan): OldAnswer | undefined {
  const read = textOf(source, from, plan);
  if (!read) return undefined;
  const answer = parseAnswer(read.text);
  if (answer.problem === undefined) return answer.value;
  return void plan.left.push({ from, reason: `${answer.problem}; its ask is taken over as pending` });
}

function recordOf(text: string): Parsed<Record<string, unknown>> {
  const parsed = parseJson(text);
  if (parsed.problem !== undefined) return { problem: `it is no JSON: ${parsed.problem}` };
  if (!isObject(parsed.value)) return { problem: 'it is no JSON object' };
  const version = parsed.value['v'] ?? VERSION;
  if (version !== VERSION) return { problem: `a newer looop wrote it (version ${JSON.stringify(version)})` };
  return { value: parsed.value };
}

/** Seconds since 1970 that a date can hold. */
const isTs = (ts: unknown): ts is number =>
  typeof ts === 'number' && Number.isFinite(ts) && ts >= 0 && ts < 253_402_300_800;

/** Pure. The name of the file is the id, whatever the record says. */
export function parseAsk(text: string): Parsed<OldAsk> {
  const record = recordOf(text);
  if (record.problem !== undefined) return record;
  const { prompt, reference, options, ts } = record.value;
  if (typeof prompt !== 'string' || prompt.trim() === '') return { problem: 'it has no prompt' };
  if (prompt.length > LIMITS.askChars)
    return { problem: `its prompt has ${prompt.length} characters, at most ${LIMITS.askChars} are taken` };
  if (!isTs(ts)) return { problem: 'its "ts" is no time in seconds' };
  if (reference !== undefined && reference !== null && typeof reference !== 'string')
    return { problem: 'its "reference" is no text' };
  const words = options ?? [];
  if (!Array.isArray(words) || words.some((word) => typeof word !== 'string'))
    return { problem: 'its "options" is no list of texts' };
  if (words.length > LIMITS.askOptions)
    return { problem: `it has ${words.length} options, at most ${LIMITS.askOptions} are taken` };
  return {
    value: {
      prompt,
      ts: Math.floor(ts),
      ...(reference ? { reference } : {}),
      ...(words.length > 0 ? { options: words as string[] } : {}),
    },
  };
}

/** Pure. */
export function parseAnswer(text: string): Parsed<OldAnswer> {
  const record = recordOf(text);
  if (record.problem !== undefined) return record;
  const { answer, ts } = record.value;
  if (typeof answer !== 'string' || answer.trim() === '') return { problem: 'it has no answer' };
  if (answer.length > LIMITS.answerChars)
    return { problem: `it has ${answer.length} characters, at most ${LIMITS.answerChars} are taken` };
  return isTs(ts) ? { value: { answer, ts: Math.floor(ts) } } : { problem: 'its "ts" is no time in seconds' };
}

function askText(id: string, { prompt, reference, options, ts }: OldAsk): string {
  const worker = id.replace(/-\d+$/, '');
  const kind = worker === 'setup' ? 'setup' : 'question';
  return renderFrontMatter({ format: FORMAT, id, worker, kind, urgency: 'normal', ts, reference, options }, prompt);
}

const answerText = (id: string, { answer, ts }: OldAnswer): string =>
  renderFrontMatter({ format: FORMAT, id, outcome: 'answered', ts, by: 'unknown', channel: IMPORTED }, answer);
