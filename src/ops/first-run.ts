/**
 * The settings that let a worker's agent CLI start with nobody in front of it: which of them are missing, and putting them in
 * with the user's consent. Files of the CLI are changed by one setting each, everything else in them stays.
 */
import type { Env } from '../host/env.js';
import { isObject, type Json, parseJson, stableJson } from '../lib/json.js';
import type { Config } from '../model/config.js';
import { messageOf, TendError } from '../model/error.js';
import { preparationsFor } from '../runners/first-run.js';
import type { Preparation } from '../runners/preparation.js';
import { readOthersFile, realPathOf, replaceOthersFile } from '../store/others-file.js';

type Settings = Record<string, unknown>;

/**
 * What is not yet set for the worker command of a config, in the order of the questions. `cwd` is the data dir. Throws an
 * environment error for a file that cannot be read or is no JSON object: what it says is not known then.
 */
export function missingFirstRun(config: Pick<Config, 'worker_command'>, env: Env, cwd: string): Preparation[] {
  // A program sees the real path of the directory that it starts in.
  const wanted = preparationsFor(config.worker_command, { env, cwd: realPathOf(cwd) });
  return wanted.filter((one) => !isSet(load(one.file).settings, one));
}

/** For a dialog: what can be offered. A file that cannot be read is no reason to give up the dialog; the warnings name it. */
export function offeredFirstRun(config: Pick<Config, 'worker_command'>, env: Env, cwd: string): Preparation[] {
  try {
    return missingFirstRun(config, env, cwd);
  } catch {
    return [];
  }
}

/** The same as sentences for whoever starts the loop; a file that cannot be read is one of them. Never throws. */
export function firstRunWarnings(config: Pick<Config, 'worker_command'>, env: Env, cwd: string): string[] {
  try {
    const missing = missingFirstRun(config, env, cwd);
    if (missing.length === 0) return [];
    const what = missing.map((one) => `${one.path.join('.')} in ${one.file}`).join(', ');
    return [`workers will wait at a question that nobody answers; not set: ${what}   (tend init --prepare yes)`];
  } catch (error) {
    return [`whether workers can start unattended is not known: ${messageOf(error)}`];
  }
}

/** One file as it is to be; `before` undefined: there was none. */
export interface PlannedFile {
  file: string;
  before: string | undefined;
  after: string;
}

/** What the settings make of their files; nothing is written. Throws when something else stands where a setting belongs. */
export function planFirstRun(preparations: readonly Preparation[]): PlannedFile[] {
  return [...new Set(preparations.map((one) => one.file))].map((file) => {
    const { settings, text } = load(file);
    const wanted = preparations.filter((one) => one.file === file);
    const changed = wanted.reduce<Settings>((all, one) => put(all, one.path, one), settings);
    return { file, before: text, after: `${JSON.stringify(changed, null, 2)}\n` };
  });
}

/** Writes the plan, and says where each file as it was is kept. */
export const applyFirstRun = (plan: readonly PlannedFile[]): { file: string; copy: string | null }[] =>
  plan.map(({ file, before, after }) => ({ file, copy: replaceOthersFile(file, before, after) ?? null }));

/** Integers of this length may not survive being read as numbers, and we would write back another one. */
const LONG_NUMBER = /(?<![\d.])\d{16,}/;

function load(file: string): { settings: Settings; text: string | undefined } {
  const read = readOthersFile(file);
  if (read.state === 'absent') return { settings: {}, text: undefined };
  if (read.state === 'unreadable') throw unusable(file, read.reason);
  if (read.text.trim() === '') return { settings: {}, text: read.text };
  const { value, problem } = parseJson(read.text);
  if (!isObject(value)) throw unusable(file, problem ?? 'it is no JSON object');
  if (LONG_NUMBER.test(read.text.replace(/"(?:[^"\\]|\\.)*"/g, '""')))
    throw unusable(file, 'it holds a number that is too long to be written back unchanged');
  return { settings: value, text: read.text };
}

function isSet(settings: Settings, { path, how, value }: Preparation): boolean {
  const found = path.reduce<unknown>(
    (here, key) => (isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined),
    settings,
  );
  if (how === 'set') return stableJson(found ?? null) === stableJson(value);
  return Array.isArray(found) && found.includes(value);
}

/** A copy with the setting. What stands in its way and is of another shape was put there by somebody: it is not overwritten. */
function put(here: Settings, path: readonly string[], one: Preparation): Settings {
  const [key, ...rest] = path as [string, ...string[]];
  const found = Object.hasOwn(here, key) ? here[key] : undefined;
  if (rest.length === 0) return { ...here, [key]: one.how === 'set' ? one.value : [...list(found, one), one.value] };
  if (found !== undefined && !isObject(found)) throw inTheWay(one, key);
  return { ...here, [key]: put(found ?? {}, rest, one) };
}

function list(found: unknown, one: Preparation): Json[] {
  if (found === undefined) return [];
  if (!Array.isArray(found)) throw inTheWay(one, one.path.at(-1)!);
  return found as Json[];
}

const inTheWay = (one: Preparation, key: string): TendError =>
  unusable(one.file, `its "${key}" is not what ${one.path.join('.')} needs`);

const unusable = (file: string, why: string): TendError =>
  new TendError('environment', `Cannot prepare "${file}": ${why}`, {
    code: 'not-prepared',
    hint: 'tend init --prepare no',
  });
