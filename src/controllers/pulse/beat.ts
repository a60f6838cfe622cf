/** What one beat is given, and what of it a decision needs. */

import type { ActDeps } from '../../act/act.js';
import type { DecideDeps } from '../../decide/decide.js';
import { childEnv } from '../../host/children-env.js';
import { now, pause } from '../../host/clock.js';
import type { Log } from '../../kernel/log.js';
import { TendError } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import type { Memory } from '../../model/memory.js';
import { envFor } from '../../runners/provider-keys.js';
import { runnerOf } from '../../runners/registry.js';
import { localDisk } from '../../store/local-disk.js';
import type { Machine } from './observe.js';
import type { Settings } from './settings.js';

export { now };

export interface Beat extends Machine {
  at: Instant;
  settings: Settings;
  seeds: string;
  /** Look whatever the hash says: the first beat of a process. */
  forced: boolean;
  log: Log;
  /** Of the life of this process, see `CallDeps`. */
  schemaRefusals: Set<string>;
}

/** `save` makes a memory durable; it is called before every model call. */
export async function decideDeps(beat: Beat, save: (memory: Memory) => void): Promise<DecideDeps> {
  const { config } = beat.settings.loaded;
  return {
    disk: beat.disk,
    runner: runnerOf(config),
    config,
    knobs: beat.settings.knobs,
    clock: now,
    signal: beat.abort,
    pause: (ms) => pause(ms, beat.abort),
    schemaRefusals: beat.schemaRefusals,
    attempting: save,
    env: (mark, extra) => {
      const command = config.tick_command ?? runnerOf(config).tick ?? '';
      const env = envFor(beat.env, command, config.pass_keys);
      return childEnv(env, beat.profile, beat.bin, { sessionId: 'decider', mark, extra });
    },
    prompts: { instructions: shipped(beat.seeds, 'decide.md'), constitution: shipped(beat.seeds, 'constitution.md') },
  };
}

function shipped(seeds: string, name: string): string {
  const read = localDisk(`${seeds}/prompts`).read(name);
  if (read.state === 'present') return read.text;
  throw new TendError(
    'environment',
    `Cannot read the shipped prompt "${seeds}/prompts/${name}": ${read.state === 'absent' ? 'it is not there' : read.reason}`,
    {
      code: 'no-prompt',
      hint: './install.sh',
    },
  );
}

/** What the door is given in a beat: a shell command under way outlives us, its supervisor goes on. */
export const actDeps = (beat: Beat): ActDeps => ({
  disk: beat.disk,
  knobs: beat.settings.knobs,
  config: beat.settings.loaded.config,
  profile: beat.profile,
  env: envFor(beat.env, undefined, beat.settings.loaded.config.pass_keys),
  bin: beat.bin,
  seeds: beat.seeds,
  signal: beat.abort,
  whenAborted: 'leave',
});
