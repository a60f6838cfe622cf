/**
 * The concierge skill in the skill places of the user's agent CLIs. What we write carries the digest of its own text, so a file that
 * its user has edited is known, named and left alone; an older one of ours is replaced and kept beside it.
 */
import { join } from 'node:path';
import type { Env } from '../host/env.js';
import { whichProgram } from '../host/which.js';
import { hash32 } from '../lib/hash.js';
import { TendError } from '../model/error.js';
import { RUNNERS } from '../runners/registry.js';
import type { Runner } from '../runners/runner.js';
import { localDisk } from '../store/local-disk.js';
import { readOthersFile, replaceOthersFile } from '../store/others-file.js';

const SKILL = 'concierge';

/** One place of the skill. `before` undefined: nothing was there. */
export interface SkillPlace {
  runner: string;
  /** Absolute path of the SKILL.md. */
  file: string;
  /** `edited`: the user's own by now, or never ours. `unreadable`: what it says is not known. */
  state: 'absent' | 'same' | 'older' | 'edited' | 'unreadable';
  before: string | undefined;
  after: string;
}

/** The skill as it is shipped below `seeds` (absolute path). An environment error when it is not there. */
export function shippedSkill(seeds: string): string {
  const disk = localDisk(join(seeds, 'skills', SKILL));
  const read = disk.read('SKILL.md');
  if (read.state === 'present') return read.text;
  throw new TendError(
    'environment',
    `Cannot read the concierge skill: the shipped file "${disk.path('SKILL.md')}" is ${read.state === 'absent' ? 'missing' : `unreadable (${read.reason})`}`,
    { code: 'seeds-missing', hint: './install.sh' },
  );
}

/** A place for each agent CLI that takes skills and whose program is on PATH, in the order of the menu. Writes nothing. */
export function skillPlaces(seeds: string, env: Env, cwd: string): SkillPlace[] {
  const after = marked(shippedSkill(seeds));
  return Object.values<Runner>(RUNNERS).flatMap(({ name, program, skillsDir }) => {
    const dir = program && whichProgram(program.name, env, cwd) ? skillsDir?.(env) : undefined;
    return dir === undefined ? [] : [placeOf(name, join(dir, SKILL, 'SKILL.md'), after)];
  });
}

function placeOf(runner: string, file: string, after: string): SkillPlace {
  const read = readOthersFile(file);
  const place = { runner, file, before: undefined, after };
  if (read.state === 'absent') return { ...place, state: 'absent' };
  if (read.state === 'unreadable') return { ...place, state: 'unreadable' };
  const state = read.text === after ? 'same' : isOurs(read.text) ? 'older' : 'edited';
  return { ...place, before: read.text, state };
}

/** True for a place that `writeSkill` would write. */
export const isWanted = ({ state }: SkillPlace): boolean => state === 'absent' || state === 'older';

/** Writes the skill where it is absent or an older one of ours; returns the copy of what was there, null when there was nothing. */
export const writeSkill = ({ file, before, after }: SkillPlace): string | null =>
  replaceOthersFile(file, before, after) ?? null;

/** What the user is told of a place that stays as it is though it is not what we ship. */
export const leftAlone = ({ file, state }: SkillPlace): string =>
  state === 'edited'
    ? `the skill "${file}" is not as tend wrote it and stays as it is; to get the shipped one, move it away and run: tend init --concierge yes`
    : `the skill "${file}" cannot be read and stays as it is`;

const MARK = /^metadata:\n {2}tend-digest: ([0-9a-f]{32})\n/m;

/** The text with its own digest in the front matter, where the Agent Skills format has room for such things. */
function marked(text: string): string {
  const end = text.indexOf('\n---\n', 3) + 1;
  return `${text.slice(0, end)}metadata:\n  tend-digest: ${hash32(text)}\n${text.slice(end)}`;
}

function isOurs(text: string): boolean {
  const digest = MARK.exec(text)?.[1];
  return digest !== undefined && hash32(text.replace(MARK, '')) === digest;
}
