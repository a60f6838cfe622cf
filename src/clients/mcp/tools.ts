/**
 * Which verbs are tools, and what a client may know of each before it calls it. One line makes a verb a tool; its name, its
 * arguments and its description come from the verb's own file. Left out on purpose: what needs a terminal or stdin (attach, init,
 * runner parse), `send`, because steering shall be on record, and what brings in a command of the human's, which passes no gate:
 * `run`, and what creates or makes up for timed loops and workflows. Those that are there can be looked at, run, held and ended.
 */
import { ASK, ASK_STORY, DOCUMENTS, SPEND, STATE, STATUS, WAIT, WORKER } from './answers.js';
import { listOf, mapOf, oneOf, orNull, record, type Schema, text } from './json-schema.js';

/** As the protocol names them: a hint for the client's own questions, never a promise to be relied on. */
export interface Hints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface Tool {
  readonly hints: Hints;
  /** What its JSON looks like. Absent: its answer is text. */
  readonly answer?: Answer;
  /** Arguments and flags that mean nothing here. */
  readonly omit?: readonly string[];
  /** Flags that have this value, whoever calls. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** It may block for long: it reports progress while it does. */
  readonly long?: boolean;
}

export interface Answer {
  readonly schema: Schema;
  /** Structured content is an object: a verb that gives another value gives it under this name. */
  readonly under?: string;
}

const hints = (destructiveHint: boolean, idempotentHint: boolean, openWorldHint: boolean): Hints => ({
  readOnlyHint: false,
  destructiveHint,
  idempotentHint,
  openWorldHint,
});
const READS: Hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
/** Changes files of the profile, and what they said before is kept. */
const KEEPS = hints(false, true, false);
/** The same, and a repeat does it once more. */
const ADDS = hints(false, false, false);
/** Ends or removes something. */
const ENDS = hints(true, true, false);
/** Lets programs run that may do anything. */
const RELEASES = hints(true, false, true);

/** The human's, by the words of the verb. */
export const HUMAN_TOOLS: Readonly<Record<string, Tool>> = {
  state: { hints: READS, answer: { schema: STATE } },
  status: { hints: READS, answer: { schema: STATUS } },
  wait: { hints: READS, answer: { schema: WAIT }, long: true },
  asks: { hints: READS, answer: { schema: record({ asks: listOf(ASK) }), under: 'asks' } },
  'ask show': { hints: READS, answer: { schema: ASK_STORY } },
  answer: { hints: RELEASES, omit: ['channel'], fixed: { channel: 'mcp' }, long: true },
  'ask close': { hints: ENDS },
  'ask reassign': { hints: ADDS },
  'goal list': { hints: READS, answer: { schema: record({ goals: listOf(DOCUMENTS.goal) }), under: 'goals' } },
  'goal show': { hints: READS, answer: { schema: record({ id: text, body: text }) } },
  'goal write': { hints: KEEPS },
  'goal archive': { hints: KEEPS },
  'playbook show': { hints: READS, answer: { schema: record({ body: text }) } },
  'playbook write': { hints: KEEPS },
  'sensor list': { hints: READS, answer: { schema: record({ sensors: listOf(DOCUMENTS.sensor) }), under: 'sensors' } },
  'sensor test': { hints: RELEASES, answer: { schema: DOCUMENTS.trial } },
  'sensor write': { hints: RELEASES },
  'sensor remove': { hints: KEEPS },
  'schedule list': {
    hints: READS,
    answer: { schema: record({ schedules: mapOf(orNull(DOCUMENTS.schedule)) }), under: 'schedules' },
  },
  'schedule write': { hints: KEEPS },
  'schedule rm': { hints: ENDS },
  history: { hints: READS, answer: { schema: record({ versions: listOf(DOCUMENTS.version) }), under: 'versions' } },
  'history show': { hints: READS, answer: { schema: record({ file: text, stamp: text, body: text }) } },
  'history diff': { hints: READS, answer: { schema: record({ file: text, stamp: text, diff: text }) } },
  'history restore': { hints: ADDS },
  journal: { hints: READS, answer: { schema: record({ lines: listOf(text) }), under: 'lines' }, omit: ['follow'] },
  explain: { hints: READS },
  logs: { hints: READS, omit: ['follow'] },
  runs: { hints: READS, omit: ['follow'] },
  'loops list': { hints: READS },
  'loops show': { hints: READS },
  'loops runs': { hints: READS },
  'loops next': { hints: READS },
  'loops goal show': { hints: READS },
  'loops run-now': { hints: RELEASES, long: true },
  'loops pause': { hints: KEEPS },
  'loops resume': { hints: RELEASES },
  'loops stop': { hints: ENDS },
  'workflows list': { hints: READS },
  'workflows show': { hints: READS },
  'workflows runs': { hints: READS },
  'workflows inspect': { hints: READS },
  'workflows cancel': { hints: ENDS },
  doctor: { hints: READS },
  'service status': { hints: READS },
  spend: { hints: READS, answer: { schema: SPEND } },
  'gate test': {
    hints: READS,
    answer: { schema: record({ verdict: oneOf('allow', 'ask', 'refuse'), reason: text, part: orNull(text) }) },
  },
  'worker list': {
    hints: READS,
    answer: { schema: record({ workers: listOf(WORKER) }), under: 'workers' },
    omit: ['watch', 'interval'],
  },
  screenshot: { hints: READS, omit: ['plain', 'ansi', 'no-trim'] },
  'worker start': { hints: RELEASES, omit: ['command'] },
  'worker resume': { hints: RELEASES },
  'worker kill': { hints: ENDS },
  tell: { hints: ADDS },
  up: { hints: hints(false, true, true), omit: ['foreground'] },
  down: {
    hints: ENDS,
    answer: { schema: record({ pulse: record({ state: text }), workers: listOf(text), survivors: listOf(text) }) },
  },
  'runner list': {
    hints: READS,
    answer: { schema: record({ runners: listOf(record({ name: text, path: orNull(text) })) }), under: 'runners' },
  },
};

/** A worker's, a sensor's, a decision's. */
export const SESSION_TOOLS: Readonly<Record<string, Tool>> = {
  ask: { hints: ADDS, omit: ['worker'], long: true },
  told: { hints: ADDS, answer: { schema: record({ messages: listOf(text) }), under: 'messages' }, omit: ['worker'] },
};

/** `goal write` → `goal_write`, `loops run-now` → `loops_run_now`. */
export const toolName = (words: string): string => words.replaceAll(/[ -]/g, '_');
