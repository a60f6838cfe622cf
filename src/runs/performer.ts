/**
 * What is asked of whoever performs one attempt of one target, and what comes back. A kind of target is one file with a
 * `Performer` and one line in `performers.ts`. A performer starts the target at most once, never throws for what the target
 * does, leaves nothing of it alive, and writes nothing about loops: claims, results and cursors are the attempt's.
 */
import type { Env } from '../host/env.js';
import type { Profile } from '../host/profile.js';
import type { ProcessId, Target } from '../model/loop.js';
import type { StepTarget } from '../model/workflow.js';
import type { Disk } from '../store/disk.js';
import type { DayLimit } from './day-money.js';

/** What every part that performs runs may use. */
export interface RunDeps {
  disk: Disk;
  profile: Profile;
  /** The environment of this process. */
  env: Env;
  /** Absolute path of the `tend` program, for children. */
  bin: string;
  /** One line for the log of whoever runs us. */
  log(level: 'info' | 'warn' | 'error', event: string, text: string): void;
  /** Asks the human when the money of the day is used up: the pulse's, whose runs wait then. Absent: a human started it by hand, and it is refused. */
  askForMoney?(limit: DayLimit): Promise<unknown>;
  /** The human said that it may pass the limit of the day. */
  mayOverspend?: boolean;
}

/** Whose run this is; goes to children as `TEND_*` and `LOOPS_*` variables (loops spec 3.8). Absent ones are absent there. */
export interface RunIdentity {
  loopId?: string;
  loopName?: string;
  runId?: string;
  /** ISO. */
  scheduledFor?: string;
  attempt?: number;
  workflowId?: string;
  workflowName?: string;
  workflowRunId?: string;
  workflowStepId?: string;
  goalId?: string;
  goalObjective?: string;
  goalNodeKey?: string;
  goalNodeObjective?: string;
}

export interface PerformRequest<T extends Target | StepTarget = Target | StepTarget> {
  target: T;
  identity: RunIdentity;
  /** Fencing token: the children's mark (`TEND_MARK`), by which all of them are found and ended. Unique for each attempt. */
  token: string;
  /** Of a step: goes before the target's own. */
  timeoutMs?: number;
  account?: { profile: string; tool?: string };
  /** Appended to an agent's prompt behind a separator (the objective of a node). */
  promptSuffix?: string;
  /** Aborts the run: TERM, 2 s, KILL; it is told as failed, `cancelled`. */
  signal: AbortSignal;
  /** Called as soon as the child is there; again when another one takes its place, as when an agent CLI wants its flags in another order. */
  onChild?(child: ProcessId): void;
}

export type Performed =
  | {
      status: 'succeeded' | 'failed' | 'timed_out' | 'skipped';
      exitCode?: number;
      pid?: number;
      /** Milliseconds of the monotonic clock. */
      durationMs: number;
      /** Scrubbed text, its last 256 KiB; a first line says how many bytes were dropped. */
      stdout: string;
      stderr: string;
      /** The first 8 KiB of stdout, scrubbed, when not all of it was kept. */
      head?: string;
      /** Absent when it succeeded. */
      error?: string;
      /** Its workflow run was cancelled by somebody: it is not tried again by an objective. */
      isCancelled?: boolean;
      accountProfile?: string;
      accountTool?: string;
      workflowRunId?: string;
      goalRunId?: string;
      /** What an agent reported of itself. */
      usage?: { inputTokens?: number; outputTokens?: number; costUsd?: number; sessionId?: string };
    }
  /** Its workflow waits for a human: the attempt stays open without a process. */
  | { status: 'parked'; workflowRunId: string };

export type Performer<T extends Target | StepTarget = Target | StepTarget> = (
  deps: RunDeps,
  request: PerformRequest<T>,
) => Promise<Performed>;
