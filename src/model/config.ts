import * as z from 'zod/mini';
import { PROVIDERS } from './loop.js';

/** One of the names in runners/registry.ts, which is where a config's word is looked up. */
export type RunnerName = string;

const dollars = z.number().check(z.minimum(0));

/** Dollars per million tokens by the name of a model; `default` counts where no other row does. */
export const pricesSchema = z.record(
  z.string(),
  z.strictObject({
    input: dollars,
    output: dollars,
    /** Default: as `input`. */
    cache_read: z.optional(dollars),
    cache_write: z.optional(dollars),
  }),
);
export type Prices = z.infer<typeof pricesSchema>;

/** The words of one command: an operator in it, or nothing at all, would never match anything, and a brake that never grips must be said. */
const shapes = z.optional(
  z.array(
    z.string().check(
      z.refine((shape) => shape.trim() !== '', 'is blank, a command shape is wanted, like "git push *"'),
      z.refine(
        (shape) => !/(^|\s)(;|&&?|\|\|?)(\s|$)|;(\s|$)|\n\s*\S/.test(shape),
        'holds several commands, the words of one are wanted, like "git push *"',
      ),
    ),
  ),
);

/** `config.json`. Unknown keys are kept by whoever rewrites it; knobs are read by `resolveKnobs`. */
export const configSchema = z.looseObject({
  /** A name of runners/registry.ts. */
  runner: z.optional(z.string()),
  /** Shell text of one decision; `{{prompt_file}}`, else the prompt comes on stdin. Legacy key: `tick`. */
  tick_command: z.optional(z.string()),
  /** Shell text of a worker; `{{prompt_file}}` is required. Legacy key: `interactive`. */
  worker_command: z.optional(z.string()),
  /**
   * Shell text that goes on with the session of such a worker; `{{session}}` and `{{prompt_file}}` are required. Absent: the runner's own, where
   * `worker_command` is the runner's own too.
   */
  resume_command: z.optional(z.string()),
  model: z.optional(z.string()),
  thinking: z.optional(z.string()),
  /** Whether a decider is held to a JSON Schema: `auto` is what is best for its CLI, and goes without where the provider refuses one. */
  answer_schema: z.optional(z.enum(['auto', 'on', 'off'])),
  /** Decides instead of `model` when that one asks for it, or has given no valid move twice. */
  strong_model: z.optional(z.string()),
  worker_model: z.optional(z.string()),
  worker_thinking: z.optional(z.string()),
  /** Names of variables whose values are taken out of transcripts, the ledger and prompts, besides those whose names say so. */
  secrets: z.optional(z.array(z.string())),
  /** Names of provider keys that every child inherits, not only the agent CLI that they belong to. */
  pass_keys: z.optional(z.array(z.string())),
  /** For runners that report tokens and no cost: goes before their own tables. */
  prices: z.optional(pricesSchema),
  /**
   * How an agent provider of a loop or workflow is called, by its name, where that changed since this version of tend. `args` holds words with
   * `{{model}}` `{{agent}}` `{{cwd}}` `{{auth_profile}}`; an inner list is left out whole when one of its placeholders has no value.
   */
  adapters: z.optional(
    z.partialRecord(
      z.enum(PROVIDERS),
      z.strictObject({
        command: z.optional(z.string().check(z.minLength(1))),
        args: z.optional(z.array(z.union([z.string(), z.array(z.string())]))),
      }),
    ),
  ),
  /** `ask` (the default): a yes to an approval that comes through `tend mcp` is asked of the human by tend itself. `relay`: an agent may pass it on. */
  mcp: z.optional(z.strictObject({ approvals: z.optional(z.enum(['ask', 'relay'])) })),
  gate: z.optional(
    // A word that is not known here may be a brake that was spelt wrong.
    z.strictObject({
      allow: shapes,
      ask: shapes,
      refuse: shapes,
      /** True: `gate.allow` also covers what tend refuses by itself. Shown by `tend status`. */
      unsafe: z.optional(z.boolean()),
      /** `allow`: a decider may write sensors without being asked. */
      sensors: z.optional(z.enum(['ask', 'allow'])),
    }),
  ),
  /** What `tend notify` is told; it checks it by notifySchema of model/notify.ts. */
  notify: z.optional(z.looseObject({})),
});
export type Config = z.infer<typeof configSchema>;

/** The effective config of a profile: file, legacy names mapped, blank templates dropped. */
export interface LoadedConfig {
  config: Config;
  /** Everything in the file, for a rewrite that loses nothing. */
  raw: Record<string, unknown>;
  path: string;
  /** False when there is no file: `tend up` says "run tend init". */
  exists: boolean;
}
