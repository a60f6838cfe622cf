/** Name → runner. A new agent CLI is a file beside this one and a line here. */
import type { Config, RunnerName } from '../model/config.js';
import { claude } from './claude.js';
import { codex } from './codex.js';
import { custom } from './custom.js';
import { embedded } from './embedded.js';
import { opencode } from './opencode.js';
import { pi } from './pi.js';
import type { Runner } from './runner.js';

export const RUNNERS: Readonly<Record<RunnerName, Runner>> = { embedded, custom, claude, codex, opencode, pi };

/** The runner of a config. None is named: a `tick_command` makes it `custom`, nothing at all makes it `embedded`. */
export function runnerOf(config: Pick<Config, 'runner' | 'tick_command'>): Runner {
  return RUNNERS[config.runner ?? (config.tick_command ? 'custom' : 'embedded')];
}
