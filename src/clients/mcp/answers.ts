/** What the JSON of the reading verbs looks like, for clients that check it. Each says what its view in contract/views promises. */
import { ASK_KINDS, OUTCOMES, URGENCIES } from '../../model/ask.js';
import {
  anything,
  flag,
  listOf,
  mapOf,
  number,
  type ObjectSchema,
  oneOf,
  orNull,
  record,
  text,
} from './json-schema.js';

const ASK_FIELDS = {
  id: text,
  worker: text,
  prompt: text,
  ts: number,
  kind: oneOf(...ASK_KINDS),
  urgency: oneOf(...URGENCIES),
  reference: text,
  options: listOf(text),
  /** `move` is the exact thing that a yes releases. */
  proposal: record({ move: record({ action: text }), digest: text }),
  from: text,
};
const ASK_OPTIONAL = ['reference', 'options', 'proposal', 'from'];

export const ASK: ObjectSchema = record(ASK_FIELDS, ASK_OPTIONAL);

export const ASK_STORY: ObjectSchema = record(
  {
    ...ASK_FIELDS,
    state: oneOf('pending', ...OUTCOMES),
    consumed: flag,
    archived: flag,
    problem: text,
    answer: text,
    answered_ts: number,
    by: text,
    channel: text,
  },
  [...ASK_OPTIONAL, 'problem', 'answer', 'answered_ts', 'by', 'channel'],
);

const PLACE = record({ repo: text, branch: text, path: orNull(text), note: text }, ['note']);
const WORKER_FIELDS = {
  id: text,
  state: text,
  alive: flag,
  exit_code: orNull(number),
  health: oneOf('dead', 'waiting-ask', 'stuck', 'busy'),
  place: PLACE,
};

export const WORKER: ObjectSchema = record(
  {
    ...WORKER_FIELDS,
    idle_s: orNull(number),
    uptime_s: orNull(number),
    ask_age_s: orNull(number),
    verify: orNull(oneOf('pass', 'fail')),
  },
  ['place'],
);

const STATE_FIELDS = {
  world_hash: text,
  pulse_alive: flag,
  snapshots: mapOf(anything),
  asks: listOf(ASK),
  workers: listOf(record(WORKER_FIELDS, ['place'])),
  goals: listOf(text),
  journal_tail: listOf(text),
  data_dir: text,
  /** For `since` of the next wait. */
  cursor: text,
};

export const STATE: ObjectSchema = record(STATE_FIELDS);
export const WAIT: ObjectSchema = record({ ...STATE_FIELDS, changed: listOf(text) });

export const STATUS: ObjectSchema = record({
  pulse: record({ alive: flag, state: text, pid: orNull(number), version: orNull(text), started_ts: orNull(number) }),
  controllers: listOf(
    record({ controller: text, key: text, state: text, why: text, since_ts: number, next_ts: orNull(number) }),
  ),
  problems: listOf(text),
  data_dir: text,
});

export const DOCUMENTS = {
  goal: record({ id: text, title: text, ts: number, problem: text }, ['title', 'ts', 'problem']),
  sensor: record({ name: text, interval_s: number, read_ts: orNull(number), ok: orNull(flag), problems: listOf(text) }),
  trial: record({ name: text, ok: flag, signal: anything, detail: anything, duration_ms: number, bytes: number }),
  schedule: record({ name: text, due_ts: number, every_s: number, note: text }, ['due_ts', 'every_s', 'note']),
  version: record({ file: text, stamp: text, ts: number }),
} as const;

/** Dollars and tokens; what is not known, or has no limit, is null. */
export const SPEND: ObjectSchema = record({
  since: text,
  until: text,
  total: record({
    usd: number,
    metered_usd: number,
    estimated_usd: number,
    tokens: number,
    runs: number,
    open: number,
  }),
  today: record({
    day: text,
    usd: number,
    limit_usd: orNull(number),
    left_usd: orNull(number),
    tokens: number,
    limit_tokens: orNull(number),
    left_tokens: orNull(number),
  }),
});
