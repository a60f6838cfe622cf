/** Creates or replaces a sensor, executable for its owner; the version before is kept in history. */
import { sensorKey, writePolicy } from '../../store/policy.js';
import { done, type MoveKind } from '../move-kind.js';

export const writeSensor: MoveKind<'write_sensor'> = {
  summary: (move) => `write-sensor ${move.name}`,
  target: (move) => ({ key: sensorKey(move.name), wanted: move.script }),
  execute: async ({ deps, at }, move) => {
    const key = sensorKey(move.name);
    writePolicy(deps.disk, key, move.script, { now: at, keep: deps.knobs.historyKeep, mode: 0o700 });
    return done();
  },
};
