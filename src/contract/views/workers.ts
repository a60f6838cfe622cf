/** The fleet as a table, the pulse in its first row. Pure: rows in, text out. */
import { clip } from '../../lib/clip.js';
import { shortDuration } from '../../lib/duration.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { isLive } from '../../model/fleet.js';
import type { WorkerView } from '../../model/worker.js';

/** Columns of the table. */
export const FLEET_HEAD = ['ID', 'HEALTH', 'STATE', 'IDLE', 'UP', 'ASK', 'VERIFY'] as const;

export interface PulseRow {
  alive: boolean;
  /** Seconds since it began; null when that is not known. */
  upS: number | null;
}

export interface TableOptions {
  /** Columns of the terminal; rows are clipped to it. Absent: not at all. */
  width?: number;
  colour?: boolean;
}

/** Rows of `worker list --json`. */
export const workerRows = (views: readonly WorkerView[], all: boolean): WorkerView[] =>
  views.filter((view) => all || isLive(view));

/** Aligned table; without `all`, ended workers are left out. */
export function renderWorkers(
  pulse: PulseRow,
  views: readonly WorkerView[],
  options: TableOptions & { all: boolean },
): string {
  const rows = [pulseCells(pulse), ...workerRows(views, options.all).map(workerCells)];
  const widths = FLEET_HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    clip(
      cells
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
      options.width ?? Number.MAX_SAFE_INTEGER,
    );
  const body = rows.map((row) => {
    const isBad = row[1] === 'down' || row[1] === 'dead' || row[1] === 'stuck';
    return options.colour && isBad ? `\u001b[31m${line(row)}\u001b[0m` : line(row);
  });
  return [
    line(FLEET_HEAD),
    ...body,
    ...workerRows(views, options.all)
      .flatMap(placeOf)
      .concat(views.flatMap(cutOf))
      .map((text) => clip(text, options.width ?? Number.MAX_SAFE_INTEGER)),
  ].join('\n');
}

/** The pulse in the columns of the table. */
export function pulseCells({ alive, upS }: PulseRow): string[] {
  const state = alive ? 'up' : 'down';
  return ['pulse', state, state, '-', shortDuration(upS), '-', '-'];
}

/** A worker in the columns of the table. */
export function workerCells(view: WorkerView): string[] {
  const state = view.state === 'exited' && view.exit_code !== null ? `exit ${view.exit_code}` : view.state;
  const verify = view.verify === null ? '-' : view.verify === 'pass' ? 'pass' : 'FAIL';
  return [
    view.id,
    view.health,
    state,
    shortDuration(view.idle_s),
    shortDuration(view.uptime_s),
    shortDuration(view.ask_age_s),
    verify,
  ];
}

/** Also of those that are not in the table: somebody has to know. */
function cutOf({ id, cut }: WorkerView): string[] {
  if (!cut) return [];
  const often = cut.resumed === 0 ? '' : `, resumed ${cut.resumed} times`;
  return [`${id}: its session was cut (${terminalSafe(cut.why)}${often}); it goes on with: tend worker resume ${id}`];
}

/** A line of its own below the table: paths are longer than a column may be. */
function placeOf({ id, place }: WorkerView): string[] {
  if (!place) return [];
  const { repo, branch, path, note } = place;
  const where = path ?? 'no worktree';
  return [`${id}: ${where}, branch ${branch} of ${repo}${note === undefined ? '' : `; ${note}`}`];
}
