/**
 * What tend knows about an agent CLI: how it is called in each mode, what keeps it quiet and bounded, which secrets are its own,
 * how it is stopped, and how its stream is read. Data and pure functions: the process itself is launch.ts. Everything that
 * differs between CLIs is in the file of that CLI and nowhere else.
 */
import type { Prices } from '../model/config.js';
import type { JsonSchema } from '../model/move-schema.js';
import type { RunEnd, RunResult, RunUsage } from './result.js';
import type { Teller } from './told.js';

/**
 * Shell templates, filled by lib/shell-quote.ts alone. Placeholders: `{{prompt_file}}` `{{model}}` `{{thinking}}` `{{session}}`, in
 * `tick` also `{{schema}}` and `{{schema_file}}` (the JSON Schema of the answer) and `{{answer_schema}}` (see `Runner.answer`).
 * A template without `{{prompt_file}}` gets the prompt on stdin, which is closed behind it.
 */
export interface Commands {
  /** One decision, with no means to act. The config's `tick_command` goes before it. */
  readonly tick?: string;
  /**
   * A worker in a terminal of its own; has `{{prompt_file}}`. With `{{session}}` in it tend chooses the id of the session, a UUID; else the
   * stream tells it. The config's `worker_command` goes before it.
   */
  readonly worker?: string;
  /** One headless piece of work, with tools. */
  readonly step?: string;
  /** One headless look that may read and not write. */
  readonly review?: string;
  /** A worker that goes on with `{{session}}`, in a terminal as `worker` is, and with no more rights; has `{{prompt_file}}`. */
  readonly resume?: string;
}

/** The modes as people call them, each with the key of its command. */
export const MODES: Readonly<Record<string, keyof Commands>> = {
  decide: 'tick',
  worker: 'worker',
  step: 'step',
  review: 'review',
  resume: 'resume',
};

export interface Runner extends Commands {
  readonly name: string;
  /** One line for the menu of `tend init`. */
  readonly about: string;
  /** How one gets its program. */
  readonly install?: string;
  /** The program that is looked for on PATH, and the words that make it print its version. Absent: there is none of its own. */
  readonly program?: { readonly name: string; readonly version: readonly string[] };
  /** Makes it quiet: no updates, no telemetry. What the user has set goes before it, here and in the next two. */
  readonly env?: Readonly<Record<string, string>>;
  /** Besides, in a decision: few retries of its own, because tend retries. A worker is started once and needs its patience. */
  readonly decideEnv?: Readonly<Record<string, string>>;
  /** Besides, when tend runs as root. */
  readonly rootEnv?: Readonly<Record<string, string>>;
  /** Names of variables that hold its provider's keys and addresses: meant for this CLI and no other. */
  readonly providerEnv?: readonly string[];
  /** It may be set up with the keys of any provider (provider-keys.ts). */
  readonly anyProvider?: boolean;
  /** Signals that stop it, gentlest first, before KILL; whatever lives after its share of the grace gets the next. Absent: TERM. */
  readonly stop?: readonly NodeJS.Signals[];
  /** Dollars per million tokens by model, for a CLI that reports no cost. */
  readonly prices?: Prices;
  /** Values of `{{model}}` and `{{thinking}}` where the config has none; a cheap model decides, a strong one works. */
  readonly defaults: { model?: string; thinking?: string; workerModel?: string; workerThinking?: string };
  /** Where its user's skills lie (directories with a SKILL.md), from the user's environment. Absent: it takes none. */
  readonly skillsDir?: (env: Readonly<Record<string, string | undefined>>) => string | undefined;
  /** What its user types, or puts into which file, so that it starts an MCP server. Absent: it is no MCP client. */
  readonly mcpSetup?: (server: McpServer) => string;
  /** Whether decisions need a process at all; the embedded runner is rules alone. */
  readonly isEmbedded: boolean;
  /** How its decisions are held to a JSON Schema. */
  readonly answer?: AnswerSchema;
  /** Its runs print events where its command is asked for them: how to tell, and what those events tell a person. */
  readonly events?: { isAskedBy: RegExp; teller(): Teller };
  /** A reader of one run's stdout. */
  reader(options: ReaderOptions): RunReader;
  /**
   * A reader of the file that it keeps of a session, for a worker whose terminal shows a screen and no stream. Its hook names the file, as
   * `transcript_path` of a JSON object in `<prompt file>.session`.
   */
  sessionReader?(options: ReaderOptions): RunReader;
}

export interface AnswerSchema {
  /** Words of a command with `{{schema}}` or `{{schema_file}}`. They stand where a template has `{{answer_schema}}`, or nothing does. */
  readonly words: string;
  /** What `auto` in the config means. */
  readonly byDefault: boolean;
  /** What its strict mode demands of a schema. */
  shape?(schema: JsonSchema): JsonSchema;
}

/** An MCP server on stdin and stdout, as every client is told of one. */
export interface McpServer {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ReaderOptions {
  /** Unix seconds: reset times like "3pm" are reckoned from it. */
  nowS: number;
  /** The model that was asked for, for the price table; the stream's own word goes before it. */
  model?: string;
  /** Of the config: goes before the runner's table. */
  prices?: Prices;
  /** What the earlier runs of a resumed session came to: taken off where the CLI counts over the whole session. */
  since?: RunUsage & { costUsd?: number };
  /** Most that it keeps of a text, and of one line; what is longer is noise. Default: as much as a decider may need. */
  keepBytes?: number;
}

/** What a run has said of itself by now. */
export type SoFar = Pick<RunResult, 'usage' | 'costUsd' | 'sessionId'>;

/** Takes the stdout of one run in pieces of any size, keeps only what the result needs, and never throws. */
export interface RunReader {
  write(chunk: Uint8Array): void;
  /** At any time before the end, of the lines that have ended. */
  soFar(): SoFar;
  /** Once, after the last piece. */
  end(end: RunEnd): RunResult;
}
