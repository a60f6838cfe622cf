/** The pulse's own log, `events-<day>.ndjson`, for clients: where it lies now, its last lines, and as a source of rows. */
import type { Size } from '../lib/size-mark.js';
import type { Disk } from '../store/disk.js';
import type { LogSource } from './replayed-log.js';
import { isForPeople, type PulseEvent, parseEvent, pulseText } from './views/pulse-log.js';

const EVENTS = /^events-(\d{4}-\d\d-\d\d)\.ndjson$/;
/** Of earlier days: some thousand lines. */
const EARLIER_BYTES = 1024 * 1024;

/** Days that have events, newest first. */
export function eventDays(disk: Disk): string[] {
  const listed = disk.list('');
  const names = listed.state === 'present' ? listed.names : [];
  return names.flatMap((name) => EVENTS.exec(name)?.[1] ?? []).reverse();
}

export const eventsKey = (day: string): string => `events-${day}.ndjson`;

/** The events of a day, oldest first, from at most the last `maxBytes` of its file. */
export function eventsOf(disk: Disk, day: string, maxBytes: number): PulseEvent[] {
  const read = disk.tail(eventsKey(day), maxBytes);
  return read.state === 'present' ? read.text.split('\n').flatMap((line) => parseEvent(line) ?? []) : [];
}

/** The last `n` events of all days that are `wanted`, oldest first. */
export function lastEvents(disk: Disk, n: number, wanted: (event: PulseEvent) => boolean): PulseEvent[] {
  const found: PulseEvent[] = [];
  for (const day of eventDays(disk)) {
    if (found.length >= n) break;
    found.unshift(...eventsOf(disk, day, Math.max(EARLIER_BYTES, 1_024 * n)).filter(wanted));
  }
  return n === 0 ? [] : found.slice(-n);
}

/** The file of the newest day as rows. `colour`: see `pulseText`. */
export function pulseSource(disk: Disk, colour: boolean, size: () => Size): LogSource & { key: string } {
  const [day = 'none', earlier] = eventDays(disk);
  const text = (events: readonly PulseEvent[]) =>
    events
      .filter(isForPeople)
      .map((event) => `${pulseText(event, colour)}\r\n`)
      .join('');
  let rest = Buffer.alloc(0);
  return {
    key: day === 'none' ? '' : eventsKey(day),
    path: disk.path(eventsKey(day)),
    before: () =>
      earlier === undefined ? undefined : { text: text(eventsOf(disk, earlier, EARLIER_BYTES)), isClipped: true },
    size,
    render: (bytes, fresh) => {
      const all = fresh ? bytes : Buffer.concat([rest, bytes]);
      const end = all.lastIndexOf(10) + 1;
      rest = Buffer.from(all.subarray(end));
      return text(
        all
          .subarray(0, end)
          .toString('utf8')
          .split('\n')
          .flatMap((line) => parseEvent(line) ?? []),
      );
    },
  };
}
