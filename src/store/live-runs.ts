/**
 * What is under way by the markers in `live/`, as rows of the ledger. A marker comes before its claim and goes after its row, so
 * everything that is not in a segment yet is here, and nothing else has to be looked through.
 */
import { type Instant, unixSeconds } from '../model/instant.js';
import { attemptResultSchema, claimSchema, loopRunId, slotTime } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import type { RunRow } from '../model/run.js';
import { readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** Newest first. Throws when `live/` cannot be listed. */
export function liveRuns(disk: Disk): RunRow[] {
  const listed = disk.list('live');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list what is under way ("live")', { key: 'live', reason: listed.reason });
  return listed.names.flatMap((name) => liveAttempt(disk, name) ?? []).sort((a, b) => b.ts - a.ts);
}

/** `<loop id>.<slot key>.a01`; a marker without a claim is no run yet, and what was settled has its row in a segment. */
function liveAttempt(disk: Disk, marker: string): RunRow | undefined {
  const [, loop, key, attempt] = /^([0-9a-f]{12})\.([0-9TZ]+)\.a(\d{2,})$/.exec(marker) ?? [];
  const slot = key === undefined ? undefined : slotTime(key);
  if (loop === undefined || slot === undefined) return undefined;
  const file = `schedules/${loop}/slots/${key}/a${attempt}`;
  const claim = readJson(disk, `${file}.claim`, claimSchema);
  if (claim.state === 'absent') return undefined;
  const result = readJson(disk, `${file}.result`, attemptResultSchema);
  const name = loopName(disk, loop);
  const began = claim.state === 'present' ? Date.parse(claim.value.createdAt) : slot;
  const status = result.state === 'present' ? result.value.status : 'running';
  return {
    format: FORMAT,
    id: loopRunId(loop, slot),
    kind: 'loop',
    ts: unixSeconds(began as Instant),
    duration_ms: result.state === 'present' ? (result.value.durationMs ?? 0) : 0,
    ok: status === 'succeeded',
    summary: status === 'running' ? 'under way' : status,
    loop,
    ...(name === undefined ? {} : { loop_name: name }),
    slot: new Date(slot).toISOString(),
    attempt: Number(attempt),
    status,
    ...(claim.state === 'present' ? { source: claim.value.source } : { error: 'corrupt claim' }),
  };
}

/** A spec that cannot be read has no name; the run has one all the same. */
function loopName(disk: Disk, loop: string): string | undefined {
  const read = disk.read(`schedules/${loop}/spec.json`);
  if (read.state !== 'present') return undefined;
  try {
    const { name } = JSON.parse(read.text) as { name?: unknown };
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
