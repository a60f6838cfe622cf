/** Everything the screen knows, as one value. Keys and news make the next one (update.ts); components paint it. */
import type { AskView } from '../../contract/views/asks.js';
import {
  askRowKey,
  type FleetRow,
  type FleetSight,
  type FleetWorker,
  fleetRows,
  NOTHING_SEEN,
  ROW_SETS,
  type RowFilter,
} from '../../contract/views/fleet-screen.js';
import type { Screen } from '../../lib/screen.js';
import { type Draft, EMPTY_DRAFT } from './editor.js';
import type { Place } from './key-map.js';

export interface Size {
  columns: number;
  rows: number;
}

/** What stands beside the opened row. */
export type Side =
  | { kind: 'none' }
  | { kind: 'reference'; name: string; text?: string; problem?: string }
  | { kind: 'terminal'; worker: string; screen?: Screen; problem?: string };

export interface Status {
  text: string;
  tone: 'good' | 'bad' | 'plain';
}

/** A policy file that can be edited: the PLAYBOOK, a goal, or a new goal. */
export interface PolicyFile {
  name: string;
  about: string;
}

export interface Model {
  size: Size;
  colour: boolean;
  /** Unix seconds; moves in steps, see run.ts. */
  nowTs: number;
  sight: FleetSight;
  filter: RowFilter;
  /** The text of the search as it is typed. */
  search: Draft;
  rows: readonly FleetRow[];
  place: Exclude<Place, 'anywhere'>;
  /** Where help leads back to. */
  helpFrom: Exclude<Place, 'anywhere' | 'help'>;
  /** Key of a row. In `detail` it is what is open, and stays it whatever becomes of the row. */
  selected: string | undefined;
  /** First row of the list that is shown. */
  top: number;
  /** The ask that is open, as it was read last: it stays readable when it has ended. */
  opened: AskView | undefined;
  /** How the opened ask ended, when it did and we did not do it. */
  ended: string | undefined;
  /** Steers the worker of the opened ask instead of answering it. */
  telling: boolean;
  /** By `draftKey`: what was written to one is never shown or sent to another. */
  drafts: Readonly<Record<string, Draft>>;
  /** Drafts that are on their way. */
  sending: readonly string[];
  /** What was sent, oldest first. */
  history: readonly string[];
  /** How far back in the history the opened draft is, and what it was before. */
  recall: { back: number; draft: Draft } | undefined;
  scroll: number;
  side: Side;
  policy: { files: readonly PolicyFile[]; selected: number } | undefined;
  status: Status | undefined;
  /** A second Ctrl-C leaves. */
  isLeaving: boolean;
}

export function firstModel(from: { size: Size; colour: boolean; nowTs: number }): Model {
  return {
    ...from,
    sight: NOTHING_SEEN,
    filter: { set: ROW_SETS[0], text: '', ended: false },
    search: EMPTY_DRAFT,
    rows: [],
    place: 'list',
    helpFrom: 'list',
    selected: undefined,
    top: 0,
    opened: undefined,
    ended: undefined,
    telling: false,
    drafts: {},
    sending: [],
    history: [],
    recall: undefined,
    scroll: 0,
    side: { kind: 'none' },
    policy: undefined,
    status: undefined,
    isLeaving: false,
  };
}

/** What is written in the opened row is for one ask, or for one worker; undefined: nothing can be written there. */
export function draftKey(model: Model): string | undefined {
  const worker = openedWorker(model);
  if (model.opened && !model.telling) return askRowKey(model.opened.id);
  const key = worker && `tell:${worker.id}`;
  // To one that has ended nothing is written any more; what was written stays in sight.
  return key === undefined || worker?.alive || model.drafts[key]?.text ? key : undefined;
}

export const draftIn = (model: Model): Draft => model.drafts[draftKey(model) ?? ''] ?? EMPTY_DRAFT;

/** The worker behind the opened row, as it is now. */
export function openedWorker(model: Model): FleetWorker | undefined {
  const id =
    model.opened?.worker ??
    (model.selected?.startsWith('worker:') ? model.selected.slice('worker:'.length) : undefined);
  return id === undefined ? undefined : model.sight.workers.find((worker) => worker.id === id);
}

/** Rows anew from what was seen and what is searched. */
export const withRows = (model: Model): Model => ({ ...model, rows: fleetRows(model.sight, model.filter) });
