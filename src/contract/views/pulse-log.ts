/**
 * The machine log as people read it: an event → one line. An interpretation, not a dump: a decision stands out, a failure is red
 * and says where to look, the rest is dim. Pure.
 */
import { flat } from '../../lib/clip.js';
import { isObject, parseJson } from '../../lib/json.js';
import type { LogLevel } from '../../lib/log-line.js';
import { terminalSafe } from '../../lib/terminal-safe.js';

export interface PulseEvent {
  /** Milliseconds. */
  at: number;
  event: string;
  fields: Readonly<Record<string, unknown>>;
}

export interface PulseLine {
  level: LogLevel;
  text: string;
}

/** An event from a line of `events-<day>.ndjson`; undefined for a line that is none (torn, or another's). */
export function parseEvent(line: string): PulseEvent | undefined {
  const parsed = parseJson(line).value;
  if (!isObject(parsed)) return undefined;
  const { ts, event, format: _format, ...fields } = parsed;
  const at = typeof ts === 'string' ? Date.parse(ts) : Number.NaN;
  return typeof event === 'string' && Number.isFinite(at) ? { at, event, fields } : undefined;
}

/** An event for programs: its fields, and what is said of it to people. */
export const pulseJson = (event: PulseEvent): { [field: string]: unknown } => ({
  ...event.fields,
  ts: new Date(event.at).toISOString(),
  event: event.event,
  level: pulseLine(event).level,
  msg: pulseLine(event).text,
});

/** False for what another line says better: that the move of a beat is done stands in the line of its decision. */
export const isForPeople = ({ event, fields }: PulseEvent): boolean =>
  event !== 'move.done' || !String(fields['run']).startsWith('beat-');

/** What is said of an event. An event that is not known here is shown with its fields: nothing is hidden. */
export function pulseLine({ event, fields }: PulseEvent): PulseLine {
  const line = LINES[event]?.((name) => words(fields[name]), fields);
  if (line) return { level: line.level, text: safe(line.text) };
  const rest = Object.entries(fields).map(([name, value]) => `${name} ${words(value)}`);
  const level = /fail|threw|lost|refused|quarantined/.test(event) ? 'error' : 'info';
  return { level, text: safe([event.replace('.', ' '), ...rest].join(' · ')) };
}

/** `[HH:MM:SS] text`; with `colour`: decisions bold, failures red, the rest dim. */
export function pulseText(event: PulseEvent, colour: boolean): string {
  const { level, text } = pulseLine(event);
  const line = `[${new Date(event.at).toTimeString().slice(0, 8)}] ${text}`;
  const style = STYLE[level];
  return colour ? `\u001b[${style}m${line}\u001b[0m` : line;
}

const STYLE: Record<LogLevel, string> = { info: '2', step: '2', ok: '1', warn: '33', error: '31' };

type Say = (of: (name: string) => string, fields: PulseEvent['fields']) => PulseLine;

const info = (text: string): PulseLine => ({ level: 'info', text });
const ok = (text: string): PulseLine => ({ level: 'ok', text });
const warn = (text: string): PulseLine => ({ level: 'warn', text });
const error = (text: string): PulseLine => ({ level: 'error', text });

const LINES: Readonly<Record<string, Say>> = {
  'pulse.start': (of) => info(`pulse up · pid ${of('pid')} · tend ${of('version')}`),
  'pulse.stop': (of) => info(`pulse stopped · pid ${of('pid')}`),
  'pulse.failed': (of) => error(`the pulse ended: ${of('error')} · see pulse/pulse.log`),
  'controller.threw': (of) => error(`${of('controller')}/${of('key')}: ${of('error')} · see tend status`),
  'beat.decided': (of, fields) => {
    const said = of('said');
    const action = of('action');
    const line = said.startsWith(action) ? said : `${action} · ${said}`;
    const rule = fields['by'] === 'rule' && fields['goal'] !== undefined ? ` · rule of goal ${of('goal')}` : '';
    return ok(line + rule + seconds(fields['ms']));
  },
  'beat.failed': (of, fields) =>
    error(`${of('code')} · ${of('error')}${seconds(fields['ms'])}${see(fields['run'] ?? fields['move_run'])}`),
  'call.retry': (of) => warn(`asking again: ${of('error')}`),
  'call.stronger': (of) => info(`asking the stronger model ${of('model')}`),
  'gate.refused': (of) => warn(`the gate refused: ${of('reason')}`),
  'ask.archived': (of) => info(`ask ${of('ask')} is over`),
  'lease.reaped': (of) => warn(`lease ${of('lease')} freed · its holder ${of('session')} is dead`),
  'move.done': (of) => info(`done · ${of('summary')}`),
  'move.failed': (of, fields) => error(`${of('code')} · ${of('summary')}${see(fields['run'])}`),
  'move.refused': (of, fields) => error(`${of('code')} · ${of('summary')}${see(fields['run'])}`),
  'worker.launched': (of) => info(`worker ${of('id')} started`),
  'worker.stopped': (of) => info(`worker ${of('id')} stopped`),
  'worker.lost': (of) => error(`worker ${of('id')} was lost: ${of('why')} · see tend logs ${of('id')}`),
  'worker.held': (of) => warn(`worker ${of('id')} is held: ${of('why')}`),
  'worker.released': (of) => info(`worker ${of('id')} goes on`),
  'worker.removed': (of) => info(`worker ${of('id')} removed, past its retention`),
  'worker.verify': (of, fields) =>
    fields['ok'] === true
      ? ok(`verify of ${of('id')} passed`)
      : error(`verify of ${of('id')} failed with ${of('exit_code')} · see workers/${of('id')}/verdict.json`),
  quarantined: (of) => error(`${of('key')} cannot be read: ${of('reason')} · see ${of('to')}`),
};

const seconds = (ms: unknown): string => (typeof ms === 'number' ? ` · ${(ms / 1_000).toFixed(1)}s` : '');

/** Where the run lies, from the day in its id. */
function see(run: unknown): string {
  const day = typeof run === 'string' ? dayOfRun(run) : undefined;
  return day === undefined ? '' : ` · see runs/${day}/${String(run)}`;
}

/** `2026-11-21` of `beat-20261121-074200-3fa2`; undefined: it is no id of a run. */
export function dayOfRun(run: string): string | undefined {
  const found = /^[a-z]+-(\d{4})(\d\d)(\d\d)-/.exec(run);
  return found ? `${found[1]}-${found[2]}-${found[3]}` : undefined;
}

/** One line that cannot move a cursor or hide its words. */
const safe = (text: string): string => terminalSafe(flat(text));

const words = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '-' : JSON.stringify(value);
