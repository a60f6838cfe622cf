/**
 * What a relay of asks works with: the mailbox as views, a sleep that file events end, and the book of what was pushed. One
 * relay works on a data dir at a time; its writes are refused once another has taken over.
 */
import { lightWaiter, waiterLife } from '../../host/ask-waiter.js';
import { monotonicMs, now, pause } from '../../host/clock.js';
import { ownPid } from '../../host/end-signals.js';
import { hash32 } from '../../lib/hash.js';
import { refused } from '../../model/error.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import type { Place } from '../../model/notify.js';
import { readMailbox } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { fencedDisk } from '../../store/fenced-disk.js';
import { acquireLock, LOCK_STALE_MS, type Lock } from '../../store/lock.js';
import {
  claimPush,
  isMarked,
  markOnce,
  notePush,
  notifyWaiter,
  readPushes,
  sweepPushes,
  writeNotifyHolder,
} from '../../store/notify.js';
import { type Wait, waitForChange } from '../../store/watch.js';
import { awayFromTerminal } from '../as.js';
import { readStory } from '../ask-story.js';
import type { Context } from '../verb.js';
import { type AskStory, type AskView, askView } from '../views/asks.js';
import { type Relayed, type RelayedAnswer, relayAnswer } from './answer.js';
import { type CommandEnd, findProgram, type NotifyCommand, runNotifyCommand } from './command.js';

/** What one channel was given. */
export interface Book {
  /** Pushes that were taken, or never will be, by ask: the highest step, and where the first message stands. */
  readonly pushed: ReadonlyMap<string, Pushed>;
  /** Before a push. Undefined: nobody tried before us; else since when somebody may have sent it (unix seconds). */
  claim(ask: string, step: number): { since: number } | undefined;
  /** After a push that was taken, or will never be. */
  note(ask: string, step: number, end: { place?: Place; failed?: string }): void;
  /** True when its message says already how the ask ended. */
  hasEnded(ask: string): boolean;
  markEnded(ask: string): void;
  /** True for the one who tells this word's author why it was refused. */
  tellOnce(word: string): boolean;
}

export interface Pushed {
  step: number;
  /** When the first push was taken, unix seconds. */
  firstTs: number;
  place?: Place;
}

export interface NotifyDesk {
  now(): Instant;
  /** Milliseconds that only go forward. */
  ticks(): number;
  /** Ends at once on abort. */
  pause(ms: number): Promise<void>;
  /** Pending asks, oldest first. Throws when the mailbox cannot be read. */
  asks(): Promise<readonly AskView[]>;
  story(id: string): Promise<AskStory>;
  /** Armed when it returns: arm, look, then await. A slow poll behind the events ends it as well, and sees what time alone has made due. */
  watch(): Wait;
  book(channel: string): Book;
  answer(given: RelayedAnswer): Promise<Relayed>;
  event(name: string, fields: Record<string, unknown>): void;
  run(command: NotifyCommand): Promise<CommandEnd>;
  findProgram(name: string): string | undefined;
  /** Lets the next relay in. */
  close(): void;
}

/** Takes the lock of relays. Waits for one that just died, and refuses (`notify-runs`) while another lives. `onLost`: stop working. */
export async function openDesk(context: Context, onLost: () => void): Promise<NotifyDesk> {
  const waiter = await lightWaiter(context.env, context.profile.dataDir);
  try {
    const lock = await takeLock(context, onLost);
    const disk = fencedDisk(context.disk, lock);
    writeNotifyHolder(disk, { pid: ownPid(), epoch: lock.epoch, waiter: waiter.nonce });
    return deskOver(awayFromTerminal(context, { disk }), () => {
      lock.release();
      waiter.close();
    });
  } catch (error) {
    waiter.close();
    throw error;
  }
}

/** What a trial of channels needs: no lock, no book, no mailbox. */
export const trialDesk = (context: Context): Pick<NotifyDesk, 'now' | 'ticks' | 'run' | 'findProgram'> => ({
  now,
  ticks: monotonicMs,
  run: (command) => runNotifyCommand(context, command),
  findProgram: (name) => findProgram(context, name),
});

async function takeLock(context: Context, onLost: () => void): Promise<Lock> {
  const { disk, env, profile, signal } = context;
  const lifeOf = async (epoch: number) => {
    const nonce = notifyWaiter(disk, epoch);
    return nonce === undefined ? 'unknown' : waiterLife(env, profile.dataDir, nonce);
  };
  let isAlive = false;
  const look = async (epoch: number) => {
    const life = await lifeOf(epoch);
    isAlive = life === 'alive';
    return life;
  };
  // One that died between taking the lock and saying where it can be asked is past its stale time then.
  const patience = monotonicMs() + LOCK_STALE_MS + 2_000;
  for (;;) {
    const lock = await acquireLock(disk, 'notify', {
      onLost,
      isHolderDead: async (epoch) => (await look(epoch)) === 'dead',
      isHolderAlive: async (epoch) => (await look(epoch)) === 'alive',
    });
    if (!('heldBy' in lock)) return lock;
    if (isAlive || signal.aborted || monotonicMs() > patience)
      throw refused('notify-runs', `Cannot push asks: another "tend notify" does, ${lock.heldBy}`, 'tend notify test');
    await pause(200, signal);
  }
}

function deskOver(context: Context, close: () => void): NotifyDesk {
  const { disk, signal } = context;
  const { waitPollMs } = resolveKnobs(context.env, {}).knobs;
  return {
    ...trialDesk(context),
    pause: (ms) => pause(Math.min(ms, TIMER_MAX_MS), signal),
    asks: mailboxOf(disk, context.warn),
    story: (id) => readStory(disk, id),
    watch: () =>
      waitForChange(disk, ['asks', 'answers'], {
        pollMs: waitPollMs,
        signal,
        only: (key) => !key.startsWith('asks/archive') && !key.startsWith('answers/archive'),
      }),
    book: (channel) => bookOf(disk, channel),
    answer: (given) => relayAnswer(context, given),
    event: (name, fields) => logEvent(disk, now(), name, fields),
    close,
  };
}

/** Node fires a timer of more than 2^31-1 ms at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** Within this after a change the same times of directories may hide another one: file systems count time in ticks. */
const TICK_MS = 100;

/** Reads the mailbox only when a name in it came or went since the last look. */
function mailboxOf(disk: Disk, warn: (text: string) => void): () => Promise<readonly AskView[]> {
  let seen: { stamp: string; asks: readonly AskView[] } | undefined;
  const said = new Set<string>();
  return async () => {
    const times = ['asks', 'answers', 'consumed'].map((key) => disk.stat(key));
    const stamp = times.map((at) => (at.state === 'present' ? at.mtimeMs : at.state)).join(' ');
    if (seen?.stamp === stamp) return seen.asks;
    const newest = Math.max(0, ...times.map((at) => (at.state === 'present' ? at.mtimeMs : 0)));
    const isSettled = Math.abs(now() - newest) > TICK_MS;
    const { pending, problems } = await readMailbox(disk);
    for (const { id, reason } of problems) {
      if (!said.has(`${id} ${reason}`)) warn(`ask "${id}" cannot be pushed: ${reason}`);
      said.add(`${id} ${reason}`);
    }
    const asks = pending.map(askView);
    seen = isSettled ? { stamp, asks } : undefined;
    return asks;
  };
}

function bookOf(disk: Disk, channel: string): Book {
  sweepPushes(disk, channel, now());
  const pushed = new Map<string, Pushed>();
  const add = (ask: string, next: { step: number; ts: number; place?: Place | undefined }) => {
    const before = pushed.get(ask);
    const place = before?.place ?? next.place;
    pushed.set(ask, {
      step: Math.max(before?.step ?? 0, next.step),
      firstTs: before?.firstTs ?? next.ts,
      ...(place ? { place } : {}),
    });
  };
  for (const { ask, step, ts, place } of readPushes(disk, channel).sort((a, b) => a.step - b.step))
    add(ask, { step, ts, place });
  return {
    pushed,
    claim: (ask, step) => claimPush(disk, { channel, ask, step }, now()),
    note(ask, step, end) {
      notePush(disk, { channel, ask, step }, end, now());
      add(ask, { step, ts: unixSeconds(now()), place: end.place });
    },
    hasEnded: (ask) => isMarked(disk, channel, { shelf: 'ended', name: ask }),
    markEnded: (ask) => void markOnce(disk, channel, { shelf: 'ended', name: ask }, now()),
    // The word's name comes from outside, and becomes the name of a file.
    tellOnce: (word) => markOnce(disk, channel, { shelf: 'told', name: hash32(word) }, now()),
  };
}
