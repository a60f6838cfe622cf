/** Removes a sensor; its last version is kept in history. */
import { refused } from '../../model/error.js';
import { removePolicy, sensorKey } from '../../store/policy.js';
import { done, type MoveKind } from '../move-kind.js';

export const removeSensor: MoveKind<'remove_sensor'> = {
  summary: (move) => `remove-sensor ${move.name}${move.reason ? ` · ${move.reason}` : ''}`,
  target: (move) => ({ key: sensorKey(move.name), wanted: undefined }),
  execute: async ({ deps, at }, move) => {
    if (!removePolicy(deps.disk, sensorKey(move.name), { now: at, keep: deps.knobs.historyKeep }))
      throw refused('no-sensor', `Cannot remove sensor "${move.name}": there is no such sensor`, 'tend sensor list');
    return done();
  },
};
