/** What an agent CLI says of its own run in its stream: whether it failed although it exited with 0, and what it used. */
import type { BoundedResult } from '../host/bounded-child.js';
import { isObject, parseJson } from '../lib/json.js';
import type { RunResult } from '../runners/result.js';
import type { Runner, RunReader } from '../runners/runner.js';
import type { Performed } from './performer.js';

export interface AgentSaid {
  /** Why a run with exit code 0 failed all the same. */
  problem?: string;
  usage?: Extract<Performed, { status: 'succeeded' | 'failed' | 'timed_out' | 'skipped' }>['usage'];
}

export interface ReportTerms {
  nowS: number;
  model?: string;
  /** Its success prints something. */
  printsJson: boolean;
}

/** A longer line of a stream holds what a tool printed; final messages are far below. */
const LINE_BYTES = 8 * 1024 * 1024;

/** Reads one run. `end` once, when it has ended; the reader of the runner is given every byte, so the tail's cut does not matter. */
export function agentReport(
  runner: Runner,
  terms: ReportTerms,
): { write(chunk: Buffer): void; end(end: BoundedResult): AgentSaid } {
  const { nowS, model } = terms;
  const open = (): RunReader =>
    runner.reader({ nowS, keepBytes: LINE_BYTES, ...(model === undefined ? {} : { model }) });
  const reader = open();
  return {
    write: (chunk) => reader.write(chunk),
    end(end) {
      const result = reader.end(endOf(end));
      const bare = bareResult(end, open());
      const usage = usageOf(bare ?? result);
      const problem = problemOf(end, bare ?? result, terms);
      return { ...(problem === undefined ? {} : { problem }), ...(usage ? { usage } : {}) };
    },
  };
}

const endOf = (end: BoundedResult) => ({
  exit: end.exitCode ?? null,
  ...(end.signal === undefined ? {} : { signal: end.signal }),
  stderrTail: end.stderr.text,
});

/** The one object that claude prints in its JSON mode, from versions that do not call it a result. */
function bareResult(end: BoundedResult, reader: RunReader): RunResult | undefined {
  if (end.stdout.dropped > 0 || !end.stdout.text.startsWith('{')) return undefined;
  const { value } = parseJson(end.stdout.text.trim());
  if (!isObject(value) || 'type' in value || !('is_error' in value)) return undefined;
  reader.write(Buffer.from(JSON.stringify({ type: 'result', ...value })));
  return reader.end(endOf(end));
}

/**
 * Reasons of a result that are no word of the CLI on failure: it left no text, or its stream is another than we know. Reading is advisory
 * (loops spec 9), so they do not undo an exit code of 0; that it failed in its own words does.
 */
const NO_FAILURE: readonly RunResult['reason'][] = ['done', 'empty', 'interrupted'];
/** A result of claude that was aborted counts as interrupted, and is an error all the same. */
const IS_ERROR = /"is_error"\s*:\s*true/;

function problemOf(end: BoundedResult, result: RunResult, { printsJson }: ReportTerms): string | undefined {
  if (end.exitCode !== 0) return undefined;
  if (printsJson && end.stdout.bytes === 0 && end.stderr.bytes === 0) return 'agent produced no output';
  const isAborted = result.reason === 'interrupted' && IS_ERROR.test(lastLine(end.stdout.text));
  if (NO_FAILURE.includes(result.reason) && !isAborted) return undefined;
  return `the agent reports an error: ${result.error ?? result.reason}`;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

function usageOf({ usage, costUsd, sessionId }: RunResult): AgentSaid['usage'] {
  const said = {
    ...(usage.input_tokens === undefined ? {} : { inputTokens: usage.input_tokens }),
    ...(usage.output_tokens === undefined ? {} : { outputTokens: usage.output_tokens }),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
  return Object.keys(said).length > 0 ? said : undefined;
}
