/** One line of the pulse's own log, for people or for programs. */
import { flat } from './clip.js';

export type LogLevel = 'info' | 'step' | 'ok' | 'warn' | 'error';

export interface LogEntry {
  at: number;
  level: LogLevel;
  /** Stable code such as `beat.idle`; shown only to programs. */
  event: string;
  text: string;
  extra?: Readonly<Record<string, unknown>>;
}

const COLOUR: Record<LogLevel, string> = {
  info: '\u001b[2m',
  step: '\u001b[2m',
  ok: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};

/** JSON: `{ts, level, event, msg, …extra}`; extra fields may not overwrite these four. */
export function jsonLogLine(entry: LogEntry): string {
  return JSON.stringify({
    ...entry.extra,
    ts: new Date(entry.at).toISOString(),
    level: entry.level,
    event: entry.event,
    msg: flat(entry.text),
  });
}

/** `[HH:MM:SS] text`, importance by colour alone; control characters in the text are taken out. */
export function humanLogLine(entry: LogEntry, colour: boolean): string {
  const d = new Date(entry.at);
  const two = (n: number) => String(n).padStart(2, '0');
  const line = `[${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}] ${flat(entry.text)}`;
  return colour ? `${COLOUR[entry.level]}${line}\u001b[0m` : line;
}
