/**
 * One reading: what a sensor printed, brought into the form that is kept, hashed and shown. Pure. The kept form says everything
 * that change detection needs, so the world can be hashed again from the snapshots alone. A failure is a reading too, whose
 * signal stays the same for as long as the sensor fails in the same way: it wakes once, and its repair wakes again.
 */
import { clip } from '../lib/clip.js';
import { isObject, type Json, parseJson } from '../lib/json.js';
import { LIMITS } from '../model/limits.js';
import type { Fact } from '../model/world.js';
import type { SensorHeaders } from './headers.js';

/** Parses what was printed; `problem` when it is no JSON value, or one nested deeper than LIMITS.readingDepth. */
export function parseReading(text: string): { value: Json; problem?: never } | { value?: never; problem: string } {
  if (text.trim() === '') return { problem: 'it printed nothing' };
  if (isTooDeep(text)) return { problem: `nested deeper than ${LIMITS.readingDepth}` };
  return parseJson(text);
}

/** Counts brackets outside strings: the parser and everything after it may recurse, this does not. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '[' || c === '{') {
      depth += 1;
      if (depth > LIMITS.readingDepth) return true;
    } else if (c === ']' || c === '}') depth -= 1;
  }
  return false;
}

/**
 * The kept form: the value as it was printed, unless headers change it: ignored fields move from `signal` to `ignored`, and
 * problems of the headers stand in `header_problems`, both beside the signal, so that they inform without waking.
 */
export function keptReading(value: Json, headers: SensorHeaders): Json {
  if (headers.ignore.length === 0 && headers.problems.length === 0) return value;
  const parts: { [key: string]: Json } = hasSignal(value) ? { ...value } : { signal: value };
  const ignored: { [key: string]: Json } = {};
  for (const path of headers.ignore) {
    const taken: Json[] = [];
    parts['signal'] = without(parts['signal']!, path, taken);
    if (taken.length > 0) ignored[path.join('.')] = path.includes('*') ? taken : taken[0]!;
  }
  if (Object.keys(ignored).length > 0) parts['ignored'] = ignored;
  if (headers.problems.length > 0) parts['header_problems'] = headers.problems;
  return parts;
}

/** `value` without what lies at `path`, which goes to `taken`. A path that meets nothing changes nothing. */
function without(value: Json, path: readonly string[], taken: Json[]): Json {
  const [head, ...rest] = path;
  if (head === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return head === '*' ? value.map((item) => without(item, rest, taken)) : value;
  const names = head === '*' ? Object.keys(value) : Object.hasOwn(value, head) ? [head] : [];
  const copy = { ...value };
  for (const name of names) {
    if (rest.length > 0) copy[name] = without(copy[name]!, rest, taken);
    else {
      taken.push(copy[name]!);
      delete copy[name];
    }
  }
  return copy;
}

const hasSignal = (value: Json): value is { [key: string]: Json } => isObject(value) && Object.hasOwn(value, 'signal');

/** A fact from a kept reading: `signal` alone wakes; without it the whole value does. All else informs. */
export function factOf(name: string, kept: Json, keepsApprovals = false): Fact {
  const keeps = keepsApprovals ? { keepsApprovals: true } : {};
  if (!hasSignal(kept)) return { name, signal: kept, ...keeps };
  const { signal, ...rest } = kept;
  const detail = Object.keys(rest).every((key) => key === 'detail') ? rest['detail'] : rest;
  return {
    name,
    signal: signal!,
    ...(detail === undefined ? {} : { detail }),
    ...(isFailure(signal!) ? { failed: true } : {}),
    ...keeps,
  };
}

/** True for the signals below. A sensor that prints one of them itself says that it failed, and is taken at its word. */
function isFailure(signal: Json): boolean {
  return isObject(signal) && [true, 'not-json', 'too-large', 'unreadable'].includes(signal['error'] as never);
}

/** It ended with a code other than 0, at its deadline (124), by a signal (128+n), or did not start (126, 127). */
export const failedReading = (exitCode: number, message: string, stderr: string): Json => ({
  signal: { error: true, exit_code: exitCode },
  detail: { message, ...(stderr === '' ? {} : { stderr }) },
});

/** It ended well, but what it printed is no JSON. */
export const notJsonReading = (problem: string, output: string): Json => ({
  signal: { error: 'not-json' },
  detail: {
    message: `what it printed is not one JSON value: ${problem}`,
    output: clip(output, LIMITS.readingClipChars),
  },
});

/** It printed more than `cap` bytes; how much more is not known, it was ended. */
export const tooLargeReading = (cap: number): Json => ({
  signal: { error: 'too-large', cap },
  detail: { message: `it printed more than ${cap} bytes and was ended; raise TEND_SENSOR_MAX_BYTES or print less` },
});

/** It printed more than `cap` bytes on stderr, whatever stood on stdout. */
export const tooLoudReading = (cap: number, stderr: string): Json => ({
  signal: { error: 'too-large', cap },
  detail: { message: `it printed more than ${cap} bytes on stderr and was ended`, stderr },
});

/** The snapshot on disk could not be read back. */
export const unreadableReading = (reason: string): Json => ({
  signal: { error: 'unreadable' },
  detail: { message: `the last reading cannot be read: ${reason}` },
});
