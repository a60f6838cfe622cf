/** Each life of a worker, and each verify, is one row of the ledger: wherever the controller dies, beside another one, and whoever ended it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fleetController } from '../../../src/controllers/fleet/controller.js';
import { now, sleep } from '../../../src/host/clock.js';
import { signalProcess } from '../../../src/host/kill.js';
import { prettyJson } from '../../../src/lib/json.js';
import { localDay, unixSeconds } from '../../../src/model/instant.js';
import type { RunRow } from '../../../src/model/run.js';
import type { WorkerSpec } from '../../../src/model/worker.js';
import { stopWorkers } from '../../../src/ops/stop-workers.js';
import { runSpends } from '../../../src/policy/budget.js';
import type { Disk } from '../../../src/store/disk.js';
import { findRuns } from '../../../src/store/run-index.js';
import { readSpend } from '../../../src/store/spend.js';
import { mortal } from '../../runs/loop-rig.js';
import { ended, makeRig, PROGRAM, type Rig, supervisors } from './rig.js';

let rig: Rig;
afterEach(async () => rig?.close());

const G = 'abcdef0123456789';
/** Every whole line about workers, as it stands there: nothing is folded. */
function rows(): RunRow[] {
  const listed = rig.disk.list('runs');
  return (listed.state === 'present' ? listed.names : [])
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => {
      const read = rig.disk.read(`runs/${name}`);
      return (read.state === 'present' ? read.text.split('\n') : []).filter((line) => line.endsWith('}'));
    })
    .map((line) => JSON.parse(line) as RunRow);
}
const ids = () => rows().map(({ id }) => id);
const found = (filter = {}) => findRuns(rig.disk, filter, { limit: 50, now: now() }).rows;

/** A worker that ended a moment ago, without anybody who looked. */
function hasEnded(id: string, spec: Partial<WorkerSpec> = {}): void {
  const at = unixSeconds(now());
  const wanted = { format: 1, id, generation: G, desired: 'running', ts: at - 9, ...spec };
  const about = { socket: '/nowhere', nonce: 'n', supervisor_pid: 1 };
  const seen = { id, child_pid: null, columns: 80, rows: 24, started_ts: at - 9, ended_ts: at, runner: 'codex' };
  rig.disk.replace(`workers/${id}/spec.json`, prettyJson(wanted));
  rig.disk.replace(`workers/${id}/gen-${G}.claim`, prettyJson({ format: 1, generation: G, ts: at - 9, ...about }));
  rig.disk.replace(
    `workers/${id}/status.json`,
    prettyJson({ format: 1, generation: G, state: 'exited', exit_code: 0, ...about, ...seen }),
  );
}

const controllerOver = (disk: Disk) => {
  const profile = { dataDir: rig.dir, configPath: join(rig.dir, 'config.json'), isDefault: false };
  return fleetController({ disk, profile, env: rig.env, bin: rig.bin, program: PROGRAM });
};

/** Looks at `w` until nothing is to be done now; a throw is the process's death. */
async function lookAfter(disk: Disk): Promise<'died' | 'done'> {
  const controller = controllerOver(disk);
  try {
    for (;;) {
      const at = now();
      const outcome = await controller.reconcile('w', at);
      if (outcome.state === 'settled' || (outcome.state === 'later' && outcome.at > at + 60_000)) return 'done';
      await sleep(20);
    }
  } catch {
    return 'died';
  }
}

test("killed after each durable step of a worker's end and its verify: one row of each, and its money once", async () => {
  rig = makeRig('', { pulse: false });
  hasEnded('w', { verify: 'echo no; exit 4' });
  const usage = { format: 1, generation: G, hours: 1, usd: 0.5, tokens: 30, input_tokens: 20, output_tokens: 10 };
  const start = () => {
    rig.disk.removeTree('workers');
    rig.disk.removeTree('runs');
    rig.disk.remove(`spend-${localDay(now())}.ndjson`);
    hasEnded('w', { verify: 'echo no; exit 4' });
    rig.disk.replace('workers/w/usage.json', prettyJson(usage));
  };
  start();
  const whole = mortal(rig.disk, 0);
  expect(await lookAfter(whole)).toBe('done');
  // Its settlement, its row and the mark, the verdict, its row and the mark.
  expect(whole.steps.map((key) => /spend|ndjson|worker-row|verify-row|verdict/.exec(key)?.[0])).toEqual([
    'spend',
    'ndjson',
    'worker-row',
    'verdict',
    'ndjson',
    'verify-row',
  ]);
  for (let at = 1; at <= whole.steps.length; at++) {
    start();
    expect(await lookAfter(mortal(rig.disk, at)), `a death after step ${at}`).toBe('died');
    expect(await lookAfter(rig.disk)).toBe('done');
    expect(rows(), `after a death at step ${at}`).toMatchObject([
      { id: `worker-${G}`, kind: 'worker', status: 'succeeded', usd: 0.5, input_tokens: 20, output_tokens: 10 },
      { id: `verify-${G}`, kind: 'verify', status: 'failed', exit_code: 4, error: 'exit code 4: no' },
    ]);
    const spent = runSpends(readSpend(rig.disk, localDay(now())).rows);
    expect(spent).toMatchObject([{ run: `worker-${G}`, usd: 0.5, tokens: 30, open: false }]);
  }
});

test('two controllers over one data dir write each row once', async () => {
  rig = makeRig('', { pulse: false });
  hasEnded('w', { verify: 'true' });
  expect(await Promise.all([lookAfter(rig.disk), lookAfter(rig.disk)])).toEqual(['done', 'done']);
  expect(ids()).toEqual([`worker-${G}`, `verify-${G}`]);
});

test('a worker is under way, then one row with its verify; ended without a pulse it is shown, and told by the next', async () => {
  rig = makeRig('until [ -e "$TEND_DATA_DIR/go" ]; do sleep 0.1; done; exit 3');
  rig.disk.replace('goals/w.md', 'Do it.\n');
  await rig.start({ id: 'w', verify: 'test -e go' });
  await rig.until('it runs', () => rig.status('w')?.state === 'running');
  const generation = rig.generation('w');
  expect(found({ goal: 'w' })).toMatchObject([{ id: `worker-${generation}`, status: 'running', kind: 'worker' }]);
  expect(rows()).toEqual([]);
  await rig.endPulse();
  writeFileSync(join(rig.dir, 'go'), '');
  await rig.until('its end', () => ended(rig, 'w'));
  expect(rows()).toEqual([]);
  expect(found({ kind: 'worker' })).toMatchObject([{ id: `worker-${generation}`, status: 'failed', exit_code: 3 }]);
  rig.beginPulse();
  await rig.until('both rows', () => rows().length >= 2);
  expect(rows()).toMatchObject([
    { id: `worker-${generation}`, goal: 'w', worker: 'w', status: 'failed', exit_code: 3 },
    { id: `verify-${generation}`, goal: 'w', worker: 'w', status: 'succeeded', exit_code: 0 },
  ]);
  expect(found({ goal: 'w' }).map(({ kind }) => kind)).toEqual(['verify', 'worker']);
  expect(rig.thrown).toEqual([]);
});

test('started anew while no pulse looked, over one whose supervisor died: a row for each life, and none for the living', async () => {
  rig = makeRig('exec sleep 1000');
  await rig.start({ id: 'w' });
  await rig.until('it runs', () => rig.status('w')?.state === 'running');
  const first = rig.generation('w');
  await rig.endPulse();
  for (const pid of supervisors(rig, 'w')) signalProcess(pid, 'SIGKILL');
  await rig.until('nobody lives', async () => (await rig.view('w'))?.alive === false);
  await rig.start({ id: 'w' });
  const second = rig.generation('w');
  expect(rows()).toMatchObject([
    { id: `worker-${first}`, status: 'failed', error: 'its supervisor died (crash or reboot)' },
  ]);
  rig.beginPulse();
  await rig.until(
    'the second runs',
    () => rig.status('w')?.generation === second && rig.status('w')?.state === 'running',
  );
  expect(ids()).toEqual([`worker-${first}`]);
  await rig.endPulse();
  // As `tend down` does it.
  expect(await stopWorkers(rig.disk, now())).toEqual({ stopped: ['w'], problems: [] });
  expect(rows()).toMatchObject([{ id: `worker-${first}` }, { id: `worker-${second}`, status: 'killed' }]);
  expect(await lookAfter(rig.disk)).toBe('done');
  expect(ids()).toEqual([`worker-${first}`, `worker-${second}`]);
});
