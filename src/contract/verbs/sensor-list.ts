import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { type Memory, memorySchema } from '../../model/memory.js';
import { factOf, parseReading } from '../../sense/reading.js';
import { readScript } from '../../sense/sensor-script.js';
import { readJson } from '../../store/codec.js';
import { loadConfig } from '../../store/config.js';
import type { Disk } from '../../store/disk.js';
import { MEMORY } from '../../store/memory.js';
import { sensorKey, sensorNames } from '../../store/policy.js';
import { readSnapshot } from '../../store/snapshots.js';
import type { Verb } from '../verb.js';
import { renderSensors, type SensorRow } from '../views/sensors.js';

export const verb: Verb = {
  path: ['sensor', 'list'],
  group: 'see',
  about: 'List the sensors with their interval, deadline and last reading',
  rest: { kind: 'none' },
  flags: {
    json: {
      type: 'boolean',
      about: 'print an array of {name, interval_s, timeout_s, read_ts, ok, flapping, problems}',
    },
  },
  examples: [{ line: 'tend sensor list', about: 'what the pulse looks at, and what fails' }],
  async run(_input, { disk, env, profile, warn }) {
    const { knobs, warnings } = resolveKnobs(env, loadConfig(profile.configPath).raw);
    for (const warning of warnings) warn(warning);
    const memory = readJson(disk, MEMORY, memorySchema);
    const flaps = memory.state === 'present' ? memory.value.flaps : undefined;
    const isFlapping = (name: string): boolean | null => flapState(flaps, name, knobs.flapStreak);
    const rows = sensorNames(disk).map((stem) => rowOf(disk, stem, knobs.sensorTimeoutS, isFlapping));
    return { text: renderSensors(rows, unixSeconds(now())), json: rows };
  },
};

function flapState(flaps: Memory['flaps'] | undefined, name: string, threshold: number): boolean | null {
  if (!flaps || threshold === 0 || !Object.hasOwn(flaps, name)) return null;
  return flaps[name]!.streak >= threshold;
}

function rowOf(disk: Disk, stem: string, timeoutS: number, isFlapping: (name: string) => boolean | null): SensorRow {
  const script = readScript(disk, sensorKey(stem));
  const snapshot = readSnapshot(disk, `sensor-${stem}`);
  const parsed = snapshot.state === 'present' ? parseReading(snapshot.text) : undefined;
  const fact = parsed && parsed.problem === undefined ? factOf(`sensor-${stem}`, parsed.value) : undefined;
  return {
    name: stem,
    interval_s: script.headers.intervalS,
    timeout_s: script.headers.timeoutS ?? timeoutS,
    read_ts: snapshot.state === 'present' ? unixSeconds(snapshot.mtimeMs) : null,
    ok: fact ? fact.failed !== true : snapshot.state === 'absent' ? null : false,
    flapping: isFlapping(`sensor-${stem}`),
    problems: [...(script.problem ? [script.problem.message] : []), ...script.headers.problems],
  };
}
