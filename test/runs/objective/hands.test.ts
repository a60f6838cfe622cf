/** Objectives with real children: agents that work on nodes, and agent CLIs of ours that plan and audit. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localDay } from '../../../src/model/instant.js';
import type { LoopSpec } from '../../../src/model/loop.js';
import { performTarget } from '../../../src/runs/perform-target.js';
import { readSpend } from '../../../src/store/spend.js';
import {
  ACHIEVED,
  done,
  IDENTITY,
  isAudit,
  type ModelServer,
  modelServer,
  plan,
  type Setting,
  setting,
} from './setting.js';

let server: ModelServer;
let s: Setting;
beforeEach(async () => {
  server = await modelServer((asked) => ({
    json: isAudit(asked)
      ? ACHIEVED
      : plan({ key: 'one', objective: 'sweep\u0000 the attic' }, { key: 'two', dependsOn: ['one'] }),
  }));
  s = setting(server.url);
  mkdirSync(join(s.root, 'bin'));
  s.env['PATH'] = `${join(s.root, 'bin')}:/usr/bin:/bin`;
});
afterEach(() => {
  server.close();
  s.close();
});

function program(name: string, script: string): void {
  const path = join(s.root, 'bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
const text = (name: string): string => readFileSync(join(s.root, name), 'utf8');

test('an agent under a goal gets its part of it behind the prompt and in its variables, and its money is in the account [loops 157]', async () => {
  program(
    'claude',
    `cat >>"$HOME/prompts"; env | grep -E '^(TEND|LOOPS)_GOAL' >>"$HOME/vars"; printf '%s\\n' "$*" >>"$HOME/argv"
echo '{"type":"result","subtype":"success","is_error":false,"result":"swept","total_cost_usd":0.5,"usage":{"input_tokens":30,"output_tokens":4},"session_id":"x"}'`,
  );
  const spec = {
    id: '0123456789ab',
    name: 'nightly',
    goal: { objective: 'the house is clean' },
    target: { type: 'agent', provider: 'claude', prompt: 'Do your part.' },
  };
  const request = {
    target: spec.target as LoopSpec['target'],
    identity: IDENTITY,
    token: 'token-1',
    signal: new AbortController().signal,
  };
  const performed = await performTarget(s.deps(), spec as unknown as LoopSpec, request);
  expect(performed).toMatchObject({ status: 'succeeded', usage: { inputTokens: 60, outputTokens: 8, costUsd: 1 } });
  expect(text('prompts')).toMatch(/^Do your part\.[\s\S]*sweep the attic[\s\S]*Do your part\./);
  expect(text('vars')).toContain('LOOPS_GOAL_NODE_OBJECTIVE=sweep the attic');
  expect(text('vars')).toContain('TEND_GOAL_NODE_KEY=two');
  expect(text('argv')).not.toContain('attic');
  const settled = readSpend(s.disk, localDay(Date.now())).rows.filter((row) => row.kind === 'settle');
  expect(settled.map(({ runner, usd, loop }) => [runner, usd, loop])).toEqual([
    ['openrouter', 0.05, IDENTITY.loopId],
    ['claude', 0.5, IDENTITY.loopId],
    ['claude', 0.5, IDENTITY.loopId],
    ['openrouter', 0.05, IDENTITY.loopId],
  ]);
});

describe('an agent CLI as the model', () => {
  const answer = (json: unknown): string =>
    JSON.stringify({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: JSON.stringify(json),
      total_cost_usd: 0.01,
      usage: { input_tokens: 5, output_tokens: 6 },
    });

  test('plans and audits in the mode without means to act, needs no key, and counts', async () => {
    delete s.env['OPENROUTER_API_KEY'];
    writeFileSync(join(s.root, 'plan.json'), answer(plan({ key: 'only' })));
    writeFileSync(join(s.root, 'audit.json'), answer(ACHIEVED));
    program(
      'claude',
      `printf '%s\\n' "$*" >>"$HOME/argv"; in=$(cat); printf '%s\\n' "$in" >>"$HOME/prompts"; case "$in" in *"You audit"*) cat "$HOME/audit.json";; *) cat "$HOME/plan.json";; esac`,
    );
    const performed = await s.run({ model: 'runner:claude' });
    expect(performed).toMatchObject({ status: 'succeeded' });
    expect(server.asked).toEqual([]);
    expect(s.ran.map(({ goalNodeKey }) => goalNodeKey)).toEqual(['only']);
    expect(text('argv')).toMatch(/--tools Read,Grep,Glob/);
    expect(text('argv')).not.toMatch(/skip-permissions|clean/);
    expect(text('prompts')).toContain('the house is clean');
    expect(JSON.parse(performed.status === 'succeeded' ? performed.stdout : '{}')).toMatchObject({
      goal: { tokensUsed: 22 },
    });
  });

  test('that fails ends the run cleanly; one that nobody knows, or that calls no model, is told before anything runs', async () => {
    program('claude', 'echo "no login" >&2; exit 1');
    expect(await s.run({ model: 'runner:claude' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('"claude" failed'),
    });
    for (const name of ['nobody', 'embedded'])
      expect(await s.run({ model: `runner:${name}` })).toMatchObject({
        status: 'failed',
        error: expect.stringContaining(`"${name}"`),
      });
    expect(s.ran).toEqual([]);
  });

  test('of the config is its own command', async () => {
    writeFileSync(
      join(s.root, 'config.json'),
      JSON.stringify({
        runner: 'custom',
        tick_command:
          'cat {{prompt_file}} >>"$HOME/seen"; grep -q "You audit" {{prompt_file}} && cat "$HOME/audit.json" || cat "$HOME/plan.json"',
      }),
    );
    writeFileSync(join(s.root, 'plan.json'), JSON.stringify(plan({ key: 'only' })));
    writeFileSync(join(s.root, 'audit.json'), JSON.stringify(ACHIEVED));
    s.hands = () => done('printed by the node');
    expect(await s.run({ model: 'runner:custom' })).toMatchObject({ status: 'succeeded' });
    expect(text('seen')).toContain('printed by the node');
  });
});
