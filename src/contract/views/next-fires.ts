/** The coming times of a schedule as `loops next` prints them: UTC for scripts, the wall clock of its zone for people. Pure. */
import { type Zone, zoneOf } from '../../lib/zone.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A change of the clocks further back than this before a time explains nothing about it. */
const NOTED_MS = 8 * DAY_MS;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A line for each time; `after` is the instant from which they were asked. Where clocks are changed on the way, the line says so. */
export function fireLines(fires: readonly number[], { after, zone: name }: { after: number; zone: string }): string[] {
  const zone = zoneOf(name);
  if (!zone) return fires.map((fire) => new Date(fire).toISOString());
  return fires.map((fire, index) => {
    const since = Math.max(fires[index - 1] ?? after, fire - NOTED_MS);
    return `${new Date(fire).toISOString()}  ${wallText(zone, fire)} ${zone.name}${changeNote(zone, since, fire)}`;
  });
}

/** `Sun 2026-03-08 03:00 -04:00`. */
function wallText(zone: Zone, at: number): string {
  const offset = zone.offset(at);
  const wall = new Date(at + offset);
  const minutes = Math.abs(Math.round(offset / MINUTE_MS));
  const hours = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const seconds = wall.getTime() % MINUTE_MS === 0 ? 16 : 19;
  return `${WEEKDAYS[wall.getUTCDay()]} ${wall.toISOString().slice(0, seconds).replace('T', ' ')} ${hours}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

function changeNote(zone: Zone, since: number, fire: number): string {
  const change = zone.change(since, fire);
  if (!change) return '';
  const minutes = Math.round((change.after - change.before) / MINUTE_MS);
  const way = minutes > 0 ? `ahead by ${minutes}` : `back by ${-minutes}`;
  return `  (DST: the clocks go ${way} min at ${new Date(change.at).toISOString()})`;
}
