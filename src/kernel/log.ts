import { humanLogLine, jsonLogLine, type LogEntry, type LogLevel } from '../lib/log-line.js';

/** How controllers say what they do. It never throws: a closed stdout must not end the pulse. */
export type Log = (level: LogLevel, event: string, text: string, extra?: Readonly<Record<string, unknown>>) => void;

export interface LogOptions {
  now: () => number;
  json: boolean;
  colour: boolean;
  write: (line: string) => void;
}

export function makeLog(options: LogOptions): Log {
  return (level, event, text, extra) => {
    const entry: LogEntry = { at: options.now(), level, event, text, ...(extra ? { extra } : {}) };
    try {
      options.write(`${options.json ? jsonLogLine(entry) : humanLogLine(entry, options.colour)}\n`);
    } catch {
      // Whoever read our output has gone; the durable log is events-<day>.ndjson.
    }
  };
}
