/**
 * Dollars per million tokens, as Claude Code 2.1.329 itself reckons them (`total_cost_usd` of runs with known tokens, measured in November
 * 2026). `prices` in the config goes before it. A row counts for every model whose name contains its own, the first one that does: longer
 * names stand before their beginnings, and the bare families, for what is newer than this table, at the end.
 */
import type { Prices } from '../model/config.js';

const OPUS = { input: 4, output: 20, cache_read: 0.2, cache_write: 5 };
const OPUS_5 = { input: 5, output: 25, cache_read: 0.5, cache_write: 6.25 };
const SONNET = { input: 2, output: 10, cache_read: 0.1, cache_write: 2.5 };
const HAIKU = { input: 0.1, output: 0.5, cache_read: 0.01, cache_write: 0.125 };

export const CLAUDE_PRICES: Prices = {
  'opus-5-5': OPUS,
  'opus-5': OPUS_5,
  'opus-4-8': OPUS_5,
  'opus-4-5': OPUS_5,
  'sonnet-5-5': SONNET,
  'sonnet-5': { input: 2, output: 10, cache_read: 0.2, cache_write: 2.5 },
  'sonnet-4': { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
  'haiku-5-5': HAIKU,
  'haiku-4-5': { input: 1, output: 5, cache_read: 0.1, cache_write: 1.25 },
  '3-5-haiku': { input: 0.8, output: 4, cache_read: 0.08, cache_write: 1 },
  opus: OPUS,
  sonnet: SONNET,
  haiku: HAIKU,
  fable: { input: 8, output: 40, cache_read: 0.2, cache_write: 10 },
};
