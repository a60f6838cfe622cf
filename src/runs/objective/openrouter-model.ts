/**
 * A model behind OpenRouter's protocol, by the AI SDK. We retry and give up ourselves, so that what a call may take is known: the
 * SDK's own retries are off. The key goes into one header and nowhere else; what a server says is cleaned of it.
 */
import { messageOf } from '../../model/error.js';
import type { Model, ModelAccount, ModelRequest, ModelTiming } from './model-call.js';
import { tolerantFetch } from './tolerant-fetch.js';

export interface OpenrouterSetup {
  key: string;
  model: string;
  /** Absent: OpenRouter's own. */
  baseUrl?: string;
}

/** Pauses before the further tries of a call that failed for a moment: 429, 5xx, or no connection (loops spec 11.1). */
const RETRY_PAUSES_MS = [1_000, 4_000];

/** What people are shown of a server's words. */
const ERROR_CHARS = 400;

type Said = ModelAccount & { state: 'said'; text: string };
/** No answer in one try. Tokens are counted for answers alone: what failed names none. */
type Failure = { state: 'none'; error: string; retryable: boolean };

export function openrouterModel(setup: OpenrouterSetup, timing: ModelTiming): Model {
  return {
    name: 'openrouter',
    async call(request) {
      for (let tries = 1; ; tries++) {
        const answer = await once(setup, request, timing.limitMs);
        if (answer.state === 'said') return answer;
        if (request.signal.aborted) return { state: 'aborted', tokens: 0 };
        const pauseMs = answer.retryable ? RETRY_PAUSES_MS[tries - 1] : undefined;
        const after = tries > 1 ? ` (after ${tries} tries)` : '';
        if (pauseMs === undefined) return { state: 'failed', error: `${answer.error}${after}`, tokens: 0 };
        await timing.pause(pauseMs, request.signal);
        if (request.signal.aborted) return { state: 'aborted', tokens: 0 };
      }
    },
  };
}

async function once(setup: OpenrouterSetup, request: ModelRequest, limitMs: number): Promise<Said | Failure> {
  const { generateText, jsonSchema, Output } = await import('ai');
  const { createOpenRouter } = await import('@openrouter/ai-sdk-provider');
  // It would write its warnings on our stdout, which is a protocol.
  (globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
  const provider = createOpenRouter({
    apiKey: setup.key,
    fetch: tolerantFetch,
    ...(setup.baseUrl === undefined ? {} : { baseURL: setup.baseUrl }),
  });
  const limit = AbortSignal.timeout(limitMs);
  try {
    const { text, usage, providerMetadata } = await generateText({
      model: provider.chat(setup.model),
      system: request.system,
      prompt: request.prompt,
      temperature: 0,
      maxRetries: 0,
      abortSignal: AbortSignal.any([request.signal, limit]),
      output: Output.object({ schema: jsonSchema(request.schema), name: request.name }),
      ...(request.maxTokens === undefined ? {} : { maxOutputTokens: request.maxTokens }),
    });
    return { state: 'said', text, ...accountOf(usage, providerMetadata) };
  } catch (error) {
    if (limit.aborted) return failed(`the model did not answer within ${Math.round(limitMs / 1000)} s`, false);
    return failureOf(error, setup.key);
  }
}

/** An answer that is no JSON is an answer: whoever asked says what is wrong with it. */
async function failureOf(error: unknown, key: string): Promise<Said | Failure> {
  const { APICallError, NoObjectGeneratedError } = await import('ai');
  if (NoObjectGeneratedError.isInstance(error))
    return { state: 'said', text: error.text ?? '', ...accountOf(error.usage, undefined) };
  const said = messageOf(error).replaceAll(key, '[OPENROUTER_API_KEY]').slice(0, ERROR_CHARS);
  if (!APICallError.isInstance(error)) return failed(`the model could not be called: ${said}`, false);
  const status = statusOf(error);
  if (status === undefined) return failed(`the model cannot be reached: ${said}`, true);
  return failed(`the model answered with status ${status}: ${said}`, status === 429 || status >= 500);
}

const failed = (error: string, retryable: boolean): Failure => ({ state: 'none', error, retryable });

/** Status of the answer; a server may say 200 and name an error with a code of its own. */
function statusOf({ statusCode, data }: { statusCode?: number | undefined; data?: unknown }): number | undefined {
  const own = (data as { code?: unknown } | undefined)?.code;
  return statusCode === 200 && typeof own === 'number' ? own : statusCode;
}

interface SdkUsage {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  totalTokens?: number | undefined;
  raw?: unknown;
}

function accountOf(usage: SdkUsage | undefined, metadata: unknown): ModelAccount {
  const raw = usage?.raw as { total_tokens?: unknown; cost?: unknown } | undefined;
  const cost =
    raw?.cost ?? (metadata as { openrouter?: { usage?: { cost?: unknown } } } | undefined)?.openrouter?.usage?.cost;
  const { inputTokens = 0, outputTokens = 0, totalTokens } = usage ?? {};
  const total = amount(raw?.total_tokens) ?? amount(totalTokens) ?? inputTokens + outputTokens;
  const usd = amount(cost);
  return { tokens: total, inputTokens, outputTokens, ...(usd === undefined ? {} : { usd }) };
}

const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
