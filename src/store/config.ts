/** The profile's `config.json`. It may lie outside the data dir, so it is read by absolute path; a missing file is not an error. */
import { basename, dirname } from 'node:path';
import { isObject, parseJson, prettyJson } from '../lib/json.js';
import { type Config, configSchema, type LoadedConfig } from '../model/config.js';
import { TendError } from '../model/error.js';
import { check } from '../model/record.js';
import { localDisk } from './local-disk.js';

/** Reads and checks the config; permission errors, bad JSON and wrong types are environment errors that name the file and field. */
export function loadConfig(path: string): LoadedConfig {
  const read = localDisk(dirname(path)).read(basename(path));
  if (read.state === 'absent') return { config: {}, raw: {}, path, exists: false };
  if (read.state === 'unreadable') throw bad(path, `it cannot be read: ${read.reason}`);
  const parsed = parseJson(read.text);
  if (parsed.problem !== undefined || !isObject(parsed.value))
    throw bad(path, parsed.problem ?? 'it must be a JSON object');
  const checked = check(configSchema, parsed.value);
  if (checked.problems) throw bad(path, checked.problems.join('; '));
  return { config: withLegacy(checked.value), raw: parsed.value, path, exists: true };
}

/** Writes a config, keeping keys that we do not know: the caller passes `{...raw, changed}`. */
export function saveConfig(path: string, raw: Record<string, unknown>): void {
  localDisk(dirname(path)).replace(basename(path), prettyJson(raw));
}

/** Legacy key names map to ours; a blank template counts as unset; a trailing pipe into the old formatter is dropped. */
function withLegacy(config: Config): Config {
  const tick = template(config.tick_command) ?? template(config['tick']);
  const worker = template(config.worker_command) ?? template(config['interactive']);
  const { tick_command: _tick, worker_command: _worker, ...rest } = config;
  return { ...rest, ...(tick ? { tick_command: tick } : {}), ...(worker ? { worker_command: worker } : {}) };
}

function template(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return value.replace(/\s*\|\s*(?:"[^"]*looop"|'[^']*looop'|\S*looop)\s+(?:_\s+)?fmt\s*$/, '');
}

const bad = (path: string, why: string): TendError =>
  new TendError('environment', `Cannot use config "${path}": ${why}`, { code: 'bad-config', hint: 'tend init' });
