/** What the door needs, over a real data dir. */
import type { ActDeps } from '../../src/act/act.js';
import { readEnv } from '../../src/host/env.js';
import { resolveKnobs } from '../../src/model/knobs.js';
import { localDisk } from '../../src/store/local-disk.js';

export function depsFor(root: string, bin: string): ActDeps {
  return {
    disk: localDisk(root),
    knobs: resolveKnobs(readEnv(), {}).knobs,
    config: { gate: { allow: ['echo *'], refuse: ['rm *'] } },
    profile: { dataDir: root, configPath: `${root}/config.json`, isDefault: false },
    env: readEnv(),
    bin,
    seeds: new URL('../../seeds', import.meta.url).pathname,
  };
}
