/** Every runner by its name. A new agent CLI is a file beside this one and a line here. */
import type { Config } from '../model/config.js';
import { TendError } from '../model/error.js';
import { aicopilot } from './aicopilot.js';
import { claude } from './claude.js';
import { codewith } from './codewith.js';
import { codex } from './codex.js';
import { runnerBinaries } from './command.js';
import { cursorAgent } from './cursor-agent.js';
import { custom } from './custom.js';
import { embedded } from './embedded.js';
import { opencode } from './opencode.js';
import { pi } from './pi.js';
import type { Runner } from './runner.js';

/** In the order of menus: agent CLIs first. */
export const RUNNERS = {
  claude,
  codex,
  opencode,
  pi,
  'cursor-agent': cursorAgent,
  codewith,
  aicopilot,
  embedded,
  custom,
} as const satisfies Readonly<Record<string, Runner>>;

/** The runner of this name, or undefined. */
export const runnerNamed = (name: string): Runner | undefined =>
  Object.values<Runner>(RUNNERS).find((runner) => runner.name === name);

/** The runner whose program a command starts; undefined when that cannot be told, or nobody knows the program. */
export function runnerOfCommand(command: string): Runner | undefined {
  const name = runnerBinaries(command)[0]?.split('/').at(-1);
  return Object.values<Runner>(RUNNERS).find((one) => name !== undefined && one.program?.name === name);
}

/** The CLI that a worker with this command runs on: the one whose program it starts, else that of the config. Throws as `runnerOf` does. */
export function workerRunner(config: Pick<Config, 'runner' | 'tick_command'>, command: string): Runner {
  const known = runnerOfCommand(command);
  if (known) return known;
  const runner = runnerOf(config);
  return runner.isEmbedded ? custom : runner;
}

/** What a config may say in `runner`. */
export const RUNNER_NAMES: readonly string[] = Object.keys(RUNNERS);

/**
 * The runner of a config. None is named: a `tick_command` makes it `custom`, nothing at all makes it `embedded`. An environment
 * error that names the known ones when the config names another.
 */
export function runnerOf(config: Pick<Config, 'runner' | 'tick_command'>): Runner {
  const name = config.runner ?? (config.tick_command ? 'custom' : 'embedded');
  const runner = runnerNamed(name);
  if (runner) return runner;
  throw new TendError(
    'environment',
    `Cannot use runner ${JSON.stringify(name)} of the config: no such runner; known are ${RUNNER_NAMES.join(', ')}`,
    { code: 'bad-config', hint: 'tend init' },
  );
}
