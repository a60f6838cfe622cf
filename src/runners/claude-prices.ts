/**
 * Dollars per million tokens, as Claude Code 2.1.329 itself reckons them for its own reports (`costUSD` of its results, measured). `prices`
 * in the config goes before it. A bare family stands for what is newer than this table.
 */
import type { Prices } from '../model/config.js';

const OPUS = { input: 4, output: 20, cache_read: 0.4, cache_write: 5 };
const SONNET = { input: 2, output: 10, cache_read: 0.2, cache_write: 2.5 };

export const CLAUDE_PRICES: Prices = {
  opus: OPUS,
  sonnet: SONNET,
};
