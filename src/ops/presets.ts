/** The agent CLIs that `tend init` offers: their templates are the runners' own, here is only what a person choosing wants to know. */
import type { RunnerName } from '../model/config.js';
import { RUNNER_NAMES, RUNNERS } from '../runners/registry.js';
import type { Runner } from '../runners/runner.js';

/** What `tend init --runner` takes. */
export { RUNNER_NAMES };

export interface Preset {
  runner: RunnerName;
  /** One line for the menu. */
  about: string;
  /** The program that must be on PATH. */
  program: string;
  /** How one gets it. */
  install: string;
  tick: string;
  worker: string;
  /** Values of the templates' placeholders, under the names of the config. */
  values: Readonly<Record<ModelKey, string | undefined>>;
}

/** Config keys whose values are words of one runner and mean nothing to another. */
export const MODEL_KEYS = ['model', 'thinking', 'worker_model', 'worker_thinking'] as const;
export type ModelKey = (typeof MODEL_KEYS)[number];

/** In the order of the menu. */
export const PRESETS: readonly Preset[] = Object.values<Runner>(RUNNERS).flatMap((runner) =>
  runner.program ? [preset(runner, runner.program.name)] : [],
);

function preset(
  { name, about, install = `find the program "${name}"`, tick = '', worker = '', defaults }: Runner,
  program: string,
): Preset {
  return {
    runner: name,
    about,
    program,
    install,
    tick,
    worker,
    values: {
      model: defaults.model,
      thinking: defaults.thinking,
      worker_model: defaults.workerModel,
      worker_thinking: defaults.workerThinking,
    },
  };
}
