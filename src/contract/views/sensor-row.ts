/** One sensor as it lies on disk: its script looked at, its last reading read; nothing is run. */
import { unixSeconds } from '../../model/instant.js';
import { factOf, parseReading } from '../../sense/reading.js';
import { readScript } from '../../sense/sensor-script.js';
import type { Disk } from '../../store/disk.js';
import { sensorKey } from '../../store/policy.js';
import { readSnapshot } from '../../store/snapshots.js';
import type { SensorRow } from './sensors.js';

/** `timeoutS`: the knob, for a script that names no deadline of its own. */
export function sensorRow(
  disk: Disk,
  stem: string,
  { timeoutS, isFlapping }: { timeoutS: number; isFlapping: (name: string) => boolean | null },
): SensorRow {
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
