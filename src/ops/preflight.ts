/**
 * Are the programs of the config here? Asked only by what is about to launch one: `up`, the pulse, a worker's start. Reading,
 * answering and stopping work without any of them.
 */
import type { Env } from '../host/env.js';
import { whichProgram } from '../host/which.js';
import type { Config } from '../model/config.js';
import { TendError } from '../model/error.js';
import { runnerBinaries } from '../runners/command.js';
import { runnerOf } from '../runners/registry.js';
import { requireOwnRoot } from '../store/root-safety.js';
import { PRESETS } from './presets.js';

/** The commands of a config that a launch would use, with the key that names each. */
export function launchCommands(config: Config): { key: string; command: string }[] {
  const runner = runnerOf(config);
  const tick = runner.isEmbedded ? undefined : (config.tick_command ?? runner.tick);
  return [
    ...(tick ? [{ key: 'tick_command', command: tick }] : []),
    ...(config.worker_command ? [{ key: 'worker_command', command: config.worker_command }] : []),
  ];
}

/**
 * Refuses a data dir that others may write to, and throws one environment error that names every missing program and how to get it. `cwd` is the data dir, where a path with "/" starts.
 * A command whose program cannot be told for sure (shell syntax, variables) is not judged.
 */
export function preflight(config: Config, env: Env, cwd: string): void {
  requireOwnRoot(cwd);
  const missing = new Map<string, string>();
  for (const { key, command } of launchCommands(config)) {
    for (const program of runnerBinaries(command)) {
      if (whichProgram(program, env, cwd) === undefined && !missing.has(program)) missing.set(program, key);
    }
  }
  if (missing.size === 0) return;
  const names = [...missing].map(([program, key]) => `"${program}" (${key})`);
  const installs = PRESETS.filter((preset) => missing.has(preset.program)).map((preset) => preset.install);
  throw new TendError(
    'environment',
    `Cannot launch the runner: ${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not on PATH`,
    {
      code: 'runner-missing',
      hint: [...installs, 'tend init'].join('   or: '),
    },
  );
}
