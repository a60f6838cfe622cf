/**
 * What tend knows about an agent CLI: how it is called when nothing else is configured, and how its stdout is read. Pure: the
 * process itself is launch.ts. Everything that differs between CLIs is in the file of that CLI and nowhere else.
 */
import type { RunnerName } from '../model/config.js';
import type { Usage } from '../model/spend.js';

export interface Runner {
  readonly name: RunnerName;
  /** Default `tick_command` of one decision, the prompt on stdin. Absent: the config must give one, or there is no model. */
  readonly tick?: string;
  /** Default `worker_command`, with `{{prompt_file}}`. */
  readonly worker?: string;
  /** Values of `{{model}}` and `{{thinking}}` where the config has none; a cheap model decides, a strong one works. */
  readonly defaults: { model?: string; thinking?: string; workerModel?: string; workerThinking?: string };
  /** Whether decisions need a process at all; the embedded runner is rules alone. */
  readonly isEmbedded: boolean;
  /** The model's last message out of the whole stdout of a run that exited with 0. */
  finalMessage(stdout: string): FinalMessage;
  /** What the CLI itself reports; `usage` lines of usage.ts are added by the caller. */
  usage(stdout: string): Usage;
}

export type FinalMessage =
  | { state: 'text'; text: string }
  /** The CLI says that it failed, whatever its exit code: `reason` is its own message. */
  | { state: 'failed'; reason: string };
