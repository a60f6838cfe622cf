/**
 * Runs one disposable agent and reads its one move. What it is given and what it leaves lies in its own run directory; nothing
 * outside of that can be taken for its decision. It costs: so a call is reserved and counted before it starts, always.
 */

import { messageOf, TendError } from '../model/error.js';
import { LIMITS } from '../model/limits.js';
import type { Decided } from '../model/move.js';
import type { Usage } from '../model/spend.js';
import { addUsage } from '../runners/usage.js';
import { logEvent } from '../store/events.js';
import { newRun, type RunRef } from '../store/runs.js';
import { type CallDeps, type Called, callRunner } from './call.js';
import { editedPolicy } from './policy-watch.js';
import { repairPrompt } from './prompt/repair.js';
import { type ReadMove, readDecisionFile, readMessage } from './read-move.js';

export interface ThinkDeps extends CallDeps {
  /** Why no second call may be made (cap, budget), or undefined when it may. Asked right before a repair call. */
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
  /** `retryable: false` means that trying again cannot help until the config is edited. */
  | { state: 'failed'; code: string; error: string; retryable: boolean; run?: BeatRun };

/** Calls the runner once, and once more when its answer is no valid move. Never throws. */
export async function think(deps: ThinkDeps, prompt: string): Promise<Thought> {
  const ref = newRun('beat', deps.clock());
  const run: BeatRun = { ref, runner: deps.runner.name, usage: {}, calls: 0, durationMs: 0 };
  try {
    const first = await ask(deps, run, prompt);
    if (first.state !== 'invalid') return settle(first, run);
    const barred = deps.mayRepair();
    if (barred !== undefined) return settle(failure(first, `; no repair call: ${barred}`), run);
    const second = await ask(deps, run, repairPrompt(prompt, first.problems, first.answer));
    if (second.state !== 'invalid') return settle(second, run);
    return settle(failure(second, ', also after one repair call'), run);
  } catch (error) {
    // The disk, or the caller's own record of the attempt: nothing was launched without it.
    const code = error instanceof TendError ? error.code : 'not-launched';
    return { state: 'failed', code, error: messageOf(error), retryable: code !== 'bad-config', run };
  }
}

type Answer =
  | { state: 'decided'; decided: Decided }
  | { state: 'failed'; code: string; error: string; retryable: boolean }
  | { state: 'invalid'; code: string; problems: string[]; answer: string };

/** One call, from the prompt to an answer of any kind; the run's account is kept as it goes. */
async function ask(deps: ThinkDeps, run: BeatRun, prompt: string): Promise<Answer> {
  run.calls += 1;
  const before = editedPolicy(deps.disk);
  const called = await callRunner(deps, { ref: run.ref, call: run.calls, prompt });
  run.usage = addUsage(run.usage, called.usage);
  run.durationMs += called.durationMs;
  const edited = before.changedSince();
  // Seen and said, not undone: a human may edit at the same moment, and their word stands.
  if (edited.length > 0) logEvent(deps.disk, deps.clock(), 'decider.edited_policy', { run: run.ref.id, files: edited });
  return answerOf(called);
}

function answerOf(called: Called): Answer {
  if (called.state === 'failed') {
    const { code, error, retryable } = called;
    return { state: 'failed', code, error, retryable };
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

function failure(invalid: Extract<Answer, { state: 'invalid' }>, how: string): Answer {
  const problems = invalid.problems.join('; ').slice(0, LIMITS.promptFailureChars);
  return { state: 'failed', code: invalid.code, error: `No valid move${how}: ${problems}`, retryable: true };
}

const settle = (answer: Answer, run: BeatRun): Thought =>
  answer.state === 'decided'
    ? { ...answer, run }
    : answer.state === 'failed'
      ? { ...answer, run }
      : { state: 'failed', code: answer.code, error: answer.problems.join('; '), retryable: true, run };
