/**
 * What an import would make, as data: planning reads the source and nothing else, applying makes it true. Nothing in a plan depends
 * on the clock, so a second plan of the same source is the same.
 */
import type { ForeignDir } from '../../store/foreign-dir.js';

/**
 * How an item meets what is there. `policy`: replaced on `--force`, the version before kept in the history. `record`: never
 * replaced, whoever was first. `file`: as `record`, but for people.
 */
export type ItemKind = 'policy' | 'record' | 'file';

export interface Item {
  /** Where it goes, a key of the data dir. */
  key: string;
  kind: ItemKind;
  content: string | Buffer;
  mode: number;
  /** Where it came from, a key of the source. */
  from: string;
  /** It is a program: it runs as the user, by itself, from the next beat on. */
  code?: 'sensor' | 'rules';
  /** What was changed on the way, a few words each. */
  changed?: readonly string[];
}

/** What is not taken over, and why. */
export interface Left {
  from: string;
  reason: string;
}

export interface ImportPlan {
  items: Item[];
  left: Left[];
  /** What the human should know or type. */
  notes: string[];
}

export const emptyPlan = (): ImportPlan => ({ items: [], left: [], notes: [] });

export function merged(plans: readonly ImportPlan[]): ImportPlan {
  return {
    items: plans.flatMap(({ items }) => items),
    left: plans.flatMap(({ left }) => left),
    notes: plans.flatMap(({ notes }) => notes),
  };
}

export interface Named {
  stem: string;
  from: string;
}

/** The files of a directory that end in `ending`; whatever else lies there is left, with the reason. */
export function filesOf(source: ForeignDir, dir: string, ending: string, plan: ImportPlan): Named[] {
  const { entries, problem } = source.list(dir);
  if (problem !== undefined) plan.left.push({ from: dir, reason: problem });
  const named: Named[] = [];
  for (const { name, kind } of entries) {
    const from = `${dir}/${name}`;
    if (kind === 'link') plan.left.push({ from, reason: 'it is a symbolic link, which is not followed' });
    else if (kind === 'other') plan.left.push({ from, reason: 'it is no regular file' });
    else if (kind === 'file' && name.endsWith(ending)) named.push({ stem: name.slice(0, -ending.length), from });
    else if (kind === 'file' && !/^\./.test(name)) plan.left.push({ from, reason: `only *${ending} is read here` });
  }
  return named;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Text of a file of the source; when it cannot be had, it is left with the reason. */
export function textOf(
  source: ForeignDir,
  from: string,
  plan: ImportPlan,
): { text: string; mtimeMs: number; executable: boolean } | undefined {
  const read = source.read(from);
  if (read.problem !== undefined) return void plan.left.push({ from, reason: read.problem });
  try {
    return { text: UTF8.decode(read.bytes), mtimeMs: read.mtimeMs, executable: read.executable };
  } catch {
    return void plan.left.push({ from, reason: 'it is not valid UTF-8 text' });
  }
}
