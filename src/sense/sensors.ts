/**
 * All user sensors of one beat: `sensors/*.sh`, concurrently up to a cap, each reading kept in its snapshot. One that hangs,
 * crashes or cannot be run costs its own reading alone. A snapshot that cannot be written costs a problem in words, not the
 * reading: the world is made of what was sensed, the snapshots are for those who look later.
 */
import { markSweep, type Sweep } from '../host/sweep.js';
import type { Json } from '../lib/json.js';
import { messageOf } from '../model/error.js';
import { idProblem } from '../model/id.js';
import type { Instant } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { Fact } from '../model/world.js';
import type { Disk } from '../store/disk.js';
import { sensorKey, sensorNames } from '../store/policy.js';
import { readSnapshot, saveSnapshot, stampSnapshot } from '../store/snapshots.js';
import { factOf, failedReading, parseReading } from './reading.js';
import { runSensor } from './run-sensor.js';
import { readScript, type SensorScript } from './sensor-script.js';

export interface SensorsDeps {
  disk: Disk;
  knobs: Pick<Knobs, 'sensorJobs' | 'sensorTimeoutS' | 'sensorMaxBytes'>;
  /** The complete environment of a sensor, with a mark of its own. */
  sensorEnv(name: string): Record<string, string>;
  signal?: AbortSignal;
}

export interface SensorsResult {
  /** One fact per sensor, sorted by name, and `sys-sensors` when some files cannot be sensors. */
  facts: Fact[];
  /** Snapshots that could not be written, with the reason. */
  problems: string[];
}

/** Runs what is due and reads the rest from its snapshots. Throws only when `sensors/` itself cannot be listed. */
export async function runSensors(deps: SensorsDeps, now: Instant): Promise<SensorsResult> {
  const stems = sensorNames(deps.disk);
  const usable = stems.filter((stem) => idProblem(stem) === undefined);
  const run = usable.slice(0, LIMITS.sensorsMax);
  const problems: string[] = [];
  const sweep = markSweep();
  const beat = { ...deps, now, sweep, problems };
  const facts = await mapPool(run, deps.knobs.sensorJobs, (stem) => sensorFact(beat, stem));
  await sweep.done();
  const left = leftOut(
    stems.filter((stem) => idProblem(stem) !== undefined),
    usable.slice(LIMITS.sensorsMax),
  );
  return { facts: [...facts, ...left], problems };
}

/** What the sensors of one beat share. */
interface Beat extends SensorsDeps {
  now: Instant;
  sweep: Sweep;
  problems: string[];
}

async function sensorFact(deps: Beat, stem: string): Promise<Fact> {
  const name = `sensor-${stem}`;
  try {
    const script = readScript(deps.disk, sensorKey(stem));
    const fresh = freshReading(deps.disk, name, script, deps.now);
    const reading = fresh ?? (await taken(deps, name, script));
    // Aborted: nothing was learned, so nothing is kept; the caller throws the whole world away.
    if (fresh === undefined && reading !== undefined) keep(deps, { name, reading, script });
    return factOf(name, reading ?? null, script.headers.keepsApprovals);
  } catch (error) {
    return factOf(name, failedReading(70, `the sensor could not be run: ${messageOf(error)}`, ''));
  }
}

/** The last reading while it is younger than the interval and the script has not changed since. */
function freshReading(disk: Disk, name: string, script: SensorScript, now: Instant): Json | undefined {
  if (script.headers.intervalS === 0) return undefined;
  const last = readSnapshot(disk, name);
  if (last.state !== 'present') return undefined;
  // A script from the future, by a clock that was set back since, says nothing about when it was edited.
  if (script.mtimeMs > last.mtimeMs && script.mtimeMs <= now) return undefined;
  if (now - last.mtimeMs >= script.headers.intervalS * 1000) return undefined;
  const parsed = parseReading(last.text);
  if (parsed.problem !== undefined) return undefined;
  // A clock that was set back leaves stamps in the future: fresh, but its age counts from now on, or it would never run again.
  if (last.mtimeMs > now) stampSnapshot(disk, name, now);
  return parsed.value;
}

/** Undefined when it was aborted. */
async function taken(deps: Beat, name: string, script: SensorScript): Promise<Json | undefined> {
  const run = await runSensor(script, {
    cwd: deps.disk.root,
    knobs: deps.knobs,
    sweep: deps.sweep,
    env: deps.sensorEnv(name),
    ...(deps.signal ? { signal: deps.signal } : {}),
  });
  return run.aborted || deps.signal?.aborted ? undefined : run.reading;
}

/**
 * The stamp is the beginning of the beat, not the time of the write: a script that was edited while it ran is newer than its
 * reading and runs again.
 */
function keep({ disk, now, problems }: Beat, what: { name: string; reading: Json; script: SensorScript }): void {
  try {
    saveSnapshot(disk, what.name, what.reading);
    if (what.script.headers.intervalS > 0) stampSnapshot(disk, what.name, now);
  } catch (error) {
    problems.push(`${what.name}: its reading cannot be kept: ${messageOf(error)}`);
  }
}

/** Files in `sensors/` that are not run stay visible. */
function leftOut(badNames: readonly string[], beyond: readonly string[]): Fact[] {
  if (badNames.length === 0 && beyond.length === 0) return [];
  const shown = badNames.slice(0, 20).map((stem) => `${stem}.sh`);
  return [
    {
      name: 'sys-sensors',
      signal: { not_run: badNames.length + beyond.length },
      detail: {
        ...(shown.length > 0
          ? { bad_names: shown, message: 'a sensor is named by letters, digits, ".", "_", "-"' }
          : {}),
        ...(beyond.length > 0 ? { beyond_limit: beyond.length, limit: LIMITS.sensorsMax } : {}),
      },
      failed: true,
    },
  ];
}

/** At most `size` at once; the results keep the order. `work` must not throw. */
async function mapPool<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, lane));
  return results;
}
