import * as z from 'zod/mini';

export const RUNNER_NAMES = ['embedded', 'custom', 'claude', 'codex', 'opencode', 'pi'] as const;
export type RunnerName = (typeof RUNNER_NAMES)[number];

/** `config.json`. Unknown keys are kept by whoever rewrites it; knobs are read by `resolveKnobs`. */
export const configSchema = z.looseObject({
  runner: z.optional(z.enum(RUNNER_NAMES)),
  /** Shell text of one decision; `{{prompt_file}}`, else the prompt comes on stdin. Legacy key: `tick`. */
  tick_command: z.optional(z.string()),
  /** Shell text of a worker; `{{prompt_file}}` is required. Legacy key: `interactive`. */
  worker_command: z.optional(z.string()),
  model: z.optional(z.string()),
  thinking: z.optional(z.string()),
  worker_model: z.optional(z.string()),
  worker_thinking: z.optional(z.string()),
  gate: z.optional(
    z.looseObject({
      allow: z.optional(z.array(z.string())),
      ask: z.optional(z.array(z.string())),
      refuse: z.optional(z.array(z.string())),
      /** True: `gate.allow` also covers what tend refuses by itself. Shown by `tend status`. */
      unsafe: z.optional(z.boolean()),
      /** `allow`: a decider may write sensors without being asked. */
      sensors: z.optional(z.enum(['ask', 'allow'])),
    }),
  ),
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
