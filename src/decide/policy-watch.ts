/** Did policy change while the decider ran? The decider has no business writing, so a change is worth an event. */
import { hash32 } from '../lib/hash.js';
import type { Disk } from '../store/disk.js';
import { goalIds, goalKey, PLAYBOOK, sensorKey, sensorNames } from '../store/policy.js';

export interface PolicyWatch {
  /** Keys of policy files that appeared, changed or went since, sorted. */
  changedSince(): string[];
}

export function editedPolicy(disk: Disk): PolicyWatch {
  const before = hashes(disk);
  return {
    changedSince: () => {
      const after = hashes(disk);
      return [...new Set([...before.keys(), ...after.keys()])]
        .filter((key) => before.get(key) !== after.get(key))
        .sort();
    },
  };
}

function hashes(disk: Disk): Map<string, string> {
  // The config may lie outside of the data dir; where it lies inside, the gate's own words are in a decider's reach.
  const keys = [PLAYBOOK, 'config.json', ...goalIds(disk).map(goalKey), ...sensorNames(disk).map(sensorKey)];
  return new Map(
    keys.map((key) => {
      const read = disk.read(key);
      return [key, read.state === 'present' ? hash32(read.text) : read.state];
    }),
  );
}
