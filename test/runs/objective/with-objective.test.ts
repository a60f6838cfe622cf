import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Performed } from '../../../src/runs/performer.js';
import { readEvents } from '../../../src/store/objectives.js';
import { newestRuns } from '../../../src/store/runs.js';
import {
  ACHIEVED,
  type Asked,
  broke,
  done,
  IDENTITY,
  isAudit,
  KEY,
  type ModelServer,
  modelServer,
  notYet,
  plan,
  type Said,
  type Setting,
  setting,
} from './setting.js';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function given(say: (asked: Asked, n: number) => Said): Promise<{ s: Setting; server: ModelServer }> {
  const server = await modelServer(say);
  const s = setting(server.url);
  open.push(server, s);
  return { s, server };
}

const ends = (performed: Performed): Exclude<Performed, { status: 'parked' }> => {
  if (performed.status === 'parked') throw new Error('it is parked');
  return performed;
};
const goalOf = (performed: Performed) =>
  (
    JSON.parse(ends(performed).stdout) as {
      goal: { goalId: string; status: string; tokensUsed: number; previousGoalId?: string };
    }
  ).goal;
const keys = (s: Setting): (string | undefined)[] => s.ran.map((identity) => identity.goalNodeKey);
const phases = (s: Setting, id: string): string[] => readEvents(s.disk, id).rows.map((event) => event.phase);

/** Two nodes of which the second waits for the first, and an audit that says yes. */
const chain = (asked: Asked): Said => ({
  json: isAudit(asked) ? ACHIEVED : plan({ key: 'b', dependsOn: ['a'] }, { key: 'a' }),
});

describe('an objective', () => {
  test('of two dependent nodes runs them in order, is audited, and ends complete [loops 151]', async () => {
    const { s, server } = await given(chain);
    s.hands = (identity) => done(`out of ${identity.goalNodeKey}`);
    const performed = ends(await s.run());
    expect(performed).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(keys(s)).toEqual(['a', 'b']);
    const goal = goalOf(performed);
    expect(goal).toMatchObject({ status: 'complete', tokensUsed: 20 });
    expect(performed.goalRunId).toBe(goal.goalId);
    expect(phases(s, goal.goalId)).toEqual(['plan', 'execute', 'execute', 'validate', 'status']);
    expect(JSON.parse(performed.stdout)).toMatchObject({
      rollup: { total: 2, complete: 2, pending: 0 },
      nodes: [
        { key: 'b', status: 'complete' },
        { key: 'a', status: 'complete' },
      ],
      evidence: { a: { stdout: 'out of a' }, b: { stdout: 'out of b' } },
      validation: { achieved: true },
    });
    expect(server.asked.map(({ body }) => [body.model, body.temperature, body.response_format?.type])).toEqual([
      ['openai/gpt-4o-mini', 0, 'json_schema'],
      ['openai/gpt-4o-mini', 0, 'json_schema'],
    ]);
    expect(newestRuns(s.disk, 5)).toMatchObject([
      { id: goal.goalId, kind: 'objective', ok: true, status: 'complete', loop: IDENTITY.loopId },
    ]);
  });
});
