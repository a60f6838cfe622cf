/**
 * What one run of an agent CLI came to, in our words. Exit codes and subtypes lie (pi exits with 0 on every model error, claude
 * writes "success" on API errors), so a reader of its stream says it, and nobody else guesses.
 */

/** Why a run ended. Only `done` is a success. */
export type Reason =
  | 'done'
  /** The model or the CLI failed in a way that has no better name. */
  | 'error'
  /** 429, 529, overload, quota. */
  | 'rate_limit'
  /** Not logged in, a wrong key. */
  | 'auth'
  /** The endpoint cannot be reached. */
  | 'unreachable'
  /** The answer was cut at the token limit. */
  | 'truncated'
  /** Stopped by the CLI's own permissions. */
  | 'denied'
  /** Ended by a signal, ours or another's. */
  | 'interrupted'
  /** Ended by our deadline. */
  | 'timeout'
  /** No process came to be. */
  | 'spawn'
  /** It says that it succeeded and left no text. */
  | 'empty';

/** Tokens as the CLI reports them for this run alone; absent: not reported. */
export interface RunUsage {
  /** Not from a cache. */
  input_tokens?: number;
  output_tokens?: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
}

export interface RunResult {
  /** Exit 0, and a final event, and that event says so. */
  ok: boolean;
  reason: Reason;
  /** The final message; empty when there is none that is an answer (the text of an API error is none). */
  text: string;
  usage: RunUsage;
  /** Dollars of this run alone: as reported, else by the price table of the runner; absent: unknown. */
  costUsd?: number;
  /** What resumes it. */
  sessionId?: string;
  exit: number | null;
  signal?: string;
  /** In the CLI's own words, one line, when `ok` is false. */
  error?: string;
  /** The same call later may succeed without anybody's help. */
  retryable: boolean;
  /** Unix seconds before which a retry is useless: the provider named a reset time. */
  retryAt?: number;
}

/** How the process ended, as the launcher saw it. */
export interface RunEnd {
  exit: number | null;
  signal?: string;
  /** What we did to it. */
  ended?: 'timeout' | 'aborted' | 'spawn';
  stderrTail: string;
}
