/**
 * Output on its way to the transcript. It is written in lumps, at most ten a second, so that a chatty worker neither wakes
 * everybody who watches the directory nor costs a write per line.
 */
import type { Disk } from '../../../store/disk.js';
import { openTranscript, type Transcript } from '../../../store/transcripts.js';

const LUMP_MS = 100;
const LUMP_BYTES = 64 * 1024;

export interface RecorderOptions {
  maxBytes: number;
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

  constructor(disk: Disk, id: string, options: RecorderOptions) {
    this.#options = options;
    this.#transcript = openTranscript(disk, id, options.maxBytes);
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= LUMP_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), LUMP_MS);
  }

  /** Writes what is left; says so when the transcript has gaps, even if the disk took bytes again later. */
  close(): string | undefined {
    this.#flush();
    this.#transcript?.close();
    this.#transcript = undefined;
    return this.#gap === undefined ? undefined : `the transcript has gaps: ${this.#gap}`;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#bytes === 0 || !this.#transcript) return;
    const lump = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
    const failed = this.#transcript.write(lump);
    const trouble = failed === undefined ? undefined : `the transcript cannot be written: ${failed}`;
    this.#gap ??= failed;
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onTrouble(trouble);
  }
}
