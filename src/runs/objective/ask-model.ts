/**
 * One question to the model: budget of the day → money reserved → call → account settled → JSON read, with one repair call when it
 * is none. If we die at any point the reservation counts, and nothing that was said is taken for an answer.
 */
import { now } from '../../host/clock.js';
import { nonce } from '../../lib/hash.js';
import { parseJson } from '../../lib/json.js';
import { localDay } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { loadConfig } from '../../store/config.js';
import { objectiveDir } from '../../store/objectives.js';
import { reserveSpend, settleSpend } from '../../store/spend.js';
import { awaitMoney } from '../await-money.js';
import type { Model, ModelAnswer } from './model-call.js';
import { whoseMoney } from './node-money.js';
import { type Prompt, repairPrompt } from './prompts.js';
import type { Session } from './session.js';

export interface Question<T> {
  /** Of the schema: `plan` or `audit`. */
  name: string;
  schema: object;
  prompt: Prompt;
  read(value: unknown): { value: T; problems?: never } | { value?: never; problems: string[] };
}

/** `tokens` of all its calls; `raw`: what was said last, scrubbed. */
export type Reply<T> = { tokens: number; raw?: string } & (
  | { state: 'read'; value: T }
  | { state: 'failed'; error: string }
  | { state: 'aborted' }
);

export async function askModel<T>(session: Session, model: Model, question: Question<T>): Promise<Reply<T>> {
  let { prompt } = question;
  let tokens = 0;
  for (let repairs = 0; ; repairs++) {
    const answer = await call(session, model, { ...question, prompt });
    tokens += answer.tokens;
    if (answer.state === 'aborted') return { state: 'aborted', tokens };
    if (answer.state === 'failed') return { state: 'failed', error: session.clean(answer.error), tokens };
    const raw = session.clean(answer.text).slice(0, RAW_CHARS);
    const read = readAnswer(answer.text, question.read);
    if (read.problems === undefined) return { state: 'read', value: read.value, tokens, raw };
    if (repairs > 0) {
      const why = read.problems.join('; ').slice(0, PROBLEM_CHARS);
      return {
        state: 'failed',
        error: session.clean(`the model gave no valid ${question.name}, also after one repair: ${why}`),
        tokens,
        raw,
      };
    }
    prompt = repairPrompt(question.prompt, read.problems, raw, freshFence(raw));
  }
}

/** Waits, visibly, until there is money for one more call or agent; else the words why there will be none. */
export const moneyFor = (session: Session): Promise<string | undefined> =>
  awaitMoney(session.deps, {
    who: `objective ${session.objective.id}`,
    signal: session.signal,
    onWait: (why) => session.save({ reason: why === undefined ? undefined : `it waits for money: ${why}` }),
  });

/** Kept of an answer in the history. A plan of 32 nodes with long objectives is far below. */
const RAW_CHARS = 65_536;
const PROBLEM_CHARS = 500;

/** A word that is in none of the texts that it will enclose: 128 random bits, looked for all the same. */
export function freshFence(...texts: readonly string[]): string {
  for (;;) {
    const fence = nonce();
    if (!texts.some((text) => text.includes(fence))) return fence;
  }
}

async function call(
  session: Session,
  model: Model,
  question: Pick<Question<unknown>, 'name' | 'schema' | 'prompt'>,
): Promise<ModelAnswer> {
  const { deps, signal } = session;
  const { disk } = deps;
  const { knobs } = resolveKnobs(deps.env, loadConfig(deps.profile.configPath).config);
  const refusal = await moneyFor(session);
  if (refusal !== undefined) return { state: 'failed', error: refusal, tokens: 0 };
  const { objective } = session;
  const at = now();
  const day = localDay(at);
  const n = objective.calls + 1;
  session.save({ calls: n });
  const reservation = {
    day,
    run: n === 1 ? objective.id : `${objective.id}#${n}`,
    runner: model.name,
    job: 'objective',
    estimateUsd: knobs.runEstimateUsd,
    ...whoseMoney(objective.source),
  };
  reserveSpend(disk, reservation, at);
  const clean = (text: string): string => session.clean(text);
  const answer = await model.call({
    system: question.prompt.system,
    prompt: clean(question.prompt.prompt),
    name: question.name,
    schema: question.schema,
    signal,
    file: `${objectiveDir(objective.id)}/prompt-${n}`,
    ...(objective.config.maxTokens === undefined ? {} : { maxTokens: objective.config.maxTokens }),
  });
  const { inputTokens, outputTokens, tokens, usd } = answer;
  settleSpend(
    disk,
    reservation,
    // A provider that names a total alone has it counted as what was sent.
    {
      input_tokens: outputTokens === undefined ? tokens : Math.max(inputTokens ?? 0, tokens - outputTokens),
      ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
      ...(usd === undefined ? {} : { usd }),
    },
    now(),
  );
  if (tokens > 0) session.save({ tokensUsed: session.objective.tokensUsed + tokens });
  return answer;
}

function readAnswer<T>(text: string, read: Question<T>['read']): ReturnType<Question<T>['read']> {
  const parsed = parseJson(jsonIn(text));
  if (parsed.problem !== undefined)
    return { problems: [text.trim() === '' ? 'it is empty' : `it is no JSON: ${parsed.problem}`] };
  return read(parsed.value);
}

/** The one object in an answer that has a code fence or words around it; else the text as it is. */
function jsonIn(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('{') && trimmed.endsWith('}')) return trimmed;
  const [from, to] = [trimmed.indexOf('{'), trimmed.lastIndexOf('}')];
  return from >= 0 && to > from ? trimmed.slice(from, to + 1) : trimmed;
}
