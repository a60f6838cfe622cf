/** The schema of a decision, as it is handed to a CLI: taken by its provider, and wide enough for whatever the judge takes. */
import { expect, test } from 'vitest';
import { readMessage } from '../../src/decide/read-move.js';
import { ACTIONS, type Move } from '../../src/model/move.js';
import { answerSchema, type JsonSchema } from '../../src/model/move-schema.js';
import { strictSchema } from '../../src/runners/strict-schema.js';
import { obeying, schemaProblem } from '../fakes/agents/schemas.js';

const sent = (schema: JsonSchema) => ({ text: { format: { type: 'json_schema', name: 's', strict: true, schema } } });

test('strict mode takes the strict form, and not the plain one; a tool takes the plain one', () => {
  expect(schemaProblem(sent(strictSchema(answerSchema())))).toBeUndefined();
  expect(schemaProblem(sent(answerSchema()))).toMatch(/additionalProperties/);
  expect(schemaProblem({ tools: [{ name: 'StructuredOutput', input_schema: answerSchema() }] })).toBeUndefined();
});

/** One whole move of each kind; what is optional stands in some and not in others. */
const MOVES: readonly Move[] = [
  { action: 'noop' },
  { action: 'run_shell', cmd: 'ls', reason: 'look' },
  { action: 'write_goal', id: 'a', body: 'b' },
  { action: 'archive_goal', id: 'a' },
  { action: 'write_sensor', name: 'a', script: '#!/bin/sh\n' },
  { action: 'remove_sensor', name: 'a' },
  { action: 'write_playbook', body: 'b' },
  { action: 'start_worker', id: 'a', prompt: 'p', budget_usd: 0.5 },
  { action: 'kill_worker', id: 'a', reason: 'stuck' },
  { action: 'tell_worker', id: 'a', message: 'm' },
  { action: 'ask_human', prompt: 'p', options: ['x', 'y'], urgency: 'high' },
  { action: 'write_schedule', name: 'a', in_s: 60 },
  { action: 'drop_schedule', name: 'a' },
];

test('every kind of move has its form', () => {
  const { anyOf } = (
    answerSchema()['properties'] as { move: { anyOf: { properties: { action: { enum: string[] } } }[] } }
  ).move;
  expect(anyOf.map((form) => form.properties.action.enum[0])).toEqual(ACTIONS);
});

test.each(MOVES.map((move) => [move.action, move] as const))(
  '%s arrives as it was meant, in both forms',
  (_action, move) => {
    for (const schema of [answerSchema(), strictSchema(answerSchema())]) {
      const said = JSON.stringify(obeying(schema, { ...move, journal: 'done' }));
      expect(said).toContain('"move":{');
      expect(readMessage(said)).toEqual({ state: 'move', decided: { move, journal: 'done' } });
      expect(readMessage(`Here it is:\n${said}`)).toEqual({ state: 'move', decided: { move, journal: 'done' } });
    }
  },
);

test('it fits into one argument many times over', () => {
  expect(JSON.stringify(strictSchema(answerSchema())).length).toBeLessThan(16_384);
});
