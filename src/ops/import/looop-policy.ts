/** Goals, PLAYBOOK and sensors of a looop data dir: the text is its writer's and stays; what only the old program understands is renamed. */
import { parseFrontMatter } from '../../lib/front-matter.js';
import { idProblem } from '../../model/id.js';
import { LIMITS } from '../../model/limits.js';
import type { ForeignDir } from '../../store/foreign-dir.js';
import { goalKey, PLAYBOOK, sensorKey } from '../../store/policy.js';
import { emptyPlan, filesOf, type ImportPlan, type Item, textOf } from './plan.js';

/** Front matter by which tend acts or pays, and which the old program never read: nobody meant it there. */
const ACTING = ['rules', 'budget_usd'];

export async function planPolicy(source: ForeignDir): Promise<ImportPlan> {
  const plan = emptyPlan();
  for (const { dir, key } of [
    { dir: 'goals', key: goalKey },
    { dir: 'goals/archive', key: (id: string) => `goals/archive/${id}.md` },
  ])
    for (const { stem, from } of filesOf(source, dir, '.md', plan)) {
      const item = await goalItem(source, { stem, from, key: key(stem) }, plan);
      if (item) plan.items.push(item);
    }
  for (const { stem, from } of filesOf(source, 'sensors', '.sh', plan)) {
    const item = sensorItem(source, { stem, from }, plan);
    if (item) plan.items.push(item);
  }
  planPlaybook(source, plan);
  mentions(plan);
  return plan;
}

async function goalItem(
  source: ForeignDir,
  { stem, from, key }: { stem: string; from: string; key: string },
  plan: ImportPlan,
): Promise<Item | undefined> {
  const bad = idProblem(stem);
  if (bad) return void plan.left.push({ from, reason: `its name is no goal id: ${bad}` });
  const text = policyText(source, from, plan);
  if (text === undefined) return undefined;
  const parsed = await parseFrontMatter(text);
  if (parsed.problem !== undefined) return quotedGoal(text, { key, from });
  const acting = ACTING.filter((name) => Object.hasOwn(parsed.value.data, name));
  if (acting.length > 0 && !key.includes('/archive/'))
    return void plan.left.push({
      from,
      reason: `its front matter has ${acting.map((name) => `"${name}"`).join(' and ')}, by which tend would act; look at it and write it with "tend goal write ${stem} -"`,
    });
  return { key, kind: 'policy', content: text, mode: 0o600, from };
}

/**
 * The old program never parsed front matter, so `goal: this: that` was fine there. Values of plain lines are quoted; what is no YAML
 * even then becomes a part of the text, because ours would report it as broken for ever.
 */
async function quotedGoal(text: string, { key, from }: { key: string; from: string }): Promise<Item> {
  const end = text.indexOf('\n---', 3);
  const head = end < 0 ? [] : text.slice(4, end).split('\n');
  const lines = head.map((line) =>
    line.replace(/^([A-Za-z_][\w-]*):[ \t]+(.*?)[ \t]*$/, (_, name, value) => `${name}: ${JSON.stringify(value)}`),
  );
  const quoted = `---\n${lines.join('\n')}${text.slice(end)}`;
  const parsed = end < 0 ? undefined : await parseFrontMatter(quoted);
  const isFit =
    parsed?.problem === undefined &&
    parsed !== undefined &&
    !ACTING.some((name) => Object.hasOwn(parsed.value.data, name));
  const item = { key, kind: 'policy' as const, mode: 0o600, from };
  return isFit
    ? { ...item, content: quoted, changed: ['values of its front matter are quoted'] }
    : { ...item, content: `\n${text}`, changed: ['its front matter is no YAML and became text'] };
}

function policyText(source: ForeignDir, from: string, plan: ImportPlan, isProgram = false): string | undefined {
  const read = textOf(source, from, plan);
  if (!read) return undefined;
  if (isProgram && !read.executable)
    return void plan.left.push({ from, reason: 'it is not executable, so it was switched off; ours would run' });
  if (read.text.trim() === '') return void plan.left.push({ from, reason: 'it is empty' });
  if (read.text.length > LIMITS.policyChars)
    return void plan.left.push({
      from,
      reason: `it has ${read.text.length} characters, at most ${LIMITS.policyChars} are taken`,
    });
  return read.text.endsWith('\n') ? read.text : `${read.text}\n`;
}

function sensorItem(
  source: ForeignDir,
  { stem, from }: { stem: string; from: string },
  plan: ImportPlan,
): Item | undefined {
  const bad = idProblem(stem);
  if (bad) return void plan.left.push({ from, reason: `its name is no sensor name: ${bad}` });
  const text = policyText(source, from, plan, true);
  if (text === undefined) return undefined;
  const { script, changed } = translateSensor(text);
  return {
    key: sensorKey(stem),
    kind: 'policy',
    content: script,
    mode: 0o700,
    from,
    code: 'sensor',
    ...(changed.length > 0 ? { changed } : {}),
  };
}

/** Variables of the old program that a sensor may read, and ours of the same meaning. */
const VARIABLES: Readonly<Record<string, string>> = {
  LOOOP_BIN: 'TEND_BIN',
  LOOOP_DATA_DIR: 'TEND_DATA_DIR',
  LOOOP_CONFIG: 'TEND_CONFIG',
  LOOOP_REPORTS_DIR: 'TEND_REPORTS_DIR',
  LOOOP_CLAIMS_DIR: 'TEND_LEASES_DIR',
};
const VARIABLE = new RegExp(`(?<![A-Za-z0-9_])(?:${Object.keys(VARIABLES).join('|')})(?![A-Za-z0-9_])`, 'g');
const HEADER = /^(\s*#\s*)looop(:interval=)/;

/** Pure: header lines within the first lines, and variables; the rest byte for byte. */
export function translateSensor(text: string): { script: string; changed: string[] } {
  const changed = new Set<string>();
  const lines = text.split('\n').map((line, index) => {
    if (index >= LIMITS.sensorHeaderLines || !HEADER.test(line)) return line;
    changed.add('header "looop:interval" is "tend:interval"');
    return line.replace(HEADER, '$1tend$2');
  });
  const script = lines.join('\n').replace(VARIABLE, (name) => {
    changed.add(`${name} is ${VARIABLES[name]}`);
    return VARIABLES[name]!;
  });
  return { script, changed: [...changed] };
}

/** Last of all: its presence is the mark of a data dir that was seeded, so an import that died is completed by the next. */
function planPlaybook(source: ForeignDir, plan: ImportPlan): void {
  for (const { stem, from } of filesOf(source, 'playbook.d', '.md', plan)) {
    if (!/^\d{8}-\d{6}(?:-\d{4})?$/.test(stem)) plan.left.push({ from, reason: 'its name is no time' });
    else {
      const text = policyText(source, from, plan);
      if (text !== undefined)
        plan.items.push({ key: `history/${PLAYBOOK}/${stem}`, kind: 'record', content: text, mode: 0o600, from });
    }
  }
  const top = source.list('').entries.find(({ name }) => name === PLAYBOOK);
  if (!top) return;
  if (top.kind !== 'file')
    return void plan.left.push({ from: PLAYBOOK, reason: 'it is no regular file, and links are not followed' });
  const text = policyText(source, PLAYBOOK, plan);
  if (text !== undefined)
    plan.items.push({ key: PLAYBOOK, kind: 'policy', content: text, mode: 0o600, from: PLAYBOOK });
}

/** Texts of people are not rewritten; that they name the old program is said. */
function mentions(plan: ImportPlan): void {
  const named = plan.items.filter(
    ({ content }) => typeof content === 'string' && /(?<![\w-])looop(?![\w-])/.test(content),
  );
  if (named.length > 0)
    plan.notes.push(
      `these name the program "looop"; the verbs of tend have the same names: ${named.map(({ key }) => key).join(', ')}`,
    );
}
