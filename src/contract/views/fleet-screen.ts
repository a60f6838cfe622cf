/**
 * The whole fleet as the rows of a screen: those who wait for the human on top, the oldest first, then the pulse, then the
 * workers. A row is named by its key and never by its place, so that a selection stays with what was selected. Pure.
 */
import type { WorkerHealth, WorkerPlace, WorkerView } from '../../model/worker.js';
import type { AskView } from './asks.js';

/** A worker as a screen shows it; instants instead of ages, so that an unchanged worker is an equal value. */
export interface FleetWorker {
  id: string;
  state: WorkerView['state'];
  alive: boolean;
  exitCode: number | null;
  health: WorkerHealth;
  verify: 'pass' | 'fail' | null;
  pendingTells: number;
  /** Unix seconds of its last output, to ten seconds. */
  quietSinceTs: number | null;
  startedTs: number | null;
  place?: WorkerPlace;
  /** Why nothing certain is known of it. */
  problem?: string;
}

export interface FleetPulse {
  /** `asking` until it was asked for the first time. */
  state: 'asking' | 'alive' | 'silent' | 'dead' | 'unknown';
  startedTs: number | null;
}

export interface FleetSight {
  /** Oldest first. */
  asks: readonly AskView[];
  workers: readonly FleetWorker[];
  pulse: FleetPulse;
  /** What could not be read, in words. */
  problems: readonly string[];
}

export const NOTHING_SEEN: FleetSight = {
  asks: [],
  workers: [],
  pulse: { state: 'asking', startedTs: null },
  problems: [],
};

export type FleetRow =
  | { key: string; kind: 'ask'; ask: AskView; worker: FleetWorker | undefined }
  | { key: string; kind: 'pulse'; pulse: FleetPulse }
  | { key: string; kind: 'worker'; worker: FleetWorker };

export const askRowKey = (id: string): string => `ask:${id}`;
export const workerRowKey = (id: string): string => `worker:${id}`;
export const PULSE_ROW_KEY = 'pulse';

/** What of the fleet is shown. `waiting`: asks alone; `approvals`: asks that carry a move; `workers`: no asks. */
export const ROW_SETS = ['everything', 'waiting', 'approvals', 'workers'] as const;
export type RowSet = (typeof ROW_SETS)[number];

export interface RowFilter {
  set: RowSet;
  /** Words that a row must contain, in any case. */
  text: string;
  /** Also workers that have ended. */
  ended: boolean;
}

export const isApproval = (ask: Pick<AskView, 'kind' | 'proposal'>): boolean =>
  ask.kind === 'approval' || ask.proposal !== undefined;

/** Rows in their order: asks by age, the pulse, living workers (those that want attention first), ended ones. */
export function fleetRows(sight: FleetSight, filter: RowFilter): FleetRow[] {
  const workers = new Map(sight.workers.map((worker) => [worker.id, worker]));
  const asks = sight.asks.map(
    (ask): FleetRow => ({ key: askRowKey(ask.id), kind: 'ask', ask, worker: workers.get(ask.worker) }),
  );
  const pulse: FleetRow = { key: PULSE_ROW_KEY, kind: 'pulse', pulse: sight.pulse };
  const crew = [...sight.workers]
    .filter((worker) => filter.ended || isShown(worker))
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
    .map((worker): FleetRow => ({ key: workerRowKey(worker.id), kind: 'worker', worker }));
  const rows = [...asks, pulse, ...crew].filter((row) => isInSet(row, filter.set));
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = searched(row);
    return words.every((word) => text.includes(word));
  });
}

const isShown = (worker: FleetWorker): boolean =>
  worker.alive || worker.state === 'pending' || worker.problem !== undefined;

/** Those with something wrong first, then those at work, then those that have ended. */
function rank(worker: FleetWorker): number {
  if (worker.problem !== undefined || worker.health === 'stuck') return 0;
  return isShown(worker) ? 1 : 2;
}

function isInSet(row: FleetRow, set: RowSet): boolean {
  switch (set) {
    case 'everything':
      return true;
    case 'waiting':
      return row.kind === 'ask';
    case 'approvals':
      return row.kind === 'ask' && isApproval(row.ask);
    case 'workers':
      return row.kind !== 'ask';
  }
}

function searched(row: FleetRow): string {
  switch (row.kind) {
    case 'ask': {
      const { id, worker, prompt, kind, urgency, proposal, options } = row.ask;
      const move = proposal ? JSON.stringify(proposal.move) : '';
      return [id, worker, prompt, kind, urgency, move, ...(options ?? [])].join(' ').toLowerCase();
    }
    case 'worker':
      return `${row.worker.id} ${row.worker.state} ${row.worker.health} ${row.worker.place?.branch ?? ''}`.toLowerCase();
    case 'pulse':
      return `pulse ${row.pulse.state}`;
  }
}
