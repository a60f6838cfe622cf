/** What a file in moves/ declares about its kind, and what the door gives to it. Everything about one kind stands in one file. */
import type { Env } from '../host/env.js';
import type { Profile } from '../host/profile.js';
import type { Config } from '../model/config.js';
import type { Instant } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import type { Action, MoveOf } from '../model/move.js';
import type { ShellOutput } from '../model/run.js';
import type { Disk } from '../store/disk.js';
import type { RunRef } from '../store/runs.js';

export interface ActDeps {
  disk: Disk;
  knobs: Knobs;
  config: Config;
  profile: Profile;
  env: Env;
  /** Absolute path of the `tend` program, for supervisors. */
  bin: string;
  /** Directory of the shipped seeds: the worker contract lies there. */
  seeds: string;
  /** Fires when this process shall end. */
  signal?: AbortSignal;
  /** What the end of this process means for a shell command: it goes on (the pulse), or it is stopped (a human's Ctrl-C). */
  whenAborted?: 'leave' | 'stop';
}

export interface MoveContext {
  deps: ActDeps;
  run: RunRef;
  /** When the move was decided: a repeat after a crash uses the same value. */
  at: Instant;
  /** Somebody began this very move before and may have died in it: an effect that is there already is not made again. */
  repeated: boolean;
  /** Who wanted it: `pulse`, `human:<user>`, `approval:<ask>`. */
  by: string;
}

/** An executor throws a TendError to refuse (nothing happened) or to report the machine; both become results of the door. */
export type Effect =
  | { state: 'done'; note?: string; undo?: string; output?: ShellOutput; durationMs?: number }
  | { state: 'failed'; code: string; reason: string; output?: ShellOutput; durationMs?: number }
  | { state: 'left-running' };

export interface Target {
  key: string;
  /** What the file holds afterwards, or how one knows that; undefined: it is gone. */
  wanted: string | undefined | ((text: string) => boolean);
}

/** `undo` is the command that takes the move back; the journal names it. */
export const undoable = (undo: string): Effect => ({ state: 'done', undo });

export interface MoveKind<A extends Action> {
  /** The line for the journal, and what the human reads. */
  summary(move: MoveOf<A>): string;
  /** The goal that it acts on, for fairness. */
  goal?(move: MoveOf<A>): string;
  /** The file that it changes, for a repeat after a death: it makes no change again, and undoes none that came after it. */
  target?(move: MoveOf<A>): Target;
  /** Its own run directory and ledger row, with this prefix; absent: it leaves only its outcome. */
  ledger?: 'shell';
  execute(context: MoveContext, move: MoveOf<A>): Promise<Effect>;
}

export const done = (note?: string): Effect => (note === undefined ? { state: 'done' } : { state: 'done', note });
