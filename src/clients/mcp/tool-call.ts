/** One call of a tool → the verb → a result. Whatever the verb refuses comes back as a result that says why and what helps; never a crash. */
import type { Context, Verb, VerbResult } from '../../contract/verb.js';
import type { AskStory } from '../../contract/views/asks.js';
import { isObject, prettyJson } from '../../lib/json.js';
import { messageOf, TendError } from '../../model/error.js';
import { type AskHuman, confirmed } from './approval.js';
import { readInput } from './tool-input.js';
import type { Answer, Tool } from './tools.js';

/** The exit code of a verb that tried and failed, as against those that are answers (nothing changed, the pulse is down, it would be asked). */
const FAILED = 1;

export interface Call {
  verb: Verb;
  tool: Tool;
  /** As the client sent them. */
  given: unknown;
  context: Context;
  /** Aborts when the client gives the call up, and when the server ends. */
  signal: AbortSignal;
  show(id: string): Promise<AskStory>;
  askHuman: AskHuman;
}

/** As the protocol has it. */
export interface CallResult {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
  [key: string]: unknown;
}

/** Never rejects. A bug is told to the client in one line and to stderr with its stack. */
export async function callTool(call: Call): Promise<CallResult> {
  const notes: string[] = [];
  const printed: string[] = [];
  try {
    const { verb, tool, given } = call;
    const context = contextOf(call, { warn: (text) => notes.push(text), print: (text) => printed.push(text) });
    const read = readInput(verb, tool, given);
    const isAnswer = verb.path.join(' ') === 'answer';
    const input = isAnswer ? await confirmed(read, { ...call, context }) : read;
    return resultOf(await verb.run(input, context), call.tool.answer, { notes, printed });
  } catch (error) {
    if (!(error instanceof TendError)) call.context.warn(`bug: ${stackOf(error)}`);
    return errorResult(error, notes);
  }
}

/** A verb here has no terminal, no dialogs and no stdin; what it says early belongs to its answer. */
function contextOf({ context, signal }: Call, says: Pick<Context, 'warn' | 'print'>): Context {
  const { disk, profile, env, session, bin, seeds } = context;
  return { disk, profile, env, session, bin, seeds, ...says, signal, tty: { in: false, out: false } };
}

function resultOf(
  result: VerbResult,
  answer: Answer | undefined,
  { notes, printed }: { notes: readonly string[]; printed: readonly string[] },
): CallResult {
  const json = answer && structured(result, answer);
  const said = json ? prettyJson(json) : [...printed, result.text].join('').trimEnd();
  return {
    content: [...texts([said]), ...warnings(notes)],
    ...(json ? { structuredContent: json } : {}),
    ...(result.exit === FAILED ? { isError: true } : {}),
  };
}

function structured({ json }: VerbResult, { under }: Answer): Record<string, unknown> {
  if (under !== undefined) return { [under]: json };
  if (isObject(json)) return json;
  throw new Error('the verb gave no object for its answer');
}

const texts = (all: readonly string[]): CallResult['content'] => all.map((text) => ({ type: 'text', text }));
const warnings = (notes: readonly string[]): CallResult['content'] => texts(notes.map((note) => `warning: ${note}`));

/** What was refused or went wrong, with what helps. */
export function errorResult(error: unknown, notes: readonly string[] = []): CallResult {
  const isOurs = error instanceof TendError;
  const words = isOurs ? messageOf(error) : `bug in tend: ${messageOf(error)}`;
  const cure = isOurs && error.hint !== undefined ? `\ntry: ${error.hint}` : '';
  return { content: [...texts([words + cure]), ...warnings(notes)], isError: true };
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
