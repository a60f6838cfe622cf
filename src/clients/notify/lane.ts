/**
 * One channel's way through the mailbox: look, send what is due, sleep. Each channel has a lane of its own, so that one which
 * is told to wait holds up no other. A push is claimed before it goes out and noted after it was taken: it arrives at least
 * once, and a message that may be the second one says so.
 */
import type { Book, NotifyDesk } from '../../contract/notify/desk.js';
import type { NotifySettings } from '../../contract/notify/settings.js';
import { messageOf } from '../../model/error.js';
import type { Channel, Outcome, Push, Trouble } from './channel.js';
import { type Due, type PushPlan, planPushes } from './plan.js';

const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 300_000;
/** With `--once`: tries of one push, and the longest pause between them; cron comes again. */
const ONCE_TRIES = 4;
const ONCE_PAUSE_MS = 60_000;

export interface LaneTerms {
  desk: NotifyDesk;
  book: Book;
  settings: NotifySettings;
  once: boolean;
  signal: AbortSignal;
  warn(text: string): void;
  print(text: string): void;
}

export interface LaneReport {
  channel: string;
  /** Ids of the asks of which a message was taken. */
  sent: string[];
  /** Asks that the quiet hours hold back. */
  held: number;
  /** Why something could not be sent. */
  problems: string[];
}

/** Works until the signal aborts; with `once`, until nothing is due. Never rejects for what a network or a disk does. */
export async function tendLane(channel: Channel, terms: LaneTerms): Promise<LaneReport> {
  const { desk, signal } = terms;
  const report: LaneReport = { channel: channel.name, sent: [], held: 0, problems: [] };
  const work = worker(channel, terms, report);
  let fails = 0;
  while (!signal.aborted) {
    const wait = desk.watch();
    try {
      const step = await work().catch((error: unknown): Step => ({ state: 'busy', why: messageOf(error) }));
      if (step.state === 'done') fails = 0;
      if (step.state === 'idle') {
        report.held = step.held;
        if (terms.once) return report;
        await wait.changed;
      }
      if (step.state === 'busy' || step.state === 'broken') {
        fails += 1;
        if (signal.aborted) return report;
        if (fails === 1 || step.state === 'broken') say(terms, channel, step.why);
        const pauseMs = pauseOf(step, fails);
        if (terms.once && (step.state === 'broken' || fails >= ONCE_TRIES || pauseMs > ONCE_PAUSE_MS)) {
          report.problems.push(step.why);
          return report;
        }
        await desk.pause(pauseMs);
      }
    } finally {
      wait.close();
    }
  }
  return report;
}

type Step =
  /** Something was done: look again. */
  { state: 'done' } | { state: 'idle'; held: number } | (Trouble & { state: 'busy' | 'broken' });

const pauseOf = (step: { state: string; afterMs?: number }, fails: number): number =>
  step.state === 'broken'
    ? BACKOFF_MAX_MS
    : (step.afterMs ?? Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(fails - 1, 20)));

/** One step of the lane at each call: the most urgent push, else the message of one ask that has ended. */
function worker(channel: Channel, terms: LaneTerms, report: LaneReport): () => Promise<Step> {
  const { desk, book, settings } = terms;
  const ended = new Set<string>();
  const tried: Tried = new Map();
  return async () => {
    const asks = await desk.asks();
    const plan: PushPlan = planPushes(asks, book.pushed, { ...settings, now: desk.now() });
    const due = leastTried(plan.due, tried);
    if (due) return deliver(channel, due, { ...terms, report, tried });
    const pending = new Set(asks.map((ask) => ask.id));
    const over = channel.end && [...book.pushed].find(([id, { place }]) => place && !pending.has(id) && !ended.has(id));
    if (!over) return { state: 'idle', held: plan.held };
    const step = await sayEnd(channel, over[0], terms);
    if (step.state === 'done') ended.add(over[0]);
    return step;
  };
}

interface Delivery extends LaneTerms {
  report: LaneReport;
  tried: Tried;
}

/** Pushes that this process has tried in vain: how often, and whether one may have arrived. */
type Tried = Map<string, { times: number; isUnsure: boolean }>;

const keyOf = ({ ask, step }: Pick<Due, 'ask' | 'step'>): string => `${ask.id}~${step}`;

/** The first of those that were tried least: one that fails again and again must not keep the others. */
function leastTried(due: readonly Due[], tried: Tried): Due | undefined {
  const times = (one: Due): number => tried.get(keyOf(one))?.times ?? 0;
  const least = Math.min(...due.map(times));
  return due.find((one) => times(one) === least);
}

async function deliver(channel: Channel, due: Due, terms: Delivery): Promise<Step> {
  const { desk, book, tried } = terms;
  const { ask, step } = due;
  const before = tried.get(keyOf(due));
  const claimed = book.claim(ask.id, step);
  const isUnsure = before ? before.isUnsure : claimed !== undefined;
  const root = book.pushed.get(ask.id)?.place;
  const push: Push = { ...due, repeat: isUnsure, ...(root ? { root } : {}) };
  const found = isUnsure && claimed ? await channel.find?.(push, claimed.since) : undefined;
  const outcome: Outcome = found ? { state: 'sent', place: found } : await channel.push(push);
  switch (outcome.state) {
    case 'sent':
      book.note(ask.id, step, outcome.place ? { place: outcome.place } : {});
      terms.report.sent.push(ask.id);
      desk.event('notify-sent', {
        ask: ask.id,
        channel: channel.name,
        step,
        repeat: isUnsure,
        found: found !== undefined,
      });
      terms.print(`${channel.name}: ${found ? 'found' : 'pushed'} ${ask.id}${step > 0 ? ' again' : ''}`);
      return { state: 'done' };
    case 'refused':
      book.note(ask.id, step, { failed: outcome.why });
      terms.report.problems.push(`${ask.id}: ${outcome.why}`);
      desk.event('notify-failed', { ask: ask.id, channel: channel.name, step, why: outcome.why });
      say(terms, channel, `ask "${ask.id}" cannot be pushed: ${outcome.why}`);
      return { state: 'done' };
    case 'busy':
    case 'broken':
      tried.set(keyOf(due), {
        times: (before?.times ?? 0) + 1,
        isUnsure: isUnsure || (outcome.state === 'busy' && outcome.unsure === true),
      });
      return outcome;
    default:
      return outcome satisfies never;
  }
}

/** Lets the message of an ask that has ended say so. Once: a message that cannot be changed any more stays as it is. */
async function sayEnd(channel: Channel, id: string, { desk, book, ...terms }: LaneTerms): Promise<Step> {
  const place = book.pushed.get(id)?.place;
  if (!place || book.hasEnded(id)) return { state: 'done' };
  const story = await desk.story(id).catch((error: unknown) => messageOf(error));
  if (typeof story !== 'string') {
    // Its answer cannot be read: the ask still waits, and the mailbox will show it again.
    if (story.state === 'pending') return { state: 'done' };
    const outcome = await channel.end!(story, place);
    if (outcome.state === 'busy' || outcome.state === 'broken') return outcome;
    if (outcome.state === 'refused')
      say({ ...terms }, channel, `the message of "${id}" stays as it is: ${outcome.why}`);
  }
  book.markEnded(id);
  return { state: 'done' };
}

const say = ({ warn }: Pick<LaneTerms, 'warn'>, channel: Channel, text: string): void =>
  warn(`${channel.name}: ${text}`);
