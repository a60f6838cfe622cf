/**
 * A file that grows, read from near its end and then only what is new. The file is known by device, inode and the last bytes that
 * were consumed, so one that was replaced, or cut and written again beyond the old length, is begun anew and never mixed.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf, wordsFor } from './local-read.js';

/** One step: small enough that keys are heard between two steps, large enough that 16 MiB are few of them. */
const STEP_BYTES = 256 * 1024;
/** What is compared to tell the same file from a rewritten one (specs/looop.md 6.2). */
const WITNESS_BYTES = 4_096;

export type TailStep =
  /** The next bytes. `fresh`: forget what came before, this is another file or its beginning; `skipped` bytes stand before them. */
  | { state: 'bytes'; bytes: Buffer; fresh: boolean; skipped: number; more: boolean }
  | { state: 'same' }
  | { state: 'absent' }
  | { state: 'unreadable'; reason: string };

export class FileTail {
  readonly #path: string;
  readonly #maxBytes: number;
  #known: { dev: bigint; ino: bigint; mtimeNs: bigint } | undefined;
  #offset = 0;
  #witness = Buffer.alloc(0);

  /** `maxBytes`: how much of the end is read at first, and after the file became another. */
  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** The next piece, at most 256 KiB, up to the length that the file has at this moment. A file that did not change costs one stat. */
  step(): TailStep {
    let fd: number;
    try {
      // O_NONBLOCK: opening a FIFO returns at once instead of waiting for a writer that may never come.
      fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch (error) {
      this.#known = undefined;
      const code = codeOf(error);
      return code === 'ENOENT' ? { state: 'absent' } : { state: 'unreadable', reason: wordsFor(code) };
    }
    try {
      return this.#stepOf(fd);
    } catch (error) {
      return { state: 'unreadable', reason: wordsFor(codeOf(error)) };
    } finally {
      closeSync(fd);
    }
  }

  #stepOf(fd: number): TailStep {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile()) return { state: 'unreadable', reason: wordsFor(stat.isDirectory() ? 'EISDIR' : 'ENXIO') };
    const size = Number(stat.size);
    const { dev, ino, mtimeNs } = stat;
    const isSame = this.#known?.dev === dev && this.#known.ino === ino;
    if (isSame && size === this.#offset && this.#known?.mtimeNs === mtimeNs) return { state: 'same' };
    const fresh = !isSame || size < this.#offset || !this.#isWitnessed(fd);
    if (fresh) {
      this.#offset = Math.max(0, size - this.#maxBytes);
      this.#witness = Buffer.alloc(0);
    }
    this.#known = { dev, ino, mtimeNs };
    const skipped = fresh ? this.#offset : 0;
    const bytes = readAt(fd, this.#offset, Math.min(STEP_BYTES, size - this.#offset));
    if (bytes.length === 0 && !fresh) return { state: 'same' };
    this.#offset += bytes.length;
    const last = Buffer.concat([this.#witness, bytes.subarray(-WITNESS_BYTES)]);
    this.#witness = Buffer.from(last.subarray(-WITNESS_BYTES));
    return { state: 'bytes', bytes, fresh, skipped, more: bytes.length > 0 && this.#offset < size };
  }

  /** True while the bytes before our place are still those that we consumed. */
  #isWitnessed(fd: number): boolean {
    const length = this.#witness.length;
    return readAt(fd, this.#offset - length, length).equals(this.#witness);
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const n = readSync(fd, buffer, got, length - got, from + got);
    // The file became shorter meanwhile: what was really read is what counts.
    if (n === 0) break;
    got += n;
  }
  return buffer.subarray(0, got);
}
