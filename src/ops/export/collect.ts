/** The files of an export, one after the other, from a data dir that is in use: each whole, without secrets, in the order of choose.ts. */

import type { Env } from '../../host/env.js';
import { isObject, parseJson, prettyJson } from '../../lib/json.js';
import { type Scrub, type Secret, scrubber, secretsOf } from '../../lib/scrub.js';
import { isLoopId } from '../../model/id.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { FORMAT } from '../../model/record.js';
import type { Disk } from '../../store/disk.js';
import { type ForeignDir, openForeign } from '../../store/foreign-dir.js';
import { readOthersFile } from '../../store/others-file.js';
import { isRows, isTaken, LEDGER, LEFT_OUT, MANIFEST, TAKEN, withoutMoved } from './choose.js';

export interface Exported {
  name: string;
  bytes: Buffer;
  mode: number;
  mtimeS: number;
}

export interface ExportTerms {
  disk: Disk;
  /** Absolute path of the config, wherever it lies. */
  configPath: string;
  env: Env;
  version: string;
  now: Instant;
}

/** What was taken and what was not, for the manifest and the human. */
export interface ExportReport {
  files: number;
  bytes: number;
  left: { key: string; reason: string }[];
}

/** A transcript and its older generation may have grown to twice the knob's default. */
const FILE_BYTES_MAX = 128 * 1024 * 1024;
/** Groups that move into one another: read as one, so that nothing is taken twice. Small files all of them. */
const MOVING = /^(?:consumed|answers|asks|goals)(?:\/archive)?$/;

/** The manifest comes last, when it is known what went in. Throws when the data dir cannot be read at all. */
export function* collectExport(terms: ExportTerms, report: ExportReport): Generator<Exported> {
  const opened = openForeign(terms.disk.root);
  if (!opened.dir) throw new Error(`the data dir cannot be read: ${opened.problem}`);
  const config = readConfig(terms.configPath, report);
  const scrub = scrubber([...secretsOf(terms.env, config.names), ...config.secrets]);
  const count = (file: Exported): Exported => {
    report.files += 1;
    report.bytes += file.bytes.length;
    return file;
  };
  const reader: Reader = { dir: opened.dir, disk: terms.disk, scrub, report };
  const moving = TAKEN.filter((place) => MOVING.test(place)).flatMap((place) => groupOf(reader, place));
  const kept = new Set(withoutMoved(moving.map(({ name }) => name)));
  for (const file of moving) if (kept.has(file.name) && !isTwin(file, moving)) yield count(file);
  for (const place of [...TAKEN.filter((one) => !MOVING.test(one)), ...ledgers(opened.dir)])
    for (const file of groupOf(reader, place)) yield count(file);
  if (config.raw) {
    const text = scrub(prettyJson(config.raw));
    yield count({ name: 'config.json', bytes: Buffer.from(text, 'utf8'), mode: 0o600, mtimeS: unixSeconds(terms.now) });
  }
  yield manifest(terms, report);
}

interface Reader {
  dir: ForeignDir;
  disk: Disk;
  scrub: Scrub;
  report: ExportReport;
}

/** A goal that was archived while we read lies in both places with the same text; one that was written anew has another. */
const isTwin = (file: Exported, all: readonly Exported[]): boolean => {
  const id = /^goals\/([^/]+)$/.exec(file.name)?.[1];
  return (
    id !== undefined && all.some((other) => other.name === `goals/archive/${id}` && other.bytes.equals(file.bytes))
  );
};

const ledgers = (dir: ForeignDir): string[] =>
  dir.list('').entries.flatMap(({ name }) => (LEDGER.test(name) ? [name] : []));

function groupOf(reader: Reader, place: string): Exported[] {
  return keysOf(reader, place).flatMap((key) => {
    const file = isTaken(key) ? fileOf(reader, key) : undefined;
    return file ? [file] : [];
  });
}

/** Files of a place: it is a file, or a directory whose subdirectories belong to it, but for those that are places of their own. */
function keysOf({ dir, disk, report }: Reader, place: string): string[] {
  if (place.includes('.')) return [place];
  if (MOVING.test(place) || place === 'sensors' || place === 'schedules') {
    const { entries, problem } = dir.list(place);
    if (problem !== undefined) report.left.push({ key: place, reason: problem });
    return entries.flatMap(({ name, kind }) => {
      const key = `${place}/${name}`;
      // A timed loop: its definition. Where it stands is no use elsewhere.
      if (kind === 'dir' && place === 'schedules' && isLoopId(name)) return [`${key}/spec.json`];
      const isText = kind === 'file' || (kind === 'link' && disk.stat(key).state === 'present');
      return isText && !name.startsWith('.') ? [key] : [];
    });
  }
  const { files, left } = dir.walk(place);
  report.left.push(...left);
  return files.filter((key) => !key.split('/').some((part) => part.startsWith('.')));
}

/** Undefined when it has gone, or is left with the reason. */
function fileOf({ dir, disk, scrub, report }: Reader, key: string): Exported | undefined {
  const stat = disk.stat(key);
  if (stat.state === 'absent') return undefined;
  const read = dir.read(key, FILE_BYTES_MAX);
  // People keep policy in repositories of their own and link to it: what they link to is what counts.
  const linked =
    read.problem !== undefined && /^(?:PLAYBOOK\.md|goals\/|sensors\/)/.test(key) ? disk.read(key) : undefined;
  const bytes =
    read.problem === undefined
      ? read.bytes
      : linked?.state === 'present'
        ? Buffer.from(linked.text, 'utf8')
        : undefined;
  if (bytes === undefined) {
    if (disk.stat(key).state !== 'absent') report.left.push({ key, reason: read.problem ?? 'it cannot be read' });
    return undefined;
  }
  const whole = isRows(key) ? bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1) : bytes;
  const mtimeMs = stat.state === 'present' ? stat.mtimeMs : 0;
  return {
    name: key,
    bytes: scrubbed(whole, scrub),
    mode: key.startsWith('sensors/') ? 0o700 : 0o600,
    mtimeS: unixSeconds(mtimeMs),
  };
}

/** Text without its secrets; what is no text stays as it is. */
function scrubbed(bytes: Buffer, scrub: Scrub): Buffer {
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd')) return bytes;
  const clean = scrub(text);
  return clean === text ? bytes : Buffer.from(clean, 'utf8');
}

function readConfig(
  path: string,
  report: ExportReport,
): { raw?: Record<string, unknown>; names: string[]; secrets: Secret[] } {
  const read = readOthersFile(path);
  if (read.state === 'absent') return { names: [], secrets: [] };
  const parsed = read.state === 'present' ? parseJson(read.text) : { problem: read.reason };
  if (!isObject(parsed.value)) {
    report.left.push({ key: 'config.json', reason: parsed.problem ?? 'it is no JSON object' });
    return { names: [], secrets: [] };
  }
  const names = parsed.value['secrets'];
  return {
    raw: parsed.value,
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    secrets: secretsIn(parsed.value),
  };
}

/** Texts in the config whose keys say that they are secret: `botToken` as `BOT_TOKEN` would. */
function secretsIn(value: unknown): Secret[] {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]): Secret[] => {
    if (typeof inner !== 'string') return secretsIn(inner);
    const name = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
    return secretsOf({ [name]: inner }, []) as Secret[];
  });
}

function manifest({ disk, version, now }: ExportTerms, report: ExportReport): Exported {
  const text = prettyJson({
    kind: 'tend-export',
    format: FORMAT,
    version,
    made_ts: unixSeconds(now),
    data_dir: disk.root,
    files: report.files,
    left_out: LEFT_OUT.map(([what, why]) => ({ what, why })),
    not_read: report.left,
  });
  return { name: MANIFEST, bytes: Buffer.from(text, 'utf8'), mode: 0o600, mtimeS: unixSeconds(now) };
}
