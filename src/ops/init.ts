/**
 * The choices behind `tend init`: which runner decides, which two shell templates drive it. Planning is pure; one write of the config
 * and then the seeding make it true. An aborted or refused init has written nothing, and no key of the config that we do not know is lost.
 */
import { stableJson } from '../lib/json.js';
import { shellQuote } from '../lib/shell-quote.js';
import type { LoadedConfig, RunnerName } from '../model/config.js';
import { badInput, TendError } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import { RUNNERS } from '../runners/registry.js';
import { loadConfig, saveConfig } from '../store/config.js';
import type { Disk } from '../store/disk.js';
import { MODEL_KEYS, PRESETS, type Preset, RUNNER_NAMES } from './presets.js';
import { seedHome } from './seed.js';

/** What a human typed: flags, or the answers of the dialog. Blank means not given. */
export interface InitRequest {
  runner?: RunnerName;
  tickCommand?: string;
  workerCommand?: string;
  /** The human's word on setting what the worker's CLI would ask at its first start. */
  prepare?: boolean;
  /** The human's word on installing the concierge skill for the agent CLIs that are here. */
  concierge?: boolean;
}

/** What a dialog needs to put its questions. */
export interface InitChoices {
  configPath: string;
  dataDir: string;
  /** In the order of the menu, presets first. */
  runners: readonly {
    name: RunnerName;
    about: string;
    /** Its program is on PATH, or it needs none. */
    found: boolean;
    /** It is an agent CLI with templates of its own. */
    preset: boolean;
  }[];
  /** The one to preselect. */
  current: RunnerName | undefined;
  /** What the two templates would be if this runner were taken and nothing edited. */
  templates(runner: RunnerName): { tick: string; worker: string };
  /** What this worker command would wait for at its start, a sentence each; what cannot be told is nothing. */
  unprepared(worker: string): readonly { file: string; about: string }[];
  /** Where the concierge skill would be written: agent CLIs that are here and do not have it, each with the file. */
  concierge: readonly { runner: RunnerName; file: string }[];
}

export interface InitPlan {
  runner: RunnerName;
  tick: string | undefined;
  worker: string | undefined;
  /** The whole config to save. */
  raw: Record<string, unknown>;
  /** False: the file says all of this already. */
  changed: boolean;
}

/** What may be chosen here. `isFound` tells whether a program is on PATH. */
export function initChoices(
  loaded: LoadedConfig,
  dataDir: string,
  machine: { isFound(program: string): boolean } & Pick<InitChoices, 'unprepared' | 'concierge'>,
): InitChoices {
  const { isFound, unprepared, concierge } = machine;
  return {
    unprepared,
    concierge,
    configPath: loaded.path,
    dataDir,
    runners: [
      ...PRESETS.map((preset) => ({
        name: preset.runner,
        about: preset.about,
        found: isFound(preset.program),
        preset: true,
      })),
      { name: 'embedded', about: RUNNERS.embedded.about, found: true, preset: false },
      { name: 'custom', about: RUNNERS.custom.about, found: true, preset: false },
    ],
    current: currentRunner(loaded),
    templates: (runner) => templatesOf(loaded, runner),
  };
}

/**
 * The config that `request` asks for: what it names, else what the config says for the same runner, else the runner's preset.
 * Input errors: no runner named and none configured, a missing tick command of `custom`, a worker command without `{{prompt_file}}`.
 */
export function planInit(loaded: LoadedConfig, request: InitRequest, found: readonly string[]): InitPlan {
  // A tick command and no runner, named or configured, can only mean one thing.
  const runner = request.runner ?? currentRunner(loaded) ?? (blank(request.tickCommand) ? 'custom' : undefined);
  if (!runner) {
    throw badInput(
      `Cannot initialise "${loaded.path}": no runner is named and none is configured; on PATH: ${found.join(', ') || 'no agent CLI'}`,
      `tend init --runner ${found[0] ?? 'embedded'} --yes   (one of ${RUNNER_NAMES.join(', ')})`,
    );
  }
  const preset = templatesOf(loaded, runner);
  const tick = blank(request.tickCommand) ?? blank(preset.tick);
  const worker = blank(request.workerCommand) ?? blank(preset.worker);
  if (runner === 'custom' && !tick) {
    throw badInput(
      'Cannot use runner "custom" without a tick command: it is the program that decides',
      "tend init --runner custom --tick-command 'my-agent < {{prompt_file}}' --yes",
    );
  }
  if (worker && !worker.includes('{{prompt_file}}')) {
    throw badInput(
      `Cannot use worker command ${JSON.stringify(worker)}: {{prompt_file}} is missing, and a worker's stdin is its terminal, so it would never see its brief`,
      `tend init --runner ${runner} --worker-command ${shellQuote(`${worker} {{prompt_file}}`)} --yes`,
    );
  }
  const raw = {
    ...(runner === 'embedded' ? withoutPreset(withModels(loaded, runner)) : withModels(loaded, runner)),
    runner,
    ...(tick ? { tick_command: tick } : {}),
    ...(worker ? { worker_command: worker } : {}),
  };
  const changed = !loaded.exists || stableJson(raw) !== stableJson(loaded.raw);
  return { runner, tick, worker, raw, changed };
}

/** Model names are words of one runner: a change to another preset brings that one's, everything else is kept. */
function withModels(loaded: LoadedConfig, runner: RunnerName): Record<string, unknown> {
  const preset = PRESETS.find((one) => one.runner === runner);
  if (!preset || currentRunner(loaded) === runner) return loaded.raw;
  const kept = Object.entries(loaded.raw).filter(([key]) => !(MODEL_KEYS as readonly string[]).includes(key));
  const fresh = Object.entries(preset.values).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...fresh]);
}

/** Reads the config at `path` (absolute). A broken one is never overwritten: the error says how to put it aside. */
export function loadForInit(path: string): LoadedConfig {
  try {
    return loadConfig(path);
  } catch (error) {
    if (!(error instanceof TendError) || error.code !== 'bad-config') throw error;
    throw new TendError(error.kind, error.message, {
      code: error.code,
      cause: error.cause,
      hint: `mv ${shellQuote(path)} ${shellQuote(`${path}.broken`)} && tend init`,
    });
  }
}

/**
 * Makes a plan true and returns the keys that were seeded. The config first: if we die before the seeding, the next init or the
 * pulse completes it.
 */
export function applyInit(
  to: { disk: Disk; seeds: string; configPath: string; plan: InitPlan },
  now: Instant,
): string[] {
  if (to.plan.changed) saveConfig(to.configPath, to.plan.raw);
  return seedHome(to.disk, to.seeds, now);
}

/** The configured runner; a config from before there was such a key is judged by its commands. */
export function currentRunner(loaded: LoadedConfig): RunnerName | undefined {
  if (loaded.config.runner) return loaded.config.runner;
  const { tick_command: tick, worker_command: worker } = loaded.config;
  if (!tick && !worker) return undefined;
  return PRESETS.find((preset) => preset.tick === tick && preset.worker === worker)?.runner ?? 'custom';
}

/**
 * `custom` keeps whatever is configured; `embedded` too, but for what a preset had brought, whose program it no longer needs;
 * a preset is kept as edited only while it stays the same runner.
 */
function templatesOf(loaded: LoadedConfig, runner: RunnerName): { tick: string; worker: string } {
  const preset: Preset | undefined = PRESETS.find((one) => one.runner === runner);
  const kept = runner === 'embedded' ? withoutPreset(loaded.config) : loaded.config;
  const mine = preset === undefined || currentRunner(loaded) === runner ? kept : {};
  return {
    tick: mine.tick_command ?? preset?.tick ?? '',
    worker: mine.worker_command ?? preset?.worker ?? '',
  };
}

/** A config, or the raw file of one, without templates that stand there exactly as a preset wrote them. */
function withoutPreset<T extends { tick_command?: unknown; worker_command?: unknown }>(config: T): T {
  const rest = { ...config };
  if (PRESETS.some((preset) => preset.tick === config.tick_command)) delete rest.tick_command;
  if (PRESETS.some((preset) => preset.worker === config.worker_command)) delete rest.worker_command;
  return rest;
}

const blank = (text: string | undefined): string | undefined => (text?.trim() ? text.trim() : undefined);
