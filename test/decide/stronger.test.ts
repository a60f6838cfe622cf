import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DecideDeps, decide } from '../../src/decide/decide.js';
import { shellQuote } from '../../src/lib/shell-quote.js';
import { type Rig, rig } from './rig.js';

// Decisions are asked at the cheap model, and raised to the strong one when that asks for it or gives no valid move.
const FAKE = shellQuote(join(import.meta.dirname, '../fakes/runners/runner.sh'));
const TEMPLATE = `${FAKE} by-model {{model}}`;

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const run = (config: DecideDeps['config'], over: Parameters<Rig['deps']>[1] = {}) =>
  decide(at.deps([], { config: { tick_command: TEMPLATE, ...config }, ...over }), at.request());

test('a decider that says "stronger" is replaced by the strong model, in the same beat, with the same prompt, and once', async () => {
  const result = await run({ model: 'cheap', strong_model: 'strong' });
  expect(result).toMatchObject({ state: 'move', decided: { move: { reason: 'it was easy' } }, run: { calls: 2 } });
  expect(at.models()).toEqual(['cheap', 'strong']);
  expect(at.stdin()).toContain('PLAY');
  expect(at.events()).toContain('call.stronger');
  expect(at.spend().filter((row) => row.kind === 'reserve')).toHaveLength(2);
});

test('after a failed repair the strong model is asked the question, not the repair', async () => {
  const result = await run({ model: 'dull', strong_model: 'strong' });
  expect(result).toMatchObject({ state: 'move', decided: { move: { reason: 'it was easy' } } });
  expect(at.models()).toEqual(['dull', 'dull', 'strong']);
  expect(at.stdin()).not.toContain('Hm.');
});

test.each<[string, DecideDeps['config'], readonly string[]]>([
  ['none is configured', { model: 'cheap' }, ['cheap']],
  ['it is the same', { model: 'cheap', strong_model: 'cheap' }, ['cheap']],
  ['the command has no place for it', { strong_model: 'strong', tick_command: `${FAKE} by-model cheap` }, ['cheap']],
])('no stronger model is asked when %s, and the decider is not told of one', async (_why, config, models) => {
  expect(await run(config)).toMatchObject({ state: 'move', decided: { move: { reason: 'too hard' } } });
  expect(at.models()).toEqual(models);
});

test('at the hourly cap the move of the cheap model is what there is', async () => {
  const result = await run({ model: 'cheap', strong_model: 'strong' }, { knobs: { decidesPerHour: 1 } });
  expect(result).toMatchObject({ state: 'move', decided: { move: { reason: 'too hard' } } });
  expect(at.models()).toEqual(['cheap']);
});
