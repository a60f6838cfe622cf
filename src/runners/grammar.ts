/**
 * The seam between the bytes of a stream (stream-reader.ts) and what its events mean (grammars/). A grammar folds events into
 * what the CLI says of its own run; whether that is a success is decided in one place for all, verdict.ts.
 */
import type { Event } from './event.js';
import type { Reason, RunUsage } from './result.js';
import type { ReaderOptions } from './runner.js';

export interface Grammar {
  /**
   * JSON string tokens, without their quotes. A line that matters has at least one of them as a whole string, at any place:
   * lines with none are skipped unparsed.
   */
  readonly marks: readonly string[];
  begin(options: ReaderOptions): Fold;
}

export interface Fold {
  take(event: Event): void;
  /** True while also lines without a mark matter. */
  isAttentive?(): boolean;
  said(): Said;
}

/** How the run went in the CLI's own words. */
export interface Said {
  /** The last final event says success: `text` is the final message, which may be blank. */
  done?: { text: string /** Why the blank text is blank. */; whenBlank?: Reason };
  failed?: Failure;
  usage: RunUsage;
  costUsd?: number;
  sessionId?: string;
  /** What it is when the stream ends without a final event; default `interrupted`. */
  whenCut?: Reason;
}

export interface Failure {
  /** In the CLI's own words. */
  words: string;
  /** HTTP status, where the CLI gives it apart. */
  status?: number | undefined;
  /** Where an event says it outright; else it is read out of `status` and `words`. */
  reason?: Reason | undefined;
  retryable?: boolean | undefined;
  /** Unix seconds, where an event says it outright. */
  retryAt?: number | undefined;
  /** False: a notice of something the CLI was still trying to mend, which counts only when the process then ended by itself. */
  isFinal: boolean;
}
