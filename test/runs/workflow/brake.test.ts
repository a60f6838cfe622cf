/** What holds a step back before it starts: no room on the disk, no money of the day. The run waits and goes on by itself. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureBudgetAsk } from '../../../src/decide/budget-ask.js';
import { localDay } from '../../../src/model/instant.js';
import { driveRun } from '../../../src/runs/workflow/run-workflow.js';
import { idsIn } from '../../../src/store/asks.js';
import { raiseSpend } from '../../../src/store/spend.js';
import { openRig, type Rig, step, until } from './rig.js';

let rig: Rig;
let mounted: string | undefined;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => {
  if (mounted) execFileSync('umount', ['-l', mounted]);
  mounted = undefined;
  rig.close();
});

const asks = () => idsIn(rig.disk, 'asks').filter((id) => rig.disk.stat(`answers/${id}.md`).state === 'absent');
/** The pulse, as far as a driver knows it. */
function pulse(env: Record<string, string> = {}) {
  return {
    ...rig.deps,
    env: { ...rig.deps.env, PATH: '/usr/bin:/bin', ...env },
    askForMoney: ({ verdict, spend }: Parameters<NonNullable<Rig['deps']['askForMoney']>>[0]) =>
      ensureBudgetAsk(rig.disk, verdict, spend, Date.now()),
  };
}
const agent = (id: string, fields: object = {}) => ({
  id,
  target: { type: 'agent', provider: 'claude', prompt: id },
  ...fields,
});
/** An agent that notes its prompt and says nothing of its cost. */
function installAgent(): void {
  const bin = join(rig.base, 'home/.local/bin');
  mkdirSync(bin, { recursive: true });
  const said = '{"type":"result","subtype":"success","is_error":false,"result":"done"}';
  writeFileSync(join(bin, 'claude'), `#!/bin/sh\n(cat; echo) >> ${rig.work}/notes\necho '${said}'\n`);
  chmodSync(join(bin, 'claude'), 0o755);
}

test('at the limit of the day no further agent of a run starts, commands do; one ask, and it goes on when the human has raised it', async () => {
  installAgent();
  const steps = [agent('one'), agent('two', { dependsOn: ['one'] }), step('command', 'true', { dependsOn: ['one'] })];
  const run = rig.begin(await rig.workflow(steps, { maxParallel: 2 }));
  // An agent that does not tell its cost counts as 0.05.
  const deps = pulse({ TEND_MAX_DAILY_USD: '0.08' });
  const driven = driveRun(deps, { run, kind: 'attempt', signal: new AbortController().signal });
  await until(() => asks().length > 0 && rig.notes().includes('command'));
  await until(() => rig.statuses(run.id)[2] === 'succeeded');
  expect(rig.statuses(run.id)).toEqual(['succeeded', 'pending', 'succeeded']);
  expect(asks()).toEqual(['budget-1']);
  raiseSpend(rig.disk, { day: localDay(Date.now()), ask: 'budget-1', usd: 1, tokens: 0 }, Date.now());
  expect(await driven).toMatchObject({ state: 'ended', end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['one', 'command', 'two']);
  expect(idsIn(rig.disk, 'asks')).toEqual(['budget-1']);
});

test('by hand an agent beyond the limit of the day is refused in words, commands run; told to pass it, all run', async () => {
  installAgent();
  const steps = [step('command'), agent('one', { dependsOn: ['command'] }), agent('two', { dependsOn: ['one'] })];
  const workflow = await rig.workflow(steps);
  const { askForMoney: _none, ...deps } = pulse({ TEND_MAX_DAILY_USD: '0.08' });
  const drive = (run: ReturnType<Rig['begin']>, more = {}) =>
    driveRun({ ...deps, ...more }, { run, kind: 'hand', signal: new AbortController().signal });
  expect(await drive(rig.begin(workflow))).toMatchObject({
    state: 'ended',
    end: { status: 'failed', error: expect.stringMatching(/step two failed: .*budget of the day.*tend spend/) },
  });
  expect(rig.notes()).toEqual(['command', 'one']);
  expect(asks()).toEqual([]);
  expect(await drive(rig.begin(workflow), { mayOverspend: true })).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['command', 'one', 'command', 'one', 'two']);
});

test('a run that waits for money ends at once when it is told to', async () => {
  const run = rig.begin(await rig.workflow([agent('one')]));
  const stop = new AbortController();
  const driven = driveRun(pulse({ TEND_MAX_DAILY_USD: '0.01' }), { run, kind: 'attempt', signal: stop.signal });
  await until(() => asks().length > 0);
  stop.abort();
  expect(await driven).toMatchObject({ state: 'ended', end: { status: 'cancelled' } });
  expect(rig.statuses(run.id)).toEqual(['cancelled']);
});

test('with less than 4 MiB free no step starts: one ask, which goes when there is room, and so does the run', async ({
  skip,
}) => {
  const root = join(rig.base, 'data');
  mkdirSync(root, { mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', root], { stdio: 'ignore' });
  } catch {
    return skip('a small tmpfs cannot be mounted here: a full disk is not tested');
  }
  mounted = root;
  const filler = join(root, 'filler');
  const workflow = await rig.workflow([
    step('one', `head -c 5000000 /dev/zero > ${filler}`),
    step('two', 'true', { dependsOn: ['one'] }),
  ]);
  const run = rig.begin(workflow);
  const driven = driveRun(pulse(), { run, kind: 'pulse', signal: new AbortController().signal });
  await until(() => asks().length > 0);
  expect(rig.statuses(run.id)).toEqual(['succeeded', 'pending']);
  rmSync(filler);
  expect(await driven).toMatchObject({ state: 'ended', end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['one', 'two']);
  expect(asks()).toEqual([]);
});
