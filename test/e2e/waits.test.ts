import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type House, openHouse, until } from './house.js';

// Where a machine mostly waits for deadlines and stale times: these run side by side, each in a house of its own.

test.concurrent('a look that the decider asked for is had in the next life, also when a rule acts before it is due', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  house.env['TEND_INTERVAL'] = '600';
  await house.init();
  await house.must(['sensor', 'write', 'flag', '-'], { input: '#!/bin/bash\nls reports | wc -l\n' });
  const rule =
    '---\nrules:\n  - when: sensors.flag > 0\n    move: { action: noop, reason: the flag is up }\n---\nWatch.\n';
  await house.must(['goal', 'write', 'flag', '-'], { input: rule });
  house.next({ action: 'noop', reason: 'soon', next_interval_s: 5 });
  const pid = await house.up();
  await until('it has decided', () => house.text('pulse/memory.json').includes('due_ts'));
  await house.kill(pid);
  const { nextWake } = JSON.parse(house.text('pulse/memory.json')) as { nextWake: { due_ts: number } };
  house.write('reports/flag', '');
  await house.up();
  await until('the rule has acted', () => house.journal().some((line) => line.includes('the flag is up')));
  await until('the model is asked again', () => house.calls() === 2);
  expect(house.lastPrompt()).toContain('the time that the last decision named has come');
  expect(Date.now() / 1000).toBeGreaterThanOrEqual(nextWake.due_ts);
});

test.concurrent('a worker that ignores HUP and TERM, with a child in a session of its own, is dead after a kill, all of it', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  const stubborn = "trap '' HUP TERM INT; echo $$ >>reports/pids; while :; do sleep 1; done";
  house.next({
    action: 'start_worker',
    id: 'w',
    prompt: `#!script\nsetsid bash -c "${stubborn.replace('$$', '\\$\\$')}" </dev/null >/dev/null 2>&1 &\n${stubborn}`,
  });
  await house.up();
  const pids = await until('both run', () => {
    const lines = house.text('reports/pids').trim().split('\n');
    return lines.length === 2 && lines.map(Number);
  });
  expect(pids.every((pid) => house.inhabitants().includes(pid))).toBe(true);
  expect(await house.tend(['kill', 'w'])).toMatchObject({ code: 0 });
  expect(house.inhabitants().filter((pid) => pids.includes(pid))).toEqual([]);
  expect(await house.json(['worker', 'list', '--all', '--json'])).toMatchObject([{ id: 'w', state: 'killed' }]);
});

test.concurrent('a verify that never ends is ended at its deadline with what it started, and counts as failed', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  house.env['TEND_VERIFY_TIMEOUT_SECS'] = '1';
  await house.init();
  const verify = `trap '' TERM; echo checking; setsid bash -c 'echo $$ >>reports/pids; exec sleep 600' & echo $$ >>reports/pids; wait; sleep 600`;
  house.next({ action: 'start_worker', id: 'w', prompt: '#!script\nexit 0', verify });
  await house.up();
  // A check that writes files is not harmless by itself: the gate asks for it.
  const approval = await until('its verify is asked', async () =>
    (await house.asks()).find((one) => one.id.startsWith('gate-')),
  );
  expect(approval.prompt).toContain('its verify is not harmless');
  await house.must(['answer', approval.id, 'yes']);
  const view = await until('it is judged', async () => {
    const [one] = await house.json<{ state: string; verify: string | null }[]>(['worker', 'list', '--all', '--json']);
    return one?.verify ? one : undefined;
  });
  expect(view).toMatchObject({ state: 'exited', verify: 'fail' });
  const pids = house.text('reports/pids').trim().split('\n').map(Number);
  expect(pids).toHaveLength(2);
  expect(house.inhabitants().filter((pid) => pids.includes(pid))).toEqual([]);
  expect(house.text('workers/w/verdict.json')).toContain('no end after 1 s');
  expect(house.text('workers/w/verdict.json')).toContain('checking');
  await until('the decider sees the verdict', () => /"verify": "fail"/.test(house.lastPrompt()));
});

test.concurrent('an unchanged world costs nothing: over many looks no model is called and no file changes', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  await house.up();
  await until('it has decided', () => house.calls() >= 1);
  await until('it rests', async () => {
    const [first, calls] = [snapshot(house.root), house.calls()];
    await looks(house, 2);
    return first === snapshot(house.root) && calls === house.calls();
  });
  const [files, calls] = [snapshot(house.root), house.calls()];
  await looks(house, 3);
  expect(snapshot(house.root)).toBe(files);
  expect(house.calls()).toBe(calls);
});

/** Waits until the pulse has looked `count` times more. */
async function looks(house: House, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const at = await due(house);
    await until('the next look', async () => (await due(house)) !== at);
  }
}

async function due(house: House): Promise<number | null | undefined> {
  const { controllers } = await house.json<{ controllers: { controller: string; next_ts: number | null }[] }>([
    'status',
    '--json',
  ]);
  return controllers.find((one) => one.controller === 'pulse')?.next_ts;
}

/** Every file of the data dir with its content and its times. The pulse's sign of life is a time without content. */
function snapshot(root: string): string {
  return (readdirSync(root, { recursive: true }) as string[])
    .sort()
    .map((name) => {
      const stat = statSync(join(root, name), { throwIfNoEntry: false });
      // A file under way to its name: the beat is not over, so this is no picture of a world at rest.
      if (!stat) return `${name} went while we looked`;
      const times = name.startsWith('locks/') ? '' : `${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
      return `${name} ${times} ${stat.isFile() ? readFileSync(join(root, name), 'utf8') : ''}`;
    })
    .join('\n');
}
