/**
 * The usage line, which any runner may print on stdout or stderr, as often as it likes: `{"type":"usage","input_tokens":N,
 * "output_tokens":N,"cost_usd":X}`. Several add up. It is never taken for the decision.
 */
import { isObject, parseJson } from '../lib/json.js';
import type { Usage } from '../model/spend.js';
import type { RunResult } from './result.js';

/** A usage line has three numbers; a longer line is something else and not worth parsing. */
const LINE_CHARS_MAX = 2_000;

/** The text without its usage lines, and the sum of them. */
export function takeUsageLines(text: string): { text: string; usage: Usage } {
  let usage: Usage = {};
  if (!text.includes('"usage"')) return { text, usage };
  const kept = text.split('\n').filter((line) => {
    const found = usageOf(line);
    if (found) usage = addUsage(usage, found);
    return found === undefined;
  });
  return { text: kept.join('\n'), usage };
}

/** Sums two reports; what neither knows stays unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  const total = (field: keyof Usage): Usage => {
    const [left, right] = [a[field], b[field]];
    return left === undefined && right === undefined ? {} : { [field]: (left ?? 0) + (right ?? 0) };
  };
  return { ...total('input_tokens'), ...total('output_tokens'), ...total('usd') };
}

/** A number that can be an amount: finite and not negative. Else undefined, so a broken report cannot lower the sum. */
export const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** `Usage` with only the known parts. */
export function knownUsage(input: unknown, output: unknown, usd: unknown): Usage {
  const [inputTokens, outputTokens, cost] = [amount(input), amount(output), amount(usd)];
  return {
    ...(inputTokens === undefined ? {} : { input_tokens: inputTokens }),
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
    ...(cost === undefined ? {} : { usd: cost }),
  };
}

function usageOf(line: string): Usage | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith('{') || trimmed.length > LINE_CHARS_MAX || !trimmed.includes('"usage"')) return undefined;
  const { value } = parseJson(trimmed);
  if (!isObject(value) || value['type'] !== 'usage' || 'action' in value) return undefined;
  return knownUsage(value['input_tokens'], value['output_tokens'], value['cost_usd']);
}

/** What a result counts in the ledger: input is all that was sent, from a cache or not. */
export function usageOfResult({ usage, costUsd }: Pick<RunResult, 'usage' | 'costUsd'>): Usage {
  const { input_tokens: fresh, cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = usage;
  return knownUsage(fresh === undefined ? undefined : fresh + read + written, usage.output_tokens, costUsd);
}
