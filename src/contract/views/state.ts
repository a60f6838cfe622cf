/** The whole of a profile at a glance, for clients: policy, readings, mailbox, fleet, journal, and the cursor to wait from. Reads only. */
import { now } from '../../host/clock.js';
import { askLife } from '../../host/worker-life.js';
import { oneLine } from '../../lib/clip.js';
import { ago } from '../../lib/duration.js';
import { isObject, type Json, parseJson, stableJson } from '../../lib/json.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { messageOf } from '../../model/error.js';
import { resolveKnobs } from '../../model/knobs.js';
import { LIMITS } from '../../model/limits.js';
import type { WorkerPlace, WorkerView } from '../../model/worker.js';
import { pulseLife } from '../../ops/pulse-life.js';
import { recallWorld } from '../../sense/recall-world.js';
import { type Mailbox, readMailbox } from '../../store/asks.js';
import { loadConfig } from '../../store/config.js';
import type { Disk } from '../../store/disk.js';
import { readFleet } from '../../store/fleet.js';
import { journalProblem, journalTail } from '../../store/journal.js';
import { readSnapshot, snapshotNames } from '../../store/snapshots.js';
import { encodeCursor, type Marks, marksOf } from '../cursor.js';
import type { Context } from '../verb.js';
import { type AskView, askNotes, askView } from './asks.js';

export interface StateWorker {
  id: string;
  state: WorkerView['state'];
  alive: boolean;
  exit_code: number | null;
  health: WorkerView['health'];
  /** Only of one that works in a git worktree of its own. */
  place?: WorkerPlace;
}

export interface StateView {
  /** Over policy and the signals sensed last, recomputed now: 32 hex digits. */
  world_hash: string;
  pulse_alive: boolean;
  /** Every reading that can be parsed, by `sensor-<stem>` and `sys-<name>`. */
  snapshots: Record<string, Json>;
  asks: AskView[];
  workers: StateWorker[];
  goals: string[];
  journal_tail: string[];
  data_dir: string;
  /** For `tend wait --since`. */
  cursor: string;
}

/** A view with what its cursor was made of. */
export interface Sight {
  view: StateView;
  marks: Marks;
}

type Reader = Pick<Context, 'disk' | 'env' | 'profile' | 'warn'>;

/** Reads everything once. Records that cannot be read are said on stderr and left out; a directory that cannot is an error. */
export async function readState(context: Reader): Promise<Sight> {
  const { disk, warn } = context;
  if (disk.stat('').state === 'absent') warn(`there is no data dir at "${disk.root}" yet; run: tend init`);
  const world = recallWorld(disk);
  const mailbox = await readMailbox(disk);
  for (const { id, reason } of mailbox.problems) warn(`ask "${id}" cannot be read: ${reason}`);
  // The marks before what they are about: the view may show more than the cursor claims, never less.
  const marks = marksOf(disk, world, mailbox.pending);
  const broken = journalProblem(disk);
  if (broken !== undefined) warn(`"journal.md" cannot be read: ${broken}`);
  const life = await pulseLife(disk);
  const view: StateView = {
    world_hash: world.hash,
    pulse_alive: life.alive,
    snapshots: readSnapshots(disk),
    asks: mailbox.pending.map(askView),
    workers: await readWorkers(context, mailbox),
    goals: world.goals,
    journal_tail: journalTail(disk, LIMITS.journalTail),
    data_dir: disk.root,
    cursor: encodeCursor({ marks, down: life.state === 'dead' }),
  };
  return { view, marks };
}

function readSnapshots(disk: Disk): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const name of snapshotNames(disk)) {
    const read = readSnapshot(disk, name);
    const parsed = read.state === 'present' ? parseJson(read.text) : undefined;
    if (parsed && parsed.problem === undefined) found[name] = parsed.value;
  }
  return found;
}

async function readWorkers(context: Reader, mailbox: Mailbox): Promise<StateWorker[]> {
  const terms = { now: now(), stuckS: stuckSeconds(context), askLife, asks: mailbox.pending };
  const { views, problems } = await readFleet(context.disk, terms);
  for (const { id, reason } of problems) context.warn(`worker "${id}": ${reason}`);
  return views.map(({ id, state, alive, exit_code, health, place }) => ({
    id,
    state,
    alive,
    exit_code,
    health,
    ...(place ? { place } : {}),
  }));
}

/** A config that cannot be read must not take the view away: its default knob serves. */
function stuckSeconds({ env, profile, warn }: Reader): number {
  try {
    return resolveKnobs(env, loadConfig(profile.configPath).raw).knobs.workerStuckS;
  } catch (error) {
    warn(messageOf(error));
    return resolveKnobs(env, {}).knobs.workerStuckS;
  }
}

/** Width of the lines that people read; what is cut can be had from --json. */
const LINE_CHARS = 100;

/** The text form; `nowTs` in unix seconds. Empty blocks are left out. */
export function renderState(view: StateView, nowTs: number): string {
  const live = view.workers.filter((worker) => worker.alive);
  const lastLines = view.journal_tail.slice(-LIMITS.journalTailText);
  return [
    `pulse: ${view.pulse_alive ? 'live' : 'DOWN'}  ·  asks: ${view.asks.length}  ·  ` +
      `workers: ${live.length} live / ${view.workers.length}  ·  goals: ${view.goals.length}`,
    ...(view.pulse_alive ? [] : ['  ⚠ nothing is sensed, decided or started until: tend up']),
    ...view.asks.flatMap((ask) => [
      `  ⚑ ${ask.id} (${ask.worker} · ${ago(nowTs - ask.ts)}): ${line(ask.prompt.trimStart().split('\n')[0] ?? '')}`,
      ...askNotes(ask, '      ').map((note) => (ask.proposal ? note : clipLine(note))),
    ]),
    ...block(
      'sensors:',
      Object.entries(view.snapshots).map(([name, value]) => `${name}: ${line(signalText(value))}`),
    ),
    ...block(
      'workers (live):',
      live.map((worker) => `● ${worker.id}  ${worker.state}${ofNote(worker)}`),
    ),
    ...block('journal (latest):', lastLines.map(line)),
  ].join('\n');
}

const line = (text: string): string => oneLine(terminalSafe(text), LINE_CHARS);
const clipLine = (text: string): string => (text.length <= LINE_CHARS ? text : `${text.slice(0, LINE_CHARS - 1)}…`);
const block = (title: string, rows: readonly string[]): string[] =>
  rows.length === 0 ? [] : [title, ...rows.map((row) => `  ${row}`)];
const ofNote = ({ health }: StateWorker): string => (health === 'busy' ? '' : `  ${health}`);
const signalText = (value: Json): string =>
  stableJson(isObject(value) && Object.hasOwn(value, 'signal') ? value['signal'] : value);
