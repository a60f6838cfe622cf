/**
 * What an agent CLI whose terminal shows a screen writes down of its session, followed while it grows. Its hook names the file some time
 * after the start, and may name another one later. Only what is new is read, and nothing is ever written.
 */
import { given } from '../../../lib/given.js';
import { isObject, parseJson } from '../../../lib/json.js';
import type { Counted } from '../../../model/worker.js';
import type { RunReader, SoFar } from '../../../runners/runner.js';
import { addTokens, tokensSince } from '../../../runners/tokens.js';
import type { Disk } from '../../../store/disk.js';
import { type GrowingFile, growingFile } from '../../../store/growing-file.js';
import { listOf } from '../../../store/local-read.js';

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
  /** A reader of one file, which counts all of it. */
  begin(): RunReader;
  /** What the session had come to before this run. */
  since: Counted;
  /** Something was read. */
  onNews(): void;
}

/** Files of agents that it had work for it, which are in no other account. */
const HELPERS_MAX = 1_000;

interface Followed {
  file: GrowingFile;
  reader: RunReader;
}

export class SessionFile {
  readonly #terms: SessionFileTerms;
  #path: string | undefined;
  /** By path: the session's own file, and those of its helpers. */
  #files = new Map<string, Followed>();
  #trouble: string | undefined = 'the CLI has not said where it keeps its session';
  #timer: NodeJS.Timeout;

  constructor(terms: SessionFileTerms) {
    this.#terms = terms;
    this.#timer = setTimeout(() => this.#look(), SOON_MS);
  }

  /** This run's part of the session. Undefined: nothing could be read, and `trouble` says why. */
  soFar(): SoFar | undefined {
    const said = [...this.#files.values()].map(({ reader }) => reader.soFar()).filter(hasUsage);
    if (said.length === 0) return undefined;
    const { usd: before = 0, ...since } = this.#terms.since;
    const costs = said.map(({ costUsd }) => costUsd);
    const isPriced = costs.every((cost) => cost !== undefined);
    return {
      usage: tokensSince(
        said.reduce<SoFar['usage']>((sum, { usage }) => addTokens(sum, usage), {}),
        given(since),
      ),
      ...(isPriced ? { costUsd: Math.max(0, costs.reduce((sum, cost) => sum + cost, 0) - before) } : {}),
    };
  }

  /** Why what it has used is not known, in words. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    const said = this.soFar();
    if (!said) return `there is no usage in its session file "${this.#path}"`;
    return said.costUsd === undefined
      ? 'the price of its model is not known, "prices" in the config names it'
      : undefined;
  }

  /** Reads what is left. */
  close(): void {
    clearTimeout(this.#timer);
    this.#readAll(LAST_BYTES);
  }

  #look(): void {
    const more = this.#readAll(LOOK_BYTES);
    this.#timer = setTimeout(() => this.#look(), more ? SOON_MS : LOOK_MS);
  }

  /** True when there is more. */
  #readAll(maxBytes: number): boolean {
    this.#find();
    if (this.#path === undefined) return false;
    let left = maxBytes;
    for (const path of [this.#path, ...helpersOf(this.#path)]) left -= this.#read(path, left);
    if (left < maxBytes) this.#terms.onNews();
    return left <= 0;
  }

  /** Bytes that were read of this one. */
  #read(path: string, maxBytes: number): number {
    const followed = this.#files.get(path) ?? { file: growingFile(path), reader: this.#terms.begin() };
    this.#files.set(path, followed);
    let got = 0;
    for (let more = true; more && got < maxBytes; ) {
      const piece = followed.file.next(Math.min(PIECE_BYTES, maxBytes - got));
      if (path === this.#path)
        this.#trouble = piece.state === 'present' ? undefined : `its session file "${path}" ${wordsOf(piece)}`;
      if (piece.state !== 'present') break;
      if (piece.isAnew) followed.reader = this.#terms.begin();
      followed.reader.write(piece.bytes);
      got += piece.bytes.length;
      more = piece.more;
    }
    return got;
  }

  /** A hook that is just writing has half a file: the next look finds the whole. */
  #find(): void {
    const read = this.#terms.disk.read(this.#terms.pointerKey);
    const value = read.state === 'present' ? parseJson(read.text).value : undefined;
    const path = isObject(value) ? value['transcript_path'] : undefined;
    if (typeof path !== 'string' || !path.startsWith('/') || path === this.#path) return;
    this.#path = path;
    this.#files = new Map();
  }
}

/** Claude Code keeps what its helpers say in a directory beside the session's file, with the name of that. */
function helpersOf(path: string): string[] {
  const dir = `${path.replace(/\.jsonl$/, '')}/subagents`;
  const listed = dir.startsWith(`${path}/`) ? undefined : listOf(dir);
  const names = listed?.state === 'present' ? listed.names.filter((name) => name.endsWith('.jsonl')) : [];
  return names.slice(0, HELPERS_MAX).map((name) => `${dir}/${name}`);
}

const hasUsage = ({ usage }: SoFar): boolean => Object.keys(usage).length > 0;

const wordsOf = (piece: { state: 'absent' } | { state: 'unreadable'; reason: string }): string =>
  piece.state === 'absent' ? 'is not there' : `cannot be read: ${piece.reason}`;
