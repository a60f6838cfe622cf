import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { AgentTarget } from '../../src/model/loop.js';
import { settleIn } from '../fakes/agents/homes.js';
import { type FakeModel, startFakeModel } from '../fakes/agents/model.js';
import { newUser, type User } from '../runs/user.js';
import { binOf, forEachAgent } from './house.js';

// What a loop's or a workflow's agent is called with is taken by the real CLI, its prompt arrives, and its stream is understood.
forEachAgent((agent, test) => {
  let user: User;
  let model: FakeModel;
  beforeEach(async () => {
    user = newUser();
    model = await startFakeModel();
    Object.assign(user.env, settleIn(agent, user.home, model.url));
    user.env['PATH'] = `${binOf(agent)}:/usr/local/bin:/usr/bin:/bin`;
    mkdirSync(join(user.home, 'work'));
    execFileSync('git', ['init', '-q', join(user.home, 'work')]);
  });
  afterEach(async () => {
    user.leave();
    await model.close();
  });

  const target = (more: Partial<AgentTarget> = {}): AgentTarget => ({
    type: 'agent',
    provider: agent as AgentTarget['provider'],
    prompt: 'You are worker `target`. Say hello.',
    cwd: '~/work',
    ...more,
  });

  test.skipIf(agent === 'pi')('a target of it succeeds, with its usage and session', async () => {
    model.work('target', { text: 'Hello from the model.', usage: { input: 1_000, output: 50 } });
    const ran = await user.run(target());
    expect(ran, ran.stderr).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(ran.stdout).toContain('Hello from the model.');
    expect(ran.usage).toMatchObject({ outputTokens: 50, sessionId: expect.any(String) });
    expect(user.left()).toEqual([]);
    if (agent !== 'codex') return;
    // The form that this version takes is known from now on.
    expect(readFileSync(join(user.root, 'cache/adapters.json'), 'utf8')).toContain(' ');
    const starts: number[] = [];
    await user.run(target(), { onChild: ({ pid }) => starts.push(pid) });
    expect(starts).toHaveLength(1);
  });

  test.skipIf(agent === 'pi')('a provider that refuses the call makes a failed attempt', async () => {
    // What no CLI tries again.
    model.always({ status: 400 });
    const ran = await user.run(target());
    expect(ran).toMatchObject({ status: 'failed', error: expect.any(String) });
  });
});
