/**
 * What must be true of a data dir whatever died, and when. Pure reading over a `Disk` and the log of effects that commands left
 * outside: the crash tests look here after every death, the simulation after every history. Each invariant returns sentences about
 * what is broken; none is good. `INVARIANTS` is meant to be read from top to bottom by a person.
 */
import { parseJson } from '../../src/lib/json.js';
import { askHeadSchema } from '../../src/model/ask-schema.js';
import { memorySchema } from '../../src/model/memory.js';
import { check } from '../../src/model/record.js';
import { intentSchema, type Settlement } from '../../src/model/run.js';
import type { DaySpend } from '../../src/model/spend.js';
import { daySpend } from '../../src/policy/budget.js';
import { answerKey, askKey, idsIn, readAnswer, readAsk } from '../../src/store/asks.js';
import { readMarkdown } from '../../src/store/codec.js';
import type { Disk } from '../../src/store/disk.js';
import { readIntent } from '../../src/store/intents.js';
import { readLeases } from '../../src/store/leases.js';
import { newestRuns } from '../../src/store/runs.js';
import { readSchedules } from '../../src/store/schedules.js';
import { readSettlement } from '../../src/store/settlements.js';
import { readSpend } from '../../src/store/spend.js';
import { readWorker, workerIds } from '../../src/store/workers.js';

export interface Aftermath {
  disk: Disk;
  /**
   * The log of effects: each shell command of a history appends one line, a token of its own, to a file outside of the data dir.
   * A command's text contains its token, so that its journal line does, too.
   */
  effects: readonly string[];
  /** The mailbox as it was at the moment of the death (`mailOf`): nothing of it may be gone. */
  before?: Mail;
  /** Processes that were killed: each may have torn one row, and left one reservation that nobody settles. */
  deaths: number;
  /** Nothing is under way any more: what may be open only while somebody works at it must be closed. */
  atRest: boolean;
  /** Keys below `quarantine/` that the history itself gave reason for. */
  quarantined?: readonly string[];
}

/** Every ask and every answer that anybody has been told is recorded, wherever it lies by now; in quarantine it is not lost. */
export interface Mail {
  asks: readonly string[];
  /** Id → text. */
  answers: Readonly<Record<string, string>>;
  consumed: readonly string[];
}

interface Invariant {
  promise: string;
  broken(after: Aftermath): string[] | Promise<string[]>;
}

export const INVARIANTS: readonly Invariant[] = [
  {
    promise: 'no half file is visible: every record can be read as what its name says',
    broken: async ({ disk }) => [...(await unreadableMail(disk)), ...unreadableRecords(disk)],
  },
  {
    promise: 'a row that a death tore costs itself alone',
    broken: ({ disk, deaths }) =>
      rowFiles(disk).flatMap((key) => {
        const torn = linesOf(disk, key).filter((line) => parseJson(line).problem !== undefined);
        return torn.length > deaths ? [`${key} has ${torn.length} torn rows after ${deaths} deaths`] : [];
      }),
  },
  {
    promise: 'nothing is in two places: a record that moved has left its old name',
    broken: ({ disk }) => [
      ...twice(disk, 'asks', 'asks/archive'),
      ...twice(disk, 'answers', 'answers/archive'),
      ...twice(disk, 'goals', 'goals/archive'),
      ...twice(disk, 'tells', 'tells/consumed'),
    ],
  },
  {
    promise: 'no ask is lost, and none loses its answer',
    broken: async ({ disk, before }) => (before === undefined ? [] : lost(before, await mailOf(disk))),
  },
  {
    promise: 'nothing is asked twice while the first question stands',
    broken: async ({ disk }) => {
      const asks = await Promise.all(idsIn(disk, 'asks').map((id) => readAsk(disk, id)));
      const open = asks.flatMap((ask) => (ask.state === 'present' ? [ask.value] : []));
      const pending = open.filter((ask) => !isThere(disk, answerKey(ask.id)));
      return repeated(pending.map((ask) => `${ask.worker}: ${ask.prompt}`)).map((text) => `asked twice: ${text}`);
    },
  },
  {
    promise: 'an answer that was acted on belongs to an ask',
    broken: ({ disk }) =>
      idsIn(disk, 'consumed')
        .filter((id) => !isThere(disk, askKey(id)) && !isThere(disk, `asks/archive/${id}.md`))
        .map((id) => `consumed/${id}.json stands for no ask`),
  },
  {
    promise: 'no command runs twice',
    broken: ({ effects }) => repeated(effects).map((token) => `"${token}" ran more than once`),
  },
  {
    promise: 'a command that ran stands in the journal once, and one that stands there as done has run',
    broken: ({ disk, effects, atRest }) => (atRest ? journalOfEffects(disk, effects) : []),
  },
  {
    promise: 'no move is journaled twice',
    broken: ({ disk }) => repeated(journalOf(disk)).map((line) => `journaled twice: ${line}`),
  },
  {
    promise: 'no run is in the ledger twice',
    broken: ({ disk }) => repeated(newestRuns(disk, 1_000).map((row) => row.id)).map((id) => `${id} has two rows`),
  },
  {
    promise:
      'every model call is counted once: reserved before, settled after, and for ever reserved if somebody died in it',
    broken: ({ disk, deaths }) => spendProblems(disk, deaths),
  },
  {
    promise: 'at rest no move is half done: no intent is open, no answered approval waits',
    broken: ({ disk, atRest }) => (atRest ? leftOpen(disk) : []),
  },
  {
    promise: 'nothing good is put into quarantine',
    broken: ({ disk, quarantined = [] }) =>
      namesIn(disk, 'quarantine')
        .filter((name) => !quarantined.includes(name))
        .map((name) => `quarantine/${name}`),
  },
];

/** Everything that is broken, each with the promise that it breaks. */
export async function breaches(after: Aftermath): Promise<string[]> {
  const all = await Promise.all(
    INVARIANTS.map(async ({ promise, broken }) => (await broken(after)).map((what) => `${promise} ✗ ${what}`)),
  );
  return all.flat();
}

export async function mailOf(disk: Disk): Promise<Mail> {
  const answers: Record<string, string> = {};
  for (const id of new Set([...idsIn(disk, 'answers'), ...idsIn(disk, 'answers/archive')])) {
    const live = disk.read(answerKey(id));
    const read = live.state === 'present' ? live : disk.read(`answers/archive/${id}.md`);
    if (read.state === 'present') answers[id] = read.text;
  }
  return {
    asks: [
      ...new Set([
        ...idsIn(disk, 'asks'),
        ...idsIn(disk, 'asks/archive'),
        ...namesIn(disk, 'quarantine').flatMap((name) => /^asks__(.*)\.md\.\d+$/.exec(name)?.[1] ?? []),
      ]),
    ],
    answers,
    consumed: idsIn(disk, 'consumed'),
  };
}

function lost(before: Mail, after: Mail): string[] {
  return [
    ...before.asks.filter((id) => !after.asks.includes(id)).map((id) => `ask ${id} is gone`),
    ...Object.entries(before.answers).flatMap(([id, text]) =>
      after.answers[id] === text
        ? []
        : [`the answer to ${id} is ${after.answers[id] === undefined ? 'gone' : 'another'}`],
    ),
    ...before.consumed.filter((id) => !after.consumed.includes(id)).map((id) => `the mark consumed/${id} is gone`),
  ];
}

async function unreadableMail(disk: Disk): Promise<string[]> {
  const problems: string[] = [];
  for (const id of idsIn(disk, 'asks')) {
    const read = await readAsk(disk, id);
    if (read.state !== 'present' && read.state !== 'absent') problems.push(`ask ${id}: ${read.reason}`);
  }
  for (const id of idsIn(disk, 'answers')) {
    const read = await readAnswer(disk, id);
    if (read.state !== 'present' && read.state !== 'absent') problems.push(`answer ${id}: ${read.reason}`);
  }
  for (const id of idsIn(disk, 'asks/archive')) {
    const read = await readMarkdown(disk, `asks/archive/${id}.md`, askHeadSchema);
    if (read.state !== 'present') problems.push(`archived ask ${id}: ${read.state}`);
  }
  return problems;
}

/** Directories of single records, and what a file there must be. */
function unreadableRecords(disk: Disk): string[] {
  const json = (dir: string): string[] =>
    namesIn(disk, dir)
      .filter((name) => /\.(?:json|claim)$/.test(name))
      .flatMap((name) => {
        const read = disk.read(`${dir}/${name}`);
        const problem = read.state === 'present' ? parseJson(read.text).problem : undefined;
        return problem === undefined ? [] : [`${dir}/${name}: ${problem}`];
      });
  const runs = namesIn(disk, 'runs').flatMap((day) =>
    namesIn(disk, `runs/${day}`).flatMap((run) => json(`runs/${day}/${run}`)),
  );
  const memory = disk.read('pulse/memory.json');
  const remembered = memory.state === 'present' ? check(memorySchema, parseJson(memory.text).value) : undefined;
  return [
    ...runs,
    ...['consumed', 'approvals', 'intents', 'leases', 'schedules', 'snapshots', 'pulse'].flatMap(json),
    ...(remembered?.problems ?? []).map((problem) => `pulse/memory.json: ${problem}`),
    ...readSchedules(disk).flatMap((one) => (one.state === 'ok' ? [] : [`schedule ${one.name}: ${one.reason}`])),
    ...readLeases(disk).problems.map(({ name, reason }) => `lease ${name}: ${reason}`),
    ...workerIds(disk).flatMap((id) => {
      const problem = readWorker(disk, id)?.problem;
      return problem === undefined ? [] : [`${problem.key}: ${problem.reason}`];
    }),
  ];
}

function journalOfEffects(disk: Disk, effects: readonly string[]): string[] {
  const lines = journalOf(disk);
  return [...new Set(effects)].flatMap((token) => {
    const n = lines.filter((line) => line.split(/[^\w-]+/).includes(token)).length;
    return n === 1 ? [] : [`"${token}" ran, and ${n} lines of the journal say so`];
  });
}

function spendProblems(disk: Disk, deaths: number): string[] {
  const days = namesIn(disk, '').flatMap((name) => /^spend-(.*)\.ndjson$/.exec(name)?.[1] ?? []);
  return days.flatMap((day) => {
    // A worker is reserved for as long as it lives, anew for each hour; what it comes to is in its own tests.
    const rows = readSpend(disk, day).rows.filter((row) => !row.run.startsWith('worker-'));
    const runs = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.run);
    const [reserved, settled] = [runs('reserve'), runs('settle')];
    const open = reserved.filter((run) => !settled.includes(run));
    const sum: DaySpend = daySpend(rows);
    return [
      ...repeated(reserved).map((run) => `${run} was reserved twice`),
      ...repeated(settled).map((run) => `${run} was settled twice`),
      ...settled.filter((run) => !reserved.includes(run)).map((run) => `${run} was settled and never reserved`),
      ...(open.length > deaths ? [`${open.join(', ')} stay reserved after ${deaths} deaths`] : []),
      ...(sum.runs === reserved.length ? [] : [`${sum.runs} calls are counted, ${reserved.length} were reserved`]),
    ];
  });
}

function leftOpen(disk: Disk): string[] {
  const intents = namesIn(disk, 'intents').map((name) => name.replace(/\.json$/, ''));
  const approvals = namesIn(disk, 'approvals').flatMap((name): Settlement[] => {
    const read = readSettlement(disk, name.replace(/\.json$/, ''));
    return read.state === 'present' ? [read.value] : [];
  });
  return [
    ...intents.map((run) => {
      const read = readIntent(disk, run);
      const state = read.state === 'present' ? check(intentSchema, read.value).value?.action : read.state;
      return `the intent of ${run} (${state}) is open`;
    }),
    ...approvals
      .filter(({ ask }) => !isThere(disk, `consumed/${ask}.json`))
      .map(({ ask, verdict }) => `${ask} was settled (${verdict}) and its answer not consumed`),
    ...approvals
      .filter(({ verdict, day, run }) => verdict === 'run' && !isThere(disk, `runs/${day}/${run}/outcome.json`))
      .map(({ ask, run }) => `${ask} released ${run}, which has no outcome`),
  ];
}

/** Names that are in both directories. */
const twice = (disk: Disk, one: string, other: string): string[] => {
  const there = new Set(namesIn(disk, other));
  return namesIn(disk, one)
    .filter((name) => name.endsWith('.md') && there.has(name) && sameText(disk, `${one}/${name}`, `${other}/${name}`))
    .map((name) => `${one}/${name} is in ${other}/ as well`);
};

function sameText(disk: Disk, one: string, other: string): boolean {
  const [a, b] = [disk.read(one), disk.read(other)];
  return a.state === 'present' && b.state === 'present' && a.text === b.text;
}

/** Journal lines without their minute: two moves of a history never have the same text. */
export const journalOf = (disk: Disk): string[] =>
  ['journal.md.1', 'journal.md']
    .flatMap((key) => linesOf(disk, key))
    .filter((line) => /^- \d{4}-\d\d-\d\d \d\d:\d\d /.test(line))
    .map((line) => line.slice('- YYYY-MM-DD HH:MM '.length));

const rowFiles = (disk: Disk): string[] => [
  ...namesIn(disk, '').filter((name) => name.endsWith('.ndjson')),
  ...namesIn(disk, 'runs')
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => `runs/${name}`),
];

function linesOf(disk: Disk, key: string): string[] {
  const read = disk.read(key);
  return read.state === 'present' ? read.text.split('\n').filter((line) => line.trim() !== '') : [];
}

function namesIn(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
}

const isThere = (disk: Disk, key: string): boolean => disk.stat(key).state === 'present';

const repeated = (texts: readonly string[]): string[] => [
  ...new Set(texts.filter((text, index) => texts.indexOf(text) !== index)),
];
