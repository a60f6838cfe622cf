/** A looop data dir, of any of its versions, as an import plan. Reads the source, writes nothing. */
import { isProcessGone } from '../../host/kill.js';
import { isObject, parseJson } from '../../lib/json.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { idProblem } from '../../model/id.js';
import { unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import { FORMAT } from '../../model/record.js';
import { jsonRecord } from '../../store/codec.js';
import { type ForeignDir, openForeign } from '../../store/foreign-dir.js';
import { scheduleKey } from '../../store/schedules.js';
import { planMailbox } from './looop-mailbox.js';
import { planPolicy } from './looop-policy.js';
import { emptyPlan, filesOf, type ImportPlan, type Item, merged, textOf } from './plan.js';

/** Names by which a data dir of that program is known. */
const MARKS = ['PLAYBOOK.md', 'goals', 'asks', 'journal.md', 'sensors'];

export const isLooop = (source: ForeignDir): boolean =>
  source.list('').entries.some(({ name, kind }) => MARKS.includes(name) && kind !== 'link');

export async function planLooop(source: ForeignDir): Promise<ImportPlan> {
  const policy = await planPolicy(source);
  const others = [planMailbox(source), planSchedules(source), planReports(source), planJournal(source)];
  const rest = planRest(source);
  const plan = merged([...others, policy, rest]);
  // The PLAYBOOK is the last item of the policy, and the policy the last that has items.
  return { ...plan, notes: [...plan.notes, ...configNotes(source)] };
}

function planSchedules(source: ForeignDir): ImportPlan {
  const plan = emptyPlan();
  for (const { stem, from } of filesOf(source, 'schedules', '.json', plan)) {
    const bad = idProblem(stem);
    const read = bad ? undefined : textOf(source, from, plan);
    if (bad) plan.left.push({ from, reason: `its name is no schedule name: ${bad}` });
    if (!read) continue;
    const schedule = parseSchedule(stem, read.text, unixSeconds(read.mtimeMs));
    if (typeof schedule === 'string') plan.left.push({ from, reason: schedule });
    else plan.items.push({ key: scheduleKey(stem), kind: 'policy', content: jsonRecord(schedule), mode: 0o600, from });
  }
  return plan;
}

/** What a record of either kind may call its fields, the name that we know best first. */
const FIELDS = {
  every: ['every_s', 'every', 'period'],
  due: ['due_ts', 'due', 'due_at', 'at'],
  in: ['in_s'],
  anchor: ['anchor_ts', 'anchor', 'created_ts', 'created_at', 'created', 'ts'],
} as const;

/** Pure. The record, or why it is none. `editedTs` is the anchor of one that was written by hand without any. */
export function parseSchedule(name: string, text: string, editedTs: number): object | string {
  const parsed = parseJson(text);
  if (parsed.problem !== undefined) return `it is no JSON: ${parsed.problem}`;
  const raw = parsed.value;
  if (!isObject(raw)) return 'it is no JSON object';
  if ((raw['v'] ?? 1) !== 1) return `a newer looop wrote it (version ${JSON.stringify(raw['v'])})`;
  const number = (names: readonly string[]): number | undefined => {
    const value = names.map((field) => raw[field]).find((one) => one !== undefined && one !== null);
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
  };
  const anchor = number(FIELDS.anchor) ?? editedTs;
  const every = number(FIELDS.every);
  const delay = number(FIELDS.in);
  const due = number(FIELDS.due) ?? (delay === undefined ? undefined : anchor + delay);
  if ((every === undefined) === (due === undefined)) return 'it names no time, or both a date and a period';
  if (every !== undefined && every < LIMITS.schedulePeriodMinS)
    return `its period is ${every} s, at least ${LIMITS.schedulePeriodMinS} s are wanted`;
  const note = raw['note'];
  return {
    format: FORMAT,
    name,
    ...(every === undefined ? { due_ts: due } : { every_s: every }),
    anchor_ts: anchor,
    ...(typeof note === 'string' && note !== '' ? { note: note.slice(0, LIMITS.journalLineChars) } : {}),
  };
}

function planReports(source: ForeignDir): ImportPlan {
  const plan = emptyPlan();
  const { files, left } = source.walk('reports');
  plan.left.push(...left.map(({ key, reason }) => ({ from: key, reason })));
  for (const from of files) {
    const odd = from.split('/').find((part) => /[\p{C}]/u.test(part) || part.length > 200);
    const read = odd === undefined ? source.read(from) : undefined;
    if (odd !== undefined)
      plan.left.push({ from, reason: 'its name holds characters that cannot be seen, or is too long' });
    else if (read?.problem !== undefined) plan.left.push({ from, reason: read.problem });
    else if (read) plan.items.push({ key: from, kind: 'file', content: read.bytes!, mode: 0o600, from });
  }
  return plan;
}

/** The old journal stays what it is, a text for people: ours has lines of its own. */
function planJournal(source: ForeignDir): ImportPlan {
  const plan = emptyPlan();
  const names = new Set(source.list('').entries.map(({ name }) => name));
  const texts = ['journal.md.1', 'journal.md']
    .filter((name) => names.has(name))
    .flatMap((name) => textOf(source, name, plan)?.text ?? []);
  if (texts.length === 0) return plan;
  const content = texts.map((text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)).join('');
  const item: Item = { key: 'reports/looop-journal.md', kind: 'file', content, mode: 0o600, from: 'journal.md' };
  return { ...plan, items: [item] };
}

const TAKEN = new Set([
  'PLAYBOOK.md',
  'goals',
  'sensors',
  'playbook.d',
  'asks',
  'answers',
  'schedules',
  'reports',
  'journal.md',
  'journal.md.1',
]);
const SCRATCH = 'it is scratch of the old pulse; ours senses and decides anew';
const GONE = 'it belongs to workers of the old program, which do not move';
/** Everything else that the old program is known to make. */
const REASONS: Readonly<Record<string, string>> = {
  'config.json': 'commands are chosen by "tend init", see the notes',
  claims: GONE,
  tells: GONE,
  sessions: GONE,
  prompts: GONE,
  verify: GONE,
  runs: 'they are replays of old decisions; nothing of ours reads them',
  snapshots: SCRATCH,
  'tick.log': SCRATCH,
  'events.jsonl': SCRATCH,
  'events.jsonl.1': SCRATCH,
};

function planRest(source: ForeignDir): ImportPlan {
  const plan = emptyPlan();
  for (const { name, kind } of source.list('').entries) {
    if (TAKEN.has(name)) continue;
    // Hidden files are state of the old pulse, and there are a dozen of them.
    if (name.startsWith('.') && REASONS[name] === undefined) continue;
    const reason =
      REASONS[name] ?? (kind === 'link' ? 'it is a symbolic link, which is not followed' : 'nothing is known about it');
    plan.left.push({ from: name, reason });
  }
  if (source.list('').entries.some(({ name }) => name.startsWith('.'))) plan.left.push({ from: '.*', reason: SCRATCH });
  return plan;
}

/** The old config, as what to type: its commands are programs, and only a human chooses those. */
function configNotes(source: ForeignDir): string[] {
  const read = source.read('config.json');
  const { value } = read.problem === undefined ? parseJson(read.bytes.toString('utf8')) : { value: undefined };
  if (!isObject(value)) return [];
  const text = (...names: string[]): string | undefined => {
    const found = names.map((name) => value[name]).find((one) => typeof one === 'string' && one.trim() !== '');
    return typeof found === 'string' ? found.trim() : undefined;
  };
  const tick = text('tick_command', 'tick');
  const worker = text('worker_command', 'interactive');
  const knobs = ['interval', 'session_ttl', 'max_next_interval'].filter((name) => typeof value[name] === 'number');
  return [
    ...(tick || worker
      ? [
          `the old commands, if you want them: tend init --runner custom${tick ? ` --tick-command ${shellQuote(tick)}` : ''}${worker ? ` --worker-command ${shellQuote(worker)}` : ''}`,
        ]
      : []),
    ...(knobs.length > 0
      ? [
          `the old config had ${knobs.map((name) => `"${name}": ${value[name]}`).join(', ')}; the same keys count in ours`,
        ]
      : []),
  ];
}

/** Pid in the lock of the old pulse when a process of that number lives: a hint, for numbers are used again. */
export function oldPulse(path: string): number | undefined {
  const { dir } = openForeign(path);
  const read = dir?.read('.lock/pid', 64);
  const pid = Number(read?.bytes?.toString('utf8').trim());
  return Number.isInteger(pid) && pid > 1 && !isProcessGone(pid) ? pid : undefined;
}
