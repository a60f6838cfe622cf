/** A directory that `tend export` made, as an import plan. Reads the source, writes nothing. */
import { parseFrontMatter } from '../../lib/front-matter.js';
import { isObject, parseJson } from '../../lib/json.js';
import { idProblem } from '../../model/id.js';
import { isNewer } from '../../model/record.js';
import { askIdProblem } from '../../store/asks.js';
import type { ForeignDir } from '../../store/foreign-dir.js';
import { MANIFEST } from '../export/choose.js';
import { emptyPlan, type ImportPlan, type Item } from './plan.js';

/** Why the directory is no export that we can read; undefined when it is one. */
export function exportProblem(source: ForeignDir): string | undefined {
  const read = source.read(MANIFEST);
  if (read.problem !== undefined) return `it has no readable ${MANIFEST}: ${read.problem}`;
  const { value } = parseJson(read.bytes.toString('utf8'));
  if (isNewer(value)) return 'a newer tend made it; update tend';
  return isObject(value) && value['kind'] === 'tend-export' ? undefined : `its ${MANIFEST} is not that of an export`;
}

interface Kind {
  pattern: RegExp;
  take(id: string, key: string): Omit<Item, 'content' | 'from' | 'key'> | string;
}

const record = { kind: 'record', mode: 0o600 } as const;
const named =
  (problem: (id: string) => string | undefined, item: Omit<Item, 'content' | 'from' | 'key'>) => (id: string) => {
    const bad = problem(id);
    return bad === undefined ? item : `its name cannot be taken over: ${bad}`;
  };

/** What is taken over; the first pattern that fits decides. */
const KINDS: readonly Kind[] = [
  { pattern: /^PLAYBOOK\.md$/, take: () => ({ kind: 'policy', mode: 0o600 }) },
  { pattern: /^goals\/([^/]+)\.md$/, take: named(idProblem, { kind: 'policy', mode: 0o600 }) },
  { pattern: /^goals\/archive\/([^/]+)\.md$/, take: named(idProblem, record) },
  { pattern: /^sensors\/([^/]+)\.sh$/, take: named(idProblem, { kind: 'policy', mode: 0o700, code: 'sensor' }) },
  { pattern: /^schedules\/([^/]+)\.json$/, take: named(idProblem, { kind: 'policy', mode: 0o600 }) },
  {
    pattern: /^(?:asks|answers)\/(?:archive\/)?([^/]+)\.md$/,
    take: named((id) => askIdProblem(id.replace(/~\d+$/, '')), record),
  },
  { pattern: /^consumed\/([^/]+)\.json$/, take: named(askIdProblem, record) },
  {
    pattern: /^history\/(?:PLAYBOOK\.md|goals\/[^/]+\.md|sensors\/[^/]+\.sh)\/\d{8}-\d{6}(?:-\d{4})?$/,
    take: () => record,
  },
  { pattern: /^runs\/\d{4}-\d\d-\d\d(?:\.ndjson|\/[^/]+\/[^/]+)$/, take: () => record },
  { pattern: /^spend-\d{4}-\d\d-\d\d\.ndjson$/, take: () => record },
  { pattern: /^journal\.md(?:\.1)?$/, take: () => record },
  { pattern: /^reports\/.+$/s, take: () => ({ kind: 'file', mode: 0o600 }) },
];

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /^schedules\/[^/]+\/spec\.json$/,
    'a timed loop runs by itself: make it anew with "tend loops create", its spec.json says how',
  ],
  [/^workflows\/[^/]+\.json$/, 'make it anew with "tend workflows create" and this file'],
  [/^workflows\//, 'it says which workflow of the data dir it came from has a name'],
  [/^workers\//, 'workers do not move; it is kept in the export for you to read'],
  [/^approvals\//, 'it is bound to the key of the data dir that it came from'],
  [/^events-/, 'it is the machine log of the data dir that it came from'],
  [/^format\.json$/, 'this data dir says its own version'],
  [/^config\.json$/, 'commands are chosen by "tend init", see the notes'],
];

/** A record that releases something carries a seal of its own data dir, and means nothing in another. */
const SEALED = /^---\nseal: "/;

export async function planTend(source: ForeignDir): Promise<ImportPlan> {
  const plan = emptyPlan();
  const { files, left } = source.walk('');
  plan.left.push(...left.map(({ key, reason }) => ({ from: key, reason })));
  for (const from of files) if (from !== MANIFEST) await take(source, from, plan);
  // Its presence is the mark of a finished seeding: an import that died is completed by the next.
  plan.items.sort((a, b) => Number(a.key === 'PLAYBOOK.md') - Number(b.key === 'PLAYBOOK.md'));
  if (files.includes('config.json'))
    plan.notes.push(`the config of the export is ${source.root}/config.json: look at it, and copy what you want`);
  return plan;
}

async function take(source: ForeignDir, from: string, plan: ImportPlan): Promise<void> {
  const kind = KINDS.find(({ pattern }) => pattern.test(from));
  const item = kind?.take(kind.pattern.exec(from)?.[1] ?? '', from) ?? reasonOf(from);
  if (typeof item === 'string') return void plan.left.push({ from, reason: item });
  const read = source.read(from);
  if (read.problem !== undefined) return void plan.left.push({ from, reason: read.problem });
  const isOpen = /^(?:asks|answers)\/[^/]+$/.test(from);
  if (isOpen && SEALED.test(read.bytes.toString('utf8', 0, 16)))
    return void plan.left.push({
      from,
      reason: 'it is an approval, or the end of one, of the data dir that it came from; it is asked anew',
    });
  const rules = /^goals\/[^/]+$/.test(from) && (await hasRules(read.bytes.toString('utf8')));
  plan.items.push({ ...item, key: from, from, content: read.bytes, ...(rules ? { code: 'rules' as const } : {}) });
}

const reasonOf = (from: string): string =>
  REASONS.find(([pattern]) => pattern.test(from))?.[1] ?? 'nothing is known about it';

/** What cannot be parsed has no rules that could fire. */
async function hasRules(text: string): Promise<boolean> {
  const parsed = await parseFrontMatter(text);
  return parsed.problem === undefined && Object.hasOwn(parsed.value.data, 'rules');
}
