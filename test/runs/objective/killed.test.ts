/** The built program, killed in the middle of a node: the next look takes the attempt up, and what was complete stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProfile, until } from '../../contract/tend-process.js';
import { ACHIEVED, isAudit, KEY, modelServer, plan } from './setting.js';

test('a process that is killed between two nodes: the retry asks for no second plan and repeats no node that is complete [loops 158]', async () => {
  const server = await modelServer((asked) => ({
    json: isAudit(asked) ? ACHIEVED : plan({ key: 'one' }, { key: 'two', dependsOn: ['one'] }),
  }));
  const p = makeProfile();
  try {
    Object.assign(p.env, { OPENROUTER_API_KEY: KEY, TEND_GOAL_BASE_URL: server.url });
    const log = join(p.root, 'ran');
    const go = join(p.root, 'go');
    // The first time the second node waits for the test, and ends with its data dir.
    const wait = `while [ ! -e ${go} ] && [ -d ${p.root} ]; do sleep 0.05; done`;
    const cmd = `echo $TEND_GOAL_NODE_KEY >>${log}; if [ $TEND_GOAL_NODE_KEY$TEND_ATTEMPT = two1 ]; then ${wait}; fi`;
    const once = ['--at', '2026-01-01T00:00:00Z', '--attempts', '2', '--retry-delay', '1ms'];
    await p.json(['loops', 'create', 'command', 'l', '--cmd', cmd, ...once, '--goal', 'all of it', '--json']);
    const first = p.start(['loops', 'tick']);
    const ran = (): string[] => {
      try {
        return readFileSync(log, 'utf8').trim().split('\n');
      } catch {
        // Nothing has run yet.
        return [];
      }
    };
    await until('the second node', () => ran().length === 2);
    first.child.kill('SIGKILL');
    await first.ended;
    writeFileSync(go, '');
    const goal = await until('the retry', async () => {
      await p.tend(['loops', 'tick']);
      const view = await p.json<{ goal: { status: string } }>(['loops', 'goal', 'show', 'l', '--json']);
      return view.goal.status === 'complete' && view;
    });
    expect(goal.goal.status).toBe('complete');
    expect(ran()).toEqual(['one', 'two', 'two']);
    expect(server.asked.map((asked) => (isAudit(asked) ? 'audit' : 'plan'))).toEqual(['plan', 'audit']);
    const runs = await p.json<{ status: string; attempt: number }[]>(['loops', 'runs', 'l', '--json']);
    expect(runs).toMatchObject([{ status: 'succeeded', attempt: 2 }]);
  } finally {
    server.close();
    p.remove();
  }
});
