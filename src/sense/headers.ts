/** Header lines of a sensor script, `# tend:<name>=<value>` within its first lines. Pure; a bad one is a problem in words, never an error. */
import { parseDuration } from '../lib/duration.js';
import { LIMITS } from '../model/limits.js';

export interface SensorHeaders {
  /** The last reading serves while it is younger than this; 0: run on every beat. */
  intervalS: number;
  /** Deadline of this sensor instead of the knob. */
  timeoutS?: number;
  /** `approvals=keep`: a change of this signal alone does not expire an approval. */
  keepsApprovals: boolean;
  /** Paths inside the signal that do not wake; `*` stands for every element or member. */
  ignore: string[][];
  problems: string[];
}

const HEADER = /^\s*#\s*tend:\s*([A-Za-z_-]*)\s*(=?)\s*(.*?)\s*$/;

/** Reads the headers out of a script's text. Seconds may also be written as `5m`, `2h`, `1d`. The last of two equal headers counts. */
export function parseHeaders(text: string): SensorHeaders {
  const headers: SensorHeaders = { intervalS: 0, keepsApprovals: false, ignore: [], problems: [] };
  const lines = text.split('\n', LIMITS.sensorHeaderLines);
  for (const [index, line] of lines.entries()) {
    const match = HEADER.exec(line.slice(0, LINE_MAX));
    if (!match) continue;
    const problem = match[2] === '=' ? take(headers, match[1]!, match[3]!) : 'wanted is "# tend:<name>=<value>"';
    if (problem) headers.problems.push(`line ${index + 1}: header "${match[1]}": ${problem}`);
  }
  return headers;
}

/** A header is a short line; this keeps the pattern away from a megabyte without a newline. */
const LINE_MAX = 1_000;

function take(headers: SensorHeaders, name: string, value: string): string | undefined {
  switch (name) {
    case 'interval': {
      const seconds = parseDuration(value);
      if (seconds === undefined) return `"${value}" is no number of seconds`;
      headers.intervalS = seconds;
      return undefined;
    }
    case 'timeout': {
      const seconds = parseDuration(value);
      if (seconds === undefined || seconds < 1 || seconds > LIMITS.sensorTimeoutMaxS)
        return `"${value}" is no number of seconds from 1 to ${LIMITS.sensorTimeoutMaxS}`;
      headers.timeoutS = seconds;
      return undefined;
    }
    case 'approvals':
      if (value !== 'keep') return `"${value}" is unknown, the only value is "keep"`;
      headers.keepsApprovals = true;
      return undefined;
    case 'ignore': {
      const paths = value.split(',').map((path) => path.trim().split('.'));
      if (paths.some((path) => path.some((part) => part === ''))) return `"${value}" has an empty part`;
      headers.ignore.push(...paths);
      return undefined;
    }
    default:
      return 'it is unknown; known are interval, timeout, approvals, ignore';
  }
}
