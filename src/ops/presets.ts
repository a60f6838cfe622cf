/** The agent CLIs that `tend init` offers: their templates are the runners' own, here is only what a person choosing wants to know. */
import type { RunnerName } from '../model/config.js';
import { runnerBinaries } from '../runners/command.js';
import { RUNNERS } from '../runners/registry.js';

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
export const PRESETS: readonly Preset[] = [
  preset('claude', 'Claude Code', 'npm install -g @anthropic-ai/claude-code'),
  preset('codex', 'Codex CLI', 'npm install -g @openai/codex'),
  preset('opencode', 'opencode', 'npm install -g opencode-ai'),
  preset('pi', 'pi', 'npm install -g @earendil-works/pi-coding-agent'),
];

function preset(runner: RunnerName, about: string, install: string): Preset {
  const { tick = '', worker = '', defaults } = RUNNERS[runner];
  return {
    runner,
    about,
    program: runnerBinaries(tick)[0] ?? runner,
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
