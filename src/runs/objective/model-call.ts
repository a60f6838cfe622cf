/**
 * Which model plans and audits, and how it is called: OpenRouter (or any address that speaks its protocol) by its SDK, or an agent
 * CLI of ours without the means to act. A call takes text and gives text with its account; what is in the text is judged elsewhere.
 */
import type { Env } from '../../host/env.js';
import type { ObjectiveConfig } from '../../model/loop.js';
import type { RunDeps } from '../performer.js';
import type { Prompt } from './prompts.js';

export interface ModelRequest extends Prompt {
  /** Name and JSON Schema of the answer. */
  name: string;
  schema: object;
  /** Most tokens of the answer. */
  maxTokens?: number;
  signal: AbortSignal;
  /** Key below the data dir, without an ending, for whoever needs the prompt in a file. */
  file: string;
}

export interface ModelAccount {
  /** Total as the provider says it, else the sum; 0 when nothing was reported. */
  tokens: number;
  inputTokens?: number;
  outputTokens?: number;
  usd?: number;
}

export type ModelAnswer = ModelAccount &
  ({ state: 'said'; text: string } | { state: 'failed'; error: string } | { state: 'aborted' });

export interface Model {
  /** Of the spend account: `openrouter`, or the runner. */
  name: string;
  /** Never throws for what the model or the way to it does. */
  call(request: ModelRequest): Promise<ModelAnswer>;
}

/** What a test replaces: waiting between retries, and how long one try may take. */
export interface ModelTiming {
  pause(ms: number, signal: AbortSignal): Promise<void>;
  limitMs: number;
}

/** One try of a call (loops spec 11.1). */
export const MODEL_LIMIT_MS = 120_000;

const DEFAULT_MODEL = 'openai/gpt-4o-mini';
const RUNNER = /^runner:(.*)$/s;

/** The model of a goal, or why there is none: said before any target runs. */
export async function objectiveModel(
  deps: RunDeps,
  config: ObjectiveConfig,
  timing: ModelTiming,
): Promise<Model | { problem: string }> {
  const wanted = config.model ?? first(deps.env, 'TEND_GOAL_MODEL', 'LOOPS_GOAL_MODEL') ?? DEFAULT_MODEL;
  const runner = RUNNER.exec(wanted)?.[1];
  if (runner !== undefined) return (await import('./runner-model.js')).runnerModel(deps, runner);
  const key = deps.env['OPENROUTER_API_KEY'];
  if (!key) {
    return {
      problem: `Cannot plan the goal: the model "${wanted}" needs OPENROUTER_API_KEY, which is not set; set it, or let an agent CLI plan: --goal-model runner:claude`,
    };
  }
  const baseUrl = first(deps.env, 'TEND_GOAL_BASE_URL', 'LOOPS_GOAL_BASE_URL', 'OPENROUTER_BASE_URL');
  const { openrouterModel } = await import('./openrouter-model.js');
  return openrouterModel({ key, model: wanted, ...(baseUrl === undefined ? {} : { baseUrl }) }, timing);
}

const first = (env: Env, ...names: string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value !== undefined && value.trim() !== '');
