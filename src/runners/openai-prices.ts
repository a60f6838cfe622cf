/**
 * Dollars per million tokens, standard tier, as listed for these models in May 2026. `prices` in the config goes before it.
 * `default`: codex is called without a model as a rule, and what it takes by itself is the dearest here, so a budget errs early.
 */
import type { Prices } from '../model/config.js';

const GPT_5_5 = { input: 5, cache_read: 0.5, output: 30 };
const GPT_5_2 = { input: 1.75, cache_read: 0.175, output: 14 };
const GPT_5 = { input: 1.25, cache_read: 0.125, output: 10 };

export const OPENAI_PRICES: Prices = {
  'gpt-5.5': GPT_5_5,
  'gpt-5.4': { input: 2.5, cache_read: 0.25, output: 15 },
  'gpt-5.4-mini': { input: 0.75, cache_read: 0.075, output: 4.52 },
  'gpt-5.3-codex': GPT_5_2,
  'gpt-5.2-codex': GPT_5_2,
  'gpt-5.2': GPT_5_2,
  'gpt-5.1-codex-max': GPT_5,
  'gpt-5.1-codex-mini': { input: 0.25, cache_read: 0.025, output: 2 },
  'gpt-5.1-codex': GPT_5,
  'gpt-5.1': GPT_5,
  'gpt-5-codex': GPT_5,
  'gpt-5': GPT_5,
  default: GPT_5_5,
};
