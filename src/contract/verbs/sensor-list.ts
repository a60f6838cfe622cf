import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { type Memory, memorySchema } from '../../model/memory.js';
import { readJson } from '../../store/codec.js';
import { loadConfig } from '../../store/config.js';
import { MEMORY } from '../../store/memory.js';
import { sensorNames } from '../../store/policy.js';
import type { Verb } from '../verb.js';
import { sensorRow } from '../views/sensor-row.js';
import { renderSensors } from '../views/sensors.js';

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
    const rows = sensorNames(disk).map((stem) => sensorRow(disk, stem, { timeoutS: knobs.sensorTimeoutS, isFlapping }));
    return { text: renderSensors(rows, unixSeconds(now())), json: rows };
  },
};

function flapState(flaps: Memory['flaps'] | undefined, name: string, threshold: number): boolean | null {
  if (!flaps || threshold === 0 || !Object.hasOwn(flaps, name)) return null;
  return flaps[name]!.streak >= threshold;
}
