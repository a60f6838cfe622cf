/**
 * What an agent CLI whose terminal shows a screen writes down of its session, followed while it grows. Its hook names the file some time
 * after the start, and may name another one later. Only what is new is read, and nothing is ever written.
 */
import { isObject, parseJson } from '../../../lib/json.js';
import type { RunReader, SoFar } from '../../../runners/runner.js';
import type { Disk } from '../../../store/disk.js';
import { type GrowingFile, growingFile } from '../../../store/growing-file.js';

/** How late a budget may notice; a session grows by a message in some seconds. */
const LOOK_MS = 5_000;
const PIECE_BYTES = 1024 * 1024;
/** At one look: the bytes of a tenth of a second. The rest comes with the next, which then is soon. */
const LOOK_BYTES = 16 * PIECE_BYTES;
const SOON_MS = 50;
/** At the end all of it counts; a file beyond this is none of a session. */
const LAST_BYTES = 1024 * PIECE_BYTES;

export interface SessionFileTerms {
  disk: Disk;
  /** Key of the file in which the hook names the session's file, as `transcript_path`. */
  pointerKey: string;
  begin(): RunReader;
  /** Something was read. */
  onNews(): void;
}

export class SessionFile {
  readonly #terms: SessionFileTerms;
  #path: string | undefined;
  #file: GrowingFile | undefined;
  #reader: RunReader | undefined;
  #trouble: string | undefined = 'the CLI has not said where it keeps its session';
  #timer: NodeJS.Timeout;

  constructor(terms: SessionFileTerms) {
    this.#terms = terms;
    this.#timer = setTimeout(() => this.#look(), SOON_MS);
  }

  /** Undefined: nothing could be read, and `trouble` says why. */
  soFar(): SoFar | undefined {
    const said = this.#reader?.soFar();
    return said && Object.keys(said.usage).length > 0 ? said : undefined;
  }

  /** Why what it has used is not known, in words. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    const said = this.soFar();
    if (!said) return `there is no usage in its session file "${this.#path}"`;
    return said.costUsd === undefined
      ? `the price of its model is not known, "prices" in the config names it`
      : undefined;
  }

  /** Reads what is left. */
  close(): void {
    clearTimeout(this.#timer);
    this.#read(LAST_BYTES);
  }

  #look(): void {
    const more = this.#read(LOOK_BYTES);
    this.#timer = setTimeout(() => this.#look(), more ? SOON_MS : LOOK_MS);
  }

  /** True when there is more. */
  #read(maxBytes: number): boolean {
    this.#find();
    const before = this.#reader;
    let left = maxBytes;
    let more = this.#file !== undefined;
    let isNew = false;
    while (more && left > 0) {
      const piece = this.#file!.next(Math.min(PIECE_BYTES, left));
      this.#trouble = piece.state === 'present' ? undefined : `its session file "${this.#path}" ${wordsOf(piece)}`;
      if (piece.state !== 'present') break;
      if (piece.isAnew) this.#reader = this.#terms.begin();
      this.#reader?.write(piece.bytes);
      left -= piece.bytes.length;
      more = piece.more;
      isNew ||= piece.bytes.length > 0;
    }
    if (isNew || before !== this.#reader) this.#terms.onNews();
    return more && this.#trouble === undefined;
  }

  /** A hook that is just writing has half a file: the next look finds the whole. */
  #find(): void {
    const read = this.#terms.disk.read(this.#terms.pointerKey);
    const value = read.state === 'present' ? parseJson(read.text).value : undefined;
    const path = isObject(value) ? value['transcript_path'] : undefined;
    if (typeof path !== 'string' || !path.startsWith('/') || path === this.#path) return;
    this.#path = path;
    this.#file = growingFile(path);
  }
}

const wordsOf = (piece: { state: 'absent' } | { state: 'unreadable'; reason: string }): string =>
  piece.state === 'absent' ? 'is not there' : `cannot be read: ${piece.reason}`;
