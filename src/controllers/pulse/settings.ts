/** Config and knobs, read anew for every beat; a config that broke meanwhile keeps the last good one in force and says so. */
import type { Env } from '../../host/env.js';
import type { LoadedConfig } from '../../model/config.js';
import { messageOf } from '../../model/error.js';
import { type Knobs, resolveKnobs } from '../../model/knobs.js';
import { UNSAFE_GATE } from '../../model/unsafe-gate.js';
import { runnerOf } from '../../runners/registry.js';
import { loadConfig } from '../../store/config.js';

export interface Settings {
  loaded: LoadedConfig;
  knobs: Knobs;
  problems: string[];
}

/** Returns undefined when there has never been a good config: the caller stalls until it is mended. */
export function settingsReader(env: Env, configPath: string): () => Settings | { broken: string } {
  let last: LoadedConfig | undefined;
  return () => {
    const problems: string[] = [];
    try {
      const loaded = loadConfig(configPath);
      runnerOf(loaded.config);
      last = loaded;
    } catch (error) {
      if (!last) return { broken: messageOf(error) };
      problems.push(`${messageOf(error)}; the last good one stays in force`);
    }
    const { knobs, warnings } = resolveKnobs(env, last.config);
    const unsafe = last.config.gate?.unsafe === true ? [UNSAFE_GATE] : [];
    return { loaded: last, knobs, problems: [...problems, ...unsafe, ...warnings] };
  };
}
