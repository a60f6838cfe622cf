/** Which workers the table has, in which order, and how old they are by now. Pure: a look at the fleet and a time in, rows out. */
import { FLEET_HEAD, type PulseRow, pulseCells, workerCells } from '../../contract/views/workers.js';
import { isLive } from '../../model/fleet.js';
import type { WorkerView } from '../../model/worker.js';

export interface FleetTerms {
  /** Also those that have ended. */
  all: boolean;
  /** Without `all`: ended workers that ended at most so many seconds ago are shown. */
  sinceS: number | undefined;
  /** Shown whatever became of them: the one that was asked for, and the one that is selected. */
  kept: ReadonlySet<string>;
  /** Unix seconds. */
  nowS: number;
}

/** The living, those that ended lately, and those that are kept; the youngest first, of unknown age last. */
export function shownWorkers(views: readonly WorkerView[], terms: FleetTerms): WorkerView[] {
  const { all, sinceS, kept, nowS } = terms;
  const isRecent = (view: WorkerView) =>
    // One of which nobody wrote down when it ended may have ended a moment ago.
    sinceS !== undefined && (view.ended_ts === undefined || nowS - view.ended_ts <= sinceS);
  return views
    .filter((view) => all || isLive(view) || kept.has(view.id) || isRecent(view))
    .sort((a, b) => ageOf(a) - ageOf(b) || (a.id < b.id ? -1 : 1));
}

const ageOf = (view: WorkerView): number => view.uptime_s ?? Number.MAX_SAFE_INTEGER;

export interface FleetRow {
  id: string;
  cells: readonly string[];
  isBad: boolean;
}

/** Rows of the table, the pulse first, `elapsedS` after the look. `outputS`: how long ago a worker printed, where that is known better. */
export function fleetRows(
  pulse: PulseRow,
  views: readonly WorkerView[],
  time: { elapsedS: number; outputS: ReadonlyMap<string, number> },
): FleetRow[] {
  const { elapsedS, outputS } = time;
  const later = (age: number | null) => (age === null ? null : age + elapsedS);
  const rows = views.map((view) => {
    const cells = workerCells({
      ...view,
      idle_s: view.alive ? (outputS.get(view.id) ?? later(view.idle_s)) : view.idle_s,
      uptime_s: later(view.uptime_s),
      ask_age_s: later(view.ask_age_s),
    });
    return { id: view.id, cells, isBad: view.health === 'dead' || view.health === 'stuck' };
  });
  return [{ id: 'pulse', cells: pulseCells({ ...pulse, upS: later(pulse.upS) }), isBad: !pulse.alive }, ...rows];
}

/** Columns aligned over the head and all rows, so that scrolling through them moves nothing sideways. */
export function alignedRows(rows: readonly FleetRow[]): { head: string; lines: string[] } {
  const all = [FLEET_HEAD, ...rows.map((row) => row.cells)];
  const widths = FLEET_HEAD.map((_, at) => Math.max(...all.map((cells) => cells[at]!.length)));
  const [head = '', ...lines] = all.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
  return { head, lines };
}

/** Milliseconds until one of these ages (in seconds) reads differently in the table; undefined: none ever does. */
export function nextAgeMs(ages: readonly (number | null)[]): number | undefined {
  const waits = ages.flatMap((age) => {
    if (age === null) return [];
    const unit = age < 60 ? 1 : age < 3_600 ? 60 : age < 86_400 ? 3_600 : 86_400;
    return [(Math.floor(age / unit) + 1) * unit - age];
  });
  return waits.length === 0 ? undefined : Math.max(20, Math.ceil(Math.min(...waits) * 1_000));
}
