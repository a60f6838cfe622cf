/**
 * Bytes of a stream → events → a result. Split at LF alone: streams carry U+2028 and lone CR inside their strings. Memory is
 * bounded by the longest line; a line that cannot matter is skipped without being parsed, which is told from whole JSON string
 * tokens anywhere in it, never from its beginning: the order of keys is free.
 */
import { isObject, parseJson } from '../lib/json.js';
import { LIMITS } from '../model/limits.js';
import type { Event } from './event.js';
import type { Fold, Grammar } from './grammar.js';
import type { RunEnd, RunResult } from './result.js';
import type { ReaderOptions, RunReader, SoFar } from './runner.js';
import { takeUsageLines } from './usage.js';
import { verdict } from './verdict.js';

const LF = 10;
/** A longer line is noise: four times what a decider may print in all, and far above the 1 MiB that real ones reach. */
const LINE_BYTES_MAX = 4 * LIMITS.runOutputBytes;
/** No mark with its quotes is longer. */
const MARK_CHARS_MAX = 64;
/** The three bytes of a byte order mark. */
const BOM: readonly number[] = [0xef, 0xbb, 0xbf];
/** Bytes that are searched at once. */
const WINDOW_BYTES_MIN = 2_048;
const WINDOW_BYTES_MAX = 65_536;
/** Lines that are parsed at once, which takes half the time of one by one where they are short. */
const BATCH_LINES = 16;
const NOT_ASCII = /[^\x00-\x7f]/;

/** A reader of the streams of `grammar`; without one everything that is printed is text. */
export function streamReader(grammar: Grammar | undefined, options: ReaderOptions): RunReader {
  return new StreamReader(grammar, options);
}

class StreamReader implements RunReader {
  readonly #fold: Fold | undefined;
  readonly #matters: RegExp;
  readonly #options: ReaderOptions;
  readonly #text: Tail;
  readonly #line: Line;
  /** An event was seen: whatever is none is noise from here on, and before. */
  #isStream = false;
  #window = WINDOW_BYTES_MAX;

  constructor(grammar: Grammar | undefined, options: ReaderOptions) {
    this.#fold = grammar?.begin(options);
    this.#matters = mattering(grammar?.marks ?? []);
    this.#text = new Tail(options.keepBytes ?? LIMITS.runOutputBytes);
    this.#line = new Line(this.#matters, options.keepBytes ?? LINE_BYTES_MAX);
    this.#options = options;
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!this.#isStream) this.#text.add(bytes);
    if (!this.#fold) return;
    let from = 0;
    if (this.#line.isOpen) {
      const end = bytes.indexOf(LF);
      this.#line.add(end < 0 ? bytes : bytes.subarray(0, end));
      if (end < 0) return;
      this.#closeLine();
      from = end + 1;
    }
    const last = bytes.lastIndexOf(LF);
    if (last >= from) this.#block(bytes.subarray(from, last));
    const rest = bytes.subarray(Math.max(from, last + 1));
    if (rest.length > 0) this.#line.add(rest);
  }

  soFar(): SoFar {
    if (!this.#isStream || !this.#fold) return { usage: {} };
    const { usage, costUsd, sessionId } = this.#fold.said();
    return {
      usage,
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
  }

  end(end: RunEnd): RunResult {
    if (this.#line.isOpen) this.#closeLine();
    const nowS = this.#options.nowS;
    if (this.#isStream && this.#fold) return verdict({ said: this.#fold.said() }, end, nowS);
    const { text, usage } = takeUsageLines(this.#text.take());
    const { usd, ...tokens } = usage;
    const said = { usage: tokens, ...(usd === undefined ? {} : { costUsd: usd }) };
    // Of a CLI that prints events the beginning of one is no message; anybody else's text is theirs.
    const isCut = this.#fold !== undefined && looksCut(text);
    return verdict({ plain: text.replace(/\n+$/, ''), isCut, said }, end, nowS);
  }

  /** True while every line is looked into: until it is known for a stream, and where the grammar wants it. */
  get #isAttentive(): boolean {
    return !this.#isStream || this.#fold?.isAttentive?.() === true;
  }

  #closeLine(): void {
    const line = this.#line.take(this.#isAttentive);
    if (line) this.#take(line, 0, line.length);
  }

  /** Whole lines, the last one without its LF. */
  #block(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      if (!this.#isAttentive) {
        from = this.#sift(bytes, from);
        continue;
      }
      const stop = lineEnd(bytes, from);
      this.#take(bytes, from, stop);
      from = stop + 1;
    }
  }

  /**
   * Parses only the lines that may matter, of a window of whole lines from `from` on; returns where to go on. One pass over the
   * bytes as Latin-1: marks are ASCII, and no UTF-8 sequence has ASCII bytes in it.
   */
  #sift(bytes: Buffer, from: number): number {
    const to = lineEnd(bytes, Math.min(from + this.#window, bytes.length));
    const hay = bytes.toString('latin1', from, to);
    const matters = this.#matters;
    let batch: Batch = { lines: [], stops: [] };
    matters.lastIndex = 0;
    for (let found = matters.exec(hay); found; found = matters.exec(hay)) {
      const start = hay.lastIndexOf('\n', found.index) + 1;
      const end = hay.indexOf('\n', found.index);
      const stop = end < 0 ? hay.length : end;
      const line = hay.slice(start, stop);
      // Most lines are ASCII, and those are their own Latin-1.
      batch.lines.push(NOT_ASCII.test(line) ? bytes.toString('utf8', from + start, from + stop) : line);
      batch.stops.push(from + stop);
      matters.lastIndex = stop;
      if (batch.lines.length < BATCH_LINES) continue;
      const next = this.#takeBatch(batch);
      if (next !== undefined) return this.#goOn(next);
      batch = { lines: [], stops: [] };
    }
    const next = this.#takeBatch(batch);
    if (next !== undefined) return this.#goOn(next);
    this.#window = Math.min(2 * this.#window, WINDOW_BYTES_MAX);
    return to + 1;
  }

  /** What was searched behind here is searched again: where that comes often, in small steps. */
  #goOn(next: number): number {
    this.#window = WINDOW_BYTES_MIN;
    return next;
  }

  /** Returns where to go on when an event in it made the lines behind it matter as well. */
  #takeBatch({ lines, stops }: Batch): number | undefined {
    const values = parsedLines(lines);
    for (let i = 0; i < values.length; i++) {
      this.#value(values[i]);
      if (this.#isAttentive) return stops[i]! + 1;
    }
    return undefined;
  }

  #take(bytes: Buffer, from: number, to: number): void {
    let start = from;
    while (start < to && (bytes[start]! <= 0x20 || BOM.includes(bytes[start]!))) start += 1;
    // `{`, or `[` of a CLI that prints all of its events as one array.
    if (bytes[start] === 0x7b || bytes[start] === 0x5b) this.#value(parseJson(bytes.toString('utf8', start, to)).value);
  }

  #value(value: unknown): void {
    if (!Array.isArray(value)) {
      if (isEvent(value)) this.#event(value);
      return;
    }
    for (const event of value) if (isEvent(event)) this.#event(event);
  }

  #event(event: Event): void {
    if (!this.#isStream) this.#text.drop();
    this.#isStream = true;
    this.#fold?.take(event);
  }
}

interface Batch {
  lines: string[];
  /** Offset of the end of each. */
  stops: number[];
}

/** The value of each line, undefined where it has none. Together they are an array, unless one of them is broken. */
function parsedLines(lines: readonly string[]): unknown[] {
  const whole = lines.every((line) => line.startsWith('{')) ? parseJson(`[${lines.join(',')}]`).value : undefined;
  if (Array.isArray(whole) && whole.length === lines.length) return whole;
  return lines.map((line) => parseJson(line).value);
}

/** Offset of the LF that ends the line at `from`, or the length where there is none. */
function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end;
}

/** A move has an `action` and no CLI's event has one: a message that is JSON itself is not taken for a stream. */
const isEvent = (value: unknown): value is Event =>
  isObject(value) && typeof value['type'] === 'string' && value['type'] !== 'usage' && !('action' in value);

/**
 * Finds a mark as a whole JSON string. A letter may be written as an escape in JSON, so a line that has an escape of a
 * printable ASCII character may matter as well.
 */
const mattering = (marks: readonly string[]): RegExp =>
  new RegExp(`"(?:${marks.map((mark) => mark.replaceAll('.', '\\.')).join('|')})"|\\\\u00[2-7]`, 'g');

/** One line that is the beginning of a JSON value and no whole one. */
function looksCut(text: string): boolean {
  const line = text.trim();
  return /^(?:\uFEFF)?[{[]/.test(line) && !line.includes('\n') && parseJson(line).problem !== undefined;
}

/** The line under way, in the pieces in which it came. */
class Line {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #matters = false;
  /** The end of what was searched: a mark may lie across two pieces. */
  #seam = '';
  readonly #pattern: RegExp;
  readonly #max: number;
  isOpen = false;

  constructor(pattern: RegExp, max: number) {
    this.#pattern = pattern;
    this.#max = max;
  }

  add(piece: Buffer): void {
    this.isOpen = true;
    this.#bytes += piece.length;
    // Too long to matter: its pieces go, its end is still waited for.
    if (this.#bytes > this.#max) this.#pieces = [];
    else this.#pieces.push(piece);
    if (this.#matters) return;
    const hay = this.#seam + piece.toString('latin1');
    this.#pattern.lastIndex = 0;
    this.#matters = this.#pattern.test(hay);
    this.#seam = hay.slice(-MARK_CHARS_MAX);
  }

  /** The whole line, if it may matter or `always`. */
  take(always: boolean): Buffer | undefined {
    const isWanted = (always || this.#matters) && this.#bytes <= this.#max;
    const line = isWanted ? Buffer.concat(this.#pieces) : undefined;
    this.#pieces = [];
    this.#bytes = 0;
    this.#matters = false;
    this.#seam = '';
    this.isOpen = false;
    return line;
  }
}

/** The last `max` bytes or somewhat more, as they came; a message stands at the end of what is printed. */
class Tail {
  #pieces: Buffer[] = [];
  #bytes = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes - (this.#pieces[0]?.length ?? 0) >= this.#max) this.#bytes -= this.#pieces.shift()!.length;
  }

  drop(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }

  take(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}
