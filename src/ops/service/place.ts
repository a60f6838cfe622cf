/** Which service manager, under which name, in which file: one service a profile, so that two profiles never meet. Pure. */
import { basename, join } from 'node:path';
import type { Env } from '../../host/env.js';
import { configHome, defaultDataDir, type Profile } from '../../host/profile.js';
import { hash32 } from '../../lib/hash.js';

export interface ServicePlace {
  kind: 'systemd' | 'launchd';
  /** `tend.service`, or the label of an agent. */
  name: string;
  /** Absolute path of the unit or agent file. */
  file: string;
}

/** Characters that both managers take in a name. */
const ODD = /[^A-Za-z0-9_.]+/g;

/** `platform` as Node names it; everything but macOS is taken for a machine with systemd. */
export function servicePlace(platform: string, env: Env, profile: Profile): ServicePlace {
  // By its place: what tend starts has the variable set, and means the same profile.
  const suffix = profile.dataDir === defaultDataDir(env) ? '' : `-${nameOf(profile.dataDir)}`;
  if (platform === 'darwin') {
    const label = `dev.tend.pulse${suffix}`;
    return { kind: 'launchd', name: label, file: join(env['HOME'] ?? '/', 'Library/LaunchAgents', `${label}.plist`) };
  }
  const name = `tend${suffix}.service`;
  return { kind: 'systemd', name, file: join(configHome(env), 'systemd/user', name) };
}

/** For people the last part of the path, for the machine what tells two of that name apart. */
const nameOf = (dataDir: string): string =>
  `${basename(dataDir).replace(ODD, '_').slice(0, 24)}-${hash32(dataDir).slice(0, 6)}`;
