/** What a service starts, as values: the same for every manager. */

import { dirname, join } from 'node:path';
import { residentArgv } from '../../host/detach.js';
import type { Env } from '../../host/env.js';
import type { Profile } from '../../host/profile.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { badInput } from '../../model/error.js';
import type { Knob } from '../../model/knob.js';
import { KNOBS } from '../../model/knobs.js';
import { PULSE_LOG } from '../pulse-process.js';

export interface ServiceTerms {
  dataDir: string;
  argv: readonly string[];
  /** Of the pulse: no secret, because unit files are read by everybody. */
  env: Readonly<Record<string, string>>;
  /** A file of `NAME=value` lines that the user may make for keys; it need not exist. */
  envFile: string;
  /** Takes what the pulse says, as after `tend up`. */
  log: string;
}

/** The first words of every file of ours: one without them is somebody else's. */
export const MARK = 'Written by "tend service install"';

/** PATH and the knobs are those of now; which profile it is does not depend on the manager's environment. */
export function serviceTerms(env: Env, profile: Profile, bin: string): ServiceTerms {
  const knobs = Object.values<Knob>(KNOBS).flatMap(({ env: name }) =>
    name !== undefined && env[name] ? [[name, env[name]] as const] : [],
  );
  const terms: ServiceTerms = {
    dataDir: profile.dataDir,
    argv: [...residentArgv(bin), 'up', '--foreground'],
    env: {
      PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      TEND_DATA_DIR: profile.dataDir,
      TEND_CONFIG: profile.configPath,
      ...Object.fromEntries(knobs),
    },
    envFile: join(dirname(profile.configPath), 'service.env'),
    log: join(profile.dataDir, PULSE_LOG),
  };
  // A line of its own in a file that a manager reads line by line would be an instruction of its own.
  for (const text of [...terms.argv, ...Object.values(terms.env), terms.envFile, terms.log])
    if (/[\0-\u001f\u007f]/.test(text))
      throw badInput(
        `Cannot make a service of ${JSON.stringify(text)}: it holds a control character`,
        `echo ${shellQuote(text)}`,
      );
  return terms;
}
