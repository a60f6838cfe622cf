import { now } from '../../host/clock.js';
import { selfIdentity } from '../../host/process-identity.js';
import { prettyJson } from '../../lib/json.js';
import { localDay } from '../../model/instant.js';
import { pulseLife } from '../../ops/pulse-life.js';
import { runCounts } from '../../store/day-index.js';
import type { Disk } from '../../store/disk.js';
import { readHolder } from '../../store/holder.js';
import { liveRuns } from '../../store/live-runs.js';
import { lockLook } from '../../store/lock.js';
import { readLoops } from '../../store/loops.js';
import { eventDays, eventsKey } from '../pulse-events.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'daemon', 'status'],
  group: 'loops',
  about: 'Say as JSON whether the pulse runs, and how many loops and runs there are',
  details:
    '"stale": somebody held the lock and is dead. Runs are those of every kind in the ledger, attempts of loops among them; "tend status" says why anything is not moving.',
  flags: { json: { type: 'boolean', alias: 'j', about: 'the same' } },
  exitStyle: 'loops',
  examples: [{ line: 'tend loops daemon status', about: 'running, and pid' }],
  async run(_input, { disk }) {
    const life = await pulseLife(disk);
    const holder = readHolder(disk);
    const lease =
      life.alive && holder.state === 'present'
        ? {
            epoch: holder.value.epoch,
            pid: holder.value.pid,
            startedAt: new Date(holder.value.started_ts * 1_000).toISOString(),
          }
        : undefined;
    const json = {
      running: life.alive,
      stale: !life.alive && lockLook(disk, 'pulse').state === 'held',
      ...(life.alive && life.pid !== null ? { pid: life.pid } : {}),
      ...(lease ? { lease } : {}),
      host: selfIdentity().host,
      loops: loopCounts(disk),
      runs: runTotals(disk),
      logPath: disk.path(eventsKey(eventDays(disk)[0] ?? localDay(now()))),
    };
    return { text: prettyJson(json), json };
  },
};

function loopCounts(disk: Disk): Record<string, number> {
  const counts: Record<string, number> = { total: 0, active: 0, paused: 0, stopped: 0, expired: 0 };
  for (const entry of readLoops(disk)) {
    const status = entry.state === 'ok' ? entry.loopState.status : 'invalid';
    counts[status] = (counts[status] ?? 0) + 1;
    counts['total']! += 1;
  }
  return counts;
}

function runTotals(disk: Disk): Record<string, number> {
  const { rows, by_status: by } = runCounts(disk, localDay(now()));
  const running = liveRuns(disk).filter(({ status }) => status === 'running').length;
  const of = (status: string): number => by[status] ?? 0;
  return {
    total: rows + running,
    running,
    failed: of('failed') + of('timed_out'),
    succeeded: of('succeeded'),
    abandoned: of('abandoned'),
  };
}
