/**
 * Output on its way to the transcript, or events on their way to the stream. It is written in lumps, at most ten a second, so that a chatty worker neither wakes
 * everybody who watches the directory nor costs a write per line.
 */
import { masked, type Scrub } from '../../../lib/scrub.js';
import type { Transcript } from '../../../store/transcripts.js';

const LUMP_MS = 100;
const LUMP_BYTES = 64 * 1024;
/** Longer than any token: such an end of a lump is no beginning of one. */
const TOKEN_BYTES_MAX = 1_024;
const TOKEN_SIGN = /[\w.~+/=:-]/;

export interface RecorderOptions {
  /** Takes secrets out of what is kept; what people watch live is not touched. */
  scrub: Scrub;
  /** Told once when the disk begins to refuse, and once, with undefined, when it takes bytes again. */
  onTrouble: (message: string | undefined) => void;
}

export class Recorder {
  readonly #options: RecorderOptions;
  #transcript: Transcript | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined;
  #gap: string | undefined;
  /** Nothing has come since the last flush: what looks unfinished is all there is. */
  #isQuiet = false;

  constructor(transcript: Transcript, options: RecorderOptions) {
    this.#options = options;
    this.#transcript = transcript;
  }

  add(bytes: Uint8Array): void {
    this.#isQuiet = false;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= LUMP_BYTES) this.#flush(false);
    else this.#wait();
  }

  /** Writes what is left; says so when the transcript has gaps, even if the disk took bytes again later. */
  close(): string | undefined {
    this.#flush(true);
    this.#transcript?.close();
    this.#transcript = undefined;
    return this.#gap === undefined ? undefined : `the transcript has gaps: ${this.#gap}`;
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => {
      const isQuiet = this.#isQuiet;
      this.#isQuiet = true;
      this.#flush(isQuiet);
    }, LUMP_MS);
  }

  /** `whole`: nothing more comes soon, so nothing is held back. */
  #flush(whole: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#bytes === 0 || !this.#transcript) return;
    const bytes = Buffer.concat(this.#chunks);
    const cut = whole ? bytes.length : startOfUnfinished(bytes);
    const held = bytes.subarray(cut);
    this.#chunks = held.length === 0 ? [] : [held];
    this.#bytes = held.length;
    if (held.length > 0) this.#wait();
    if (cut === 0) return;
    const lump = this.#clean(bytes.subarray(0, cut));
    const failed = this.#transcript.write(lump);
    const trouble = failed === undefined ? undefined : `the transcript cannot be written: ${failed}`;
    this.#gap ??= failed;
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onTrouble(trouble);
  }

  /** One character a byte, so that bytes that are no UTF-8 come through as they are. */
  #clean(bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    const clean = this.#options.scrub(text, masked);
    return clean === text ? bytes : Buffer.from(clean, 'latin1');
  }
}

/** Where a token may have begun whose rest has not come yet; the length when the lump does not end in one. */
function startOfUnfinished(bytes: Buffer): number {
  let start = bytes.length;
  while (start > 0 && TOKEN_SIGN.test(String.fromCharCode(bytes[start - 1]!))) {
    start -= 1;
    if (bytes.length - start > TOKEN_BYTES_MAX) return bytes.length;
  }
  return start;
}
