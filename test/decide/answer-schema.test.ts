/** Decisions that are held to a schema, and what becomes of them when the provider takes none. The decider is a real process. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DecideDeps, decide } from '../../src/decide/decide.js';
import { shellQuote } from '../../src/lib/shell-quote.js';
import { RUNNERS } from '../../src/runners/registry.js';
import { schemaProblem } from '../fakes/agents/schemas.js';
import { type Rig, rig } from './rig.js';

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const MOVE = { move: { action: 'noop', reason: 'all is well', journal: null } };
const turn = (event: object): string =>
  [{ type: 'thread.started', thread_id: 't' }, { type: 'turn.started' }, event]
    .map((one) => `echo ${shellQuote(JSON.stringify(one))}`)
    .join('; ');
const ANSWER = turn({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text: JSON.stringify(MOVE) } });
const DONE = `${ANSWER}; echo '{"type":"turn.completed","usage":{"input_tokens":10,"output_tokens":5}}'`;
const failing = (words: string): string => turn({ type: 'turn.failed', error: { message: words } });

/** A codex of a few lines. `$1` is the flag of the schema, or nothing. */
const cli = (withSchema: string): string =>
  `bash -c ${shellQuote(`cat >/dev/null; echo "\${1:-none} $(cat "$2" 2>/dev/null)" >>"$FAKE_CALLS"; if [ "$1" ]; then ${withSchema}; else ${DONE}; fi`)} cli {{answer_schema}}`;

const run = (script: string, config: Partial<DecideDeps['config']> = {}, refusals = new Set<string>()) =>
  decide(
    at.deps([], { runner: RUNNERS.codex, config: { tick_command: script, ...config }, schemaRefusals: refusals }),
    at.request(),
  );
const flags = (): string[] => at.called().map((line) => line.split(' ')[0]!);

test('the schema is a file of the run, in the form that the provider wants, and the answer is read out of its form', async () => {
  expect(await run(cli(DONE))).toMatchObject({
    state: 'move',
    decided: { move: { reason: 'all is well' } },
    run: { calls: 1 },
  });
  const [flag, schema] = at.called()[0]!.split(/ (.*)/s);
  expect(flag).toBe('--output-schema');
  const format = { type: 'json_schema', name: 's', strict: true, schema: JSON.parse(schema!) };
  expect(schemaProblem({ text: { format } })).toBeUndefined();
});

const REFUSED = '{"error":{"message":"json_schema is not supported","type":"invalid_request_error"}}';

test('a provider that refuses it is asked once more without, and not again with one while this process lives', async () => {
  const refusals = new Set<string>();
  const script = cli(`${failing(REFUSED)}; exit 1`);
  expect(await run(script, {}, refusals)).toMatchObject({ state: 'move', run: { calls: 2 } });
  expect(flags()).toEqual(['--output-schema', 'none']);
  expect(at.events()).toContain('call.no_schema');
  expect(at.spend().filter((row) => row.kind === 'reserve')).toHaveLength(2);
  expect(await run(script, {}, refusals)).toMatchObject({ state: 'move', run: { calls: 1 } });
  expect(flags()).toEqual(['--output-schema', 'none', 'none']);
  // Another model may take one.
  expect(await run(script, { model: 'other' }, refusals)).toMatchObject({ run: { calls: 2 } });
});

test('"on" goes without for nobody: the beat fails and says why', async () => {
  expect(await run(cli(`${failing(REFUSED)}; exit 1`), { answer_schema: 'on' })).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('json_schema is not supported'),
    run: { calls: 1 },
  });
});

test('a failure that says nothing of the request is no reason to go without', async () => {
  const result = await run(cli(`${failing('exceeded retry limit, last status: 401')}; exit 1`));
  expect(result).toMatchObject({ state: 'failed', code: 'runner-auth', run: { calls: 1 } });
});
