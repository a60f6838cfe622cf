import { join, resolve } from 'node:path';
import { TendError } from '../model/error.js';
import type { Env } from './env.js';

/** Where a profile lives. A data dir named by `$TEND_DATA_DIR` carries its own config; the default one uses XDG's. */
export interface Profile {
  dataDir: string;
  configPath: string;
  isDefault: boolean;
}

/** Absolute paths, or an environment error when neither variables nor a home say where. Relative ones are taken from the cwd, once. */
export function resolveProfile(env: Env): Profile {
  const named = env['TEND_DATA_DIR'];
  const dataDir = named ? resolve(named) : defaultDataDir(env);
  const configPath = env['TEND_CONFIG']
    ? resolve(env['TEND_CONFIG'])
    : named
      ? join(dataDir, 'config.json')
      : join(xdg(env, 'XDG_CONFIG_HOME', '.config'), 'tend', 'config.json');
  return { dataDir, configPath, isDefault: !named };
}

/** The data dir when no variable names one. */
export const defaultDataDir = (env: Env): string => join(xdg(env, 'XDG_STATE_HOME', '.local/state'), 'tend');

/** `$XDG_CONFIG_HOME`, else `~/.config`. */
export const configHome = (env: Env): string => xdg(env, 'XDG_CONFIG_HOME', '.config');

function xdg(env: Env, name: string, fallback: string): string {
  const value = env[name];
  // The XDG specification: a relative path here is invalid and ignored.
  if (value?.startsWith('/')) return value;
  const home = env['HOME'] || process.getBuiltinModule('node:os').homedir();
  if (!home.startsWith('/')) {
    throw new TendError('input', 'Cannot find a data dir: HOME is not set', {
      code: 'no-home',
      hint: 'export TEND_DATA_DIR=/an/absolute/path',
    });
  }
  return join(home, fallback);
}
