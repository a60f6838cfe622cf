/** What tokens cost where the CLI does not say: dollars per million tokens, by the name of the model. Pure. */
import type { Prices } from '../model/config.js';
import type { RunUsage } from './result.js';

/** The row for a model that is not named: what the CLI takes when nobody says anything. */
const UNNAMED = 'default';

/**
 * Dollars of `usage`, or undefined when that cannot be known: no tokens reported, or no row for the model. `own` (the config's)
 * goes before `table`; a name with a provider in front (`openai/gpt-5`) or a date behind (`gpt-5-2025-08-07`) also finds the bare one. The row `default` counts for a
 * model that is not named; in `own` also for one that no row names.
 */
export function priced(
  usage: RunUsage,
  { model, table, own = {} }: { model?: string; table: Prices; own?: Prices },
): number | undefined {
  if (usage.input_tokens === undefined && usage.output_tokens === undefined) return undefined;
  const row = model ? (named(own, model) ?? named(table, model) ?? own[UNNAMED]) : (own[UNNAMED] ?? table[UNNAMED]);
  if (!row) return undefined;
  const dollars =
    (usage.input_tokens ?? 0) * row.input +
    (usage.output_tokens ?? 0) * row.output +
    (usage.cache_read_tokens ?? 0) * (row.cache_read ?? row.input) +
    (usage.cache_write_tokens ?? 0) * (row.cache_write ?? row.input);
  return dollars / 1e6;
}

function named(prices: Prices, model: string): Prices[string] | undefined {
  const bare = model.slice(model.lastIndexOf('/') + 1);
  const undated = bare.replace(/-\d{4}-\d\d-\d\d$/, '');
  return [model, bare, undated].filter((name) => Object.hasOwn(prices, name)).map((name) => prices[name])[0];
}
