/** The machine log, `events-<day>.ndjson`: what happened, for people who ask later. Best effort: it never fails a step, and waits for no disk. */
import { type Instant, localDay } from '../model/instant.js';
import { jsonRow } from './codec.js';
import type { Disk } from './disk.js';

export interface EventFields {
  [field: string]: unknown;
}

/** Appends one event. `at` gives the day's file and the millisecond stamp; the fields cannot forge `ts` and `event`. */
export function logEvent(disk: Disk, at: Instant, event: string, fields: EventFields = {}): void {
  try {
    disk.append(
      `events-${localDay(at)}.ndjson`,
      jsonRow({ ...fields, ts: new Date(at).toISOString(), event }),
      'unsynced',
    );
  } catch {
    // A full disk must not stop the loop for the sake of its log; the step itself reports the disk.
  }
}
