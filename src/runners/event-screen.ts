/**
 * The bytes of a headless run → what a person sees of it. A line that is an event of the CLI becomes the lines that tell it
 * (told.ts); everything else, such as what it writes to stderr, passes as it came and at once. Lines end in CR LF, as a terminal
 * wants them. Nothing here throws, and memory is bounded by the longest line that can be an event.
 */
import { isObject, parseJson } from '../lib/json.js';
import { LIMITS } from '../model/limits.js';
import { paint, type Teller } from './told.js';

const LF = 10;
const BRACE = 0x7b;
/** As much as a decider may print in all, and eight times what real lines reach. */
const EVENT_BYTES_MAX = LIMITS.runOutputBytes;

export class EventScreen {
  readonly #tell: Teller;
  /** Of the line under way: undefined before its first byte. */
  #isEvent: boolean | undefined;
  #held: Buffer[] = [];
  #bytes = 0;

  constructor(tell: Teller) {
    this.#tell = tell;
  }

  /** What is to be shown now; empty while an event is under way. */
  write(chunk: Uint8Array): Buffer {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const shown: Buffer[] = [];
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(LF, from);
      const piece = bytes.subarray(from, end < 0 ? bytes.length : end + 1);
      from += piece.length;
      this.#isEvent ??= piece[0] === BRACE;
      if (!this.#isEvent) shown.push(piece);
      else this.#hold(piece);
      if (end >= 0) shown.push(this.#close());
    }
    return Buffer.concat(shown);
  }

  /** What was still held when the run ended. */
  end(): Buffer {
    return this.#close();
  }

  #hold(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > EVENT_BYTES_MAX) this.#held = [];
    // A copy: the chunk is the reader's, who may use its memory again.
    else this.#held.push(Buffer.from(piece));
  }

  #close(): Buffer {
    const [held, bytes] = [this.#held, this.#bytes];
    this.#held = [];
    this.#bytes = 0;
    this.#isEvent = undefined;
    if (bytes === 0) return Buffer.alloc(0);
    if (bytes > EVENT_BYTES_MAX) return lines(paint({ kind: 'note', text: `an event of ${bytes} bytes is not shown` }));
    const line = Buffer.concat(held);
    const { value } = parseJson(line.toString('utf8'));
    // JSON of somebody else, or the beginning of an event at the end of a run that was cut.
    if (!isObject(value) || typeof value['type'] !== 'string') return line;
    return lines(this.#tell(value).map(paint).join(''));
  }
}

const lines = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
