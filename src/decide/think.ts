/**
 * Runs one disposable agent and reads its one move. What it is given and what it leaves lies in its own run directory; nothing
 * outside of that can be taken for its decision. It costs: so a call is reserved and counted before it starts, always.
 */

import { messageOf, TendError } from '../model/error.js';
import { unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import type { Decided } from '../model/move.js';
import type { Usage } from '../model/spend.js';
import { tickTemplate } from '../runners/command.js';
import { addUsage } from '../runners/usage.js';
import { logEvent } from '../store/events.js';
import { newRun, type RunRef } from '../store/runs.js';
import { type CallDeps, type Called, callRunner, modelKey } from './call.js';
import { ABORTED, type CallFailure, retryPauseMs } from './failure.js';
import { editedPolicy } from './policy-watch.js';
import { repairPrompt } from './prompt/repair.js';
import { type ReadMove, readDecisionFile, readMessage } from './read-move.js';

export interface ThinkDeps extends CallDeps {
  /** Why no further call may be made (cap, budget), or undefined when it may. Asked right before each. */
  mayRepair(): string | undefined;
}

/** One decision in the ledger, with its repair call if there was one. */
export interface BeatRun {
  ref: RunRef;
  runner: string;
  /** Of all its calls; absent parts are unknown. */
  usage: Usage;
  calls: number;
  durationMs: number;
}

export type Thought =
  | { state: 'decided'; decided: Decided; run: BeatRun }
  | ({ state: 'failed'; run?: BeatRun } & CallFailure);

/** Calls the runner once, more often when it could not answer for a moment, and once more when its answer is no valid move. Never throws. */
export async function think(deps: ThinkDeps, prompt: string): Promise<Thought> {
  const ref = newRun('beat', deps.clock());
  const run: BeatRun = { ref, runner: deps.runner.name, usage: {}, calls: 0, durationMs: 0 };
  try {
    const answer = await askRepaired(deps, run, prompt);
    const isUnsure = answer.state === 'invalid' || (answer.state === 'decided' && answer.decided.stronger === true);
    const strong = isUnsure ? strongDeps(deps) : undefined;
    if (!strong) return settle(answer, run);
    const barred = deps.mayRepair();
    // Without the means to ask the stronger one, a valid move of this one is what there is.
    if (barred !== undefined) return settle(answer, run);
    logEvent(deps.disk, deps.clock(), 'call.stronger', { run: run.ref.id, model: strong.config.model });
    return settle(await askPatiently(strong, run, prompt), run);
  } catch (error) {
    // The disk, or the caller's own record of the attempt: nothing was launched without it.
    const code = error instanceof TendError ? error.code : 'not-launched';
    return { state: 'failed', code, error: messageOf(error), retryable: code !== 'bad-config', run };
  }
}

/** The same call at the config's `strong_model`; undefined when there is none, or the command has no place for it. */
export function strongDeps<D extends Pick<CallDeps, 'config' | 'runner'>>(deps: D): D | undefined {
  const { strong_model: strong, ...config } = deps.config;
  const template = tickTemplate(deps.runner, config) ?? '';
  const isOther = strong !== undefined && strong !== '' && strong !== (config.model || deps.runner.defaults.model);
  return isOther && template.includes('{{model}}') ? { ...deps, config: { ...config, model: strong } } : undefined;
}

/** The answer, after one repair call when the first was no valid move. */
async function askRepaired(deps: ThinkDeps, run: BeatRun, prompt: string): Promise<Answer> {
  const first = await askPatiently(deps, run, prompt);
  if (first.state !== 'invalid') return first;
  const barred = deps.mayRepair();
  if (barred !== undefined) return failure(first, `; no repair call: ${barred}`);
  const second = await askPatiently(deps, run, repairPrompt(prompt, first.problems, first.answer));
  return second.state === 'invalid' ? { ...second, after: ', also after one repair call' } : second;
}

type Answer =
  | { state: 'decided'; decided: Decided }
  | ({ state: 'failed' } & CallFailure)
  /** `after`: what was tried about it. */
  | { state: 'invalid'; code: string; problems: string[]; answer: string; after?: string };

/** Asks again, after a pause, what failed for a moment: each call is reserved and counted like any other. */
async function askPatiently(deps: ThinkDeps, run: BeatRun, prompt: string): Promise<Answer> {
  for (let retry = 0; ; retry++) {
    const { answer, tookMs } = await ask(deps, run, prompt);
    if (answer.state !== 'failed') return answer;
    if (answer.isSchemasFault && deps.schemaRefusals && deps.mayRepair() === undefined) {
      deps.schemaRefusals.add(modelKey(deps));
      logEvent(deps.disk, deps.clock(), 'call.no_schema', { run: run.ref.id, code: answer.code, error: answer.error });
      // Not one of the retries: it is another call, and the last of its kind.
      retry -= 1;
      continue;
    }
    const nowS = unixSeconds(deps.clock());
    const pauseMs = retryPauseMs(answer, { retry, retries: deps.knobs.callRetries, tookMs, nowS });
    if (pauseMs === undefined) return answer;
    // Workers spend as well: what was left before the pause may be gone after it.
    let barred = deps.mayRepair();
    if (barred === undefined) {
      const { code, error } = answer;
      logEvent(deps.disk, deps.clock(), 'call.retry', { run: run.ref.id, code, error, pause_ms: pauseMs });
      await deps.pause(pauseMs);
      if (deps.signal?.aborted) return { state: 'failed', ...ABORTED };
      barred = deps.mayRepair();
    }
    if (barred !== undefined) return { ...answer, error: `${answer.error}; not tried again in this beat: ${barred}` };
  }
}

/** One call, from the prompt to an answer of any kind; the run's account is kept as it goes. */
async function ask(deps: ThinkDeps, run: BeatRun, prompt: string): Promise<{ answer: Answer; tookMs: number }> {
  run.calls += 1;
  const before = editedPolicy(deps.disk);
  const called = await callRunner(deps, { ref: run.ref, call: run.calls, prompt });
  run.usage = addUsage(run.usage, called.usage);
  run.durationMs += called.durationMs;
  const edited = before.changedSince();
  // Seen and said, not undone: a human may edit at the same moment, and their word stands.
  if (edited.length > 0) logEvent(deps.disk, deps.clock(), 'decider.edited_policy', { run: run.ref.id, files: edited });
  return { answer: answerOf(called), tookMs: called.durationMs };
}

function answerOf(called: Called): Answer {
  if (called.state === 'failed') {
    const { usage: _usage, durationMs: _duration, ...failed } = called;
    return failed;
  }
  const { file, message } = called;
  if (file.state === 'unreadable') {
    return {
      state: 'failed',
      code: 'decision-unreadable',
      error: `The decision file cannot be read: ${file.reason}`,
      retryable: true,
    };
  }
  if (file.state === 'present') return fromRead(readDecisionFile(file.text), file.text);
  return fromRead(readMessage(message.text), message.text);
}

const fromRead = (read: ReadMove, answer: string): Answer =>
  read.state === 'move' ? { state: 'decided', decided: read.decided } : { ...read, answer };

function failure(invalid: Extract<Answer, { state: 'invalid' }>, how: string): Extract<Answer, { state: 'failed' }> {
  const problems = invalid.problems.join('; ').slice(0, LIMITS.promptFailureChars);
  return { state: 'failed', code: invalid.code, error: `No valid move${how}: ${problems}`, retryable: true };
}

const settle = (answer: Answer, run: BeatRun): Thought =>
  answer.state === 'invalid' ? { ...failure(answer, answer.after ?? ''), run } : { ...answer, run };
