import type { Env } from '../host/env.js';
import type { Profile } from '../host/profile.js';
import type { Json } from '../lib/json.js';
import type { Session } from '../model/session.js';
import type { Disk } from '../store/disk.js';
import type { Dialogs } from './dialogs.js';

/** A flag as it is typed: `--name`. Help, parser, completion and README are made from this. */
export interface Flag {
  /** `duration`: seconds, from whole numbers; `milliseconds`: with a fraction and `ms` if wanted, above 0. */
  type: 'boolean' | 'string' | 'count' | 'duration' | 'milliseconds' | 'strings';
  about: string;
  alias?: string;
  /** Word shown for the value, e.g. `TEXT`. */
  value?: string;
  default?: string;
  choices?: readonly string[];
  /** What completion offers: a set of live ids, files, or commands. */
  complete?: LiveIds;
}

/** Sets of ids that completion reads from the data dir. */
export type LiveIds =
  | 'asks'
  | 'goals'
  | 'sensors'
  | 'workers'
  | 'schedules'
  | 'leases'
  | 'loops'
  | 'workflows'
  | 'policy-files'
  | 'files'
  | 'commands'
  | 'topics';

export interface Positional {
  name: string;
  about: string;
  required: boolean;
  complete?: LiveIds;
  choices?: readonly string[];
}

/**
 * How words after the positionals are taken.
 * `none`: an input error. `text`: joined by one space; no words, or the single word `-`, means all of stdin.
 * `command`: everything after the first such word is verbatim, flags included; `verbatim` makes the same of a `text`.
 */
export type Rest =
  | { kind: 'none' }
  | { kind: 'text' | 'command'; name: string; about: string; required: boolean; verbatim?: boolean };

export interface VerbInput {
  /** Values of positionals by name; an absent optional one is undefined. */
  args: Readonly<Record<string, string | undefined>>;
  flags: Readonly<Record<string, boolean | string | number | readonly string[] | undefined>>;
  /** `text`: the body (stdin already read). `command`: unused. */
  body?: string;
  /** `command`: the words. */
  words: readonly string[];
}

/** What a verb may use. Made once by main.ts; everything in it is a value or a room's function, so tests can make their own. */
export interface Context {
  disk: Disk;
  profile: Profile;
  env: Env;
  session: Session;
  /** Absolute path of the `tend` program, for children. */
  bin: string;
  /** Directory of the shipped seeds. */
  seeds: string;
  /** Version of the program, for those who are told who they talk to. */
  version?: string;
  /** A warning for stderr; stdout is the answer alone. */
  warn(text: string): void;
  /** Early part of the answer, written to stdout at once (follow modes only). */
  print(text: string): void;
  /** Aborts on Ctrl-C and TERM. */
  signal: AbortSignal;
  /** True when stdin is a terminal, stdout is a terminal. */
  tty: { in: boolean; out: boolean };
  /** The streams of a client that paints a whole screen. Only when `tty` says that they are a terminal. */
  readonly terminal?: { in: NodeJS.ReadStream; out: NodeJS.WriteStream };
  /** The client's dialogs; absent in clients that have none. A verb also looks at `tty` before it uses them. */
  dialogs?: Dialogs;
  /** Becomes the pulse: runs it in this process until it is told to stop. Absent in clients that cannot. */
  becomePulse?(argv: readonly string[]): Promise<number>;
}

/** The answer of a verb: `json` when `--json` was asked, else `text`. Nothing else ever reaches stdout. */
export interface VerbResult {
  text: string;
  json?: Json | object;
  /** The verb had stdout to itself and has said everything: nothing is added to it, also with `--json`. */
  ownsStdout?: boolean;
  /** Its text has colours of our own making; any other control sequence is made visible on a terminal. */
  painted?: boolean;
  /** Exit code, default 0. Each code a verb uses stands in its `exits`. */
  exit?: number;
}

export interface Verb {
  /** Words that name it: `['worker', 'start']`. */
  path: readonly string[];
  group: 'start' | 'human' | 'worker' | 'see' | 'steer' | 'loops' | 'fleet' | 'other';
  /** One line, imperative, no full stop. */
  about: string;
  /** Paragraphs for its own help. */
  details?: string;
  args?: readonly Positional[];
  rest?: Rest;
  flags?: Readonly<Record<string, Flag>>;
  examples?: readonly { line: string; about: string }[];
  /** Exit codes beyond 0 and 2 with their meaning; of the style `loops` beyond 0 and 1. */
  exits?: Readonly<Record<number, string>>;
  /** Only a human's session may use it: it answers, approves, steers or starts things. */
  human?: boolean;
  /** It also looks at a data dir that a newer tend made, which every other verb refuses: it reads only, and says that. */
  anyFormat?: boolean;
  /**
   * `loops`: scripts of @hasna/loops call it, so each error ends with 1, its line begins with `error: `, and with `--json` stderr
   * also has `{"error":{"code","message"}}`. Absent: tend's own kinds of exit.
   */
  exitStyle?: 'loops';
  /** Left out of help and completion: internal. */
  hidden?: boolean;
  run(input: VerbInput, context: Context): Promise<VerbResult>;
}
