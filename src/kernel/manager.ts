/**
 * Runs controllers side by side: keys in, one reconcile at a time per controller, and the one switch that turns an outcome
 * into a queue action. Keeps a status record per key in memory, so that `tend status` can say why anything is not moving.
 */
import { monotonicMs, pause } from '../host/clock.js';
import { messageOf, TendError } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { Outcome } from '../model/outcome.js';
import { retryDelayMs } from './backoff.js';
import type { Controller } from './controller.js';
import { KeyQueue, type Moment } from './queue.js';

export interface KeyStatus {
  controller: string;
  key: string;
  state: Outcome['state'] | 'retrying' | 'working';
  why: string;
  /** When the key is looked at again, unless an event comes first. */
  at?: Instant;
  /** Since when it is in this state. */
  since: Instant;
  fails: number;
}

export interface ManagerDeps {
  now: () => Instant;
  /** Milliseconds that only go forward; absent: this machine's. */
  forward?: () => number;
  /** Finish what is under way, then return. */
  signal: AbortSignal;
  /** A reconcile threw: for the log. */
  onThrow?(controller: string, key: string, error: unknown): void;
  /** We lost the pulse's lock: end at once what the other controllers are at. `run` waits for them and then rejects. */
  onFenced?(): void;
}

/** What a controller's own list of keys is called where every key has its status. */
const NEW_KEYS = '(new keys)';
/** Looking again costs one listing: seldom enough for a disk in trouble, often enough that a human who mends it sees it work. */
const FEED_RETRY_MS = 10_000;
/** A list that fails does so at its first look, within milliseconds. */
const FEED_CALM_MS = 1_000;

export class Manager {
  readonly #status = new Map<string, KeyStatus>();
  readonly #deps: ManagerDeps;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
  }

  /** Resolves when the signal has aborted and every reconcile under way has returned. Rejects only when we lost the pulse's lock. */
  async run(controllers: readonly Controller[]): Promise<void> {
    const ended = await Promise.allSettled(controllers.map((controller) => this.#runOne(controller)));
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  /** Status of every key that is not simply settled, worst first; a copy. */
  status(): KeyStatus[] {
    const rank: Record<KeyStatus['state'], number> = {
      retrying: 0,
      stalled: 1,
      waiting: 2,
      working: 3,
      later: 4,
      settled: 5,
    };
    return [...this.#status.values()]
      .map((s) => ({ ...s }))
      .sort((a, b) => rank[a.state] - rank[b.state] || (a.key < b.key ? -1 : 1));
  }

  async #runOne(controller: Controller): Promise<void> {
    const queue = new KeyQueue(() => this.#moment());
    const feed = this.#feed(controller, queue);
    for (;;) {
      const key = await queue.take(this.#deps.signal);
      if (key === undefined) break;
      await this.#reconcile(controller, key, queue);
    }
    await feed;
  }

  #moment(): Moment {
    return { wall: this.#deps.now(), forward: (this.#deps.forward ?? monotonicMs)() };
  }

  /** Keys in, begun again after a failure: a directory that cannot be listed now is one that can be listed later. */
  async #feed(controller: Controller, queue: KeyQueue): Promise<void> {
    const { signal, now, onThrow } = this.#deps;
    const id = `${controller.name}/${NEW_KEYS}`;
    for (let fails = 0, told = ''; !signal.aborted; ) {
      // Silence is success: there may be no key to give for hours.
      const calm = setTimeout(() => {
        fails = 0;
        this.#status.delete(id);
      }, FEED_CALM_MS);
      try {
        for await (const key of controller.keys(signal)) queue.add(key);
        return;
      } catch (error) {
        fails += 1;
        const [why, at] = [messageOf(error), now() + Math.min(FEED_RETRY_MS, retryDelayMs(fails))];
        const since = this.#status.get(id)?.since ?? now();
        this.#status.set(id, { controller: controller.name, key: NEW_KEYS, state: 'retrying', why, at, since, fails });
        // Said once: a disk that stays broken must not be filled with its own complaints.
        if (why !== told) onThrow?.(controller.name, NEW_KEYS, error);
        told = why;
        await pause(at - now(), signal);
      } finally {
        clearTimeout(calm);
      }
    }
  }

  async #reconcile(controller: Controller, key: string, queue: KeyQueue): Promise<void> {
    const id = `${controller.name}/${key}`;
    const before = this.#status.get(id);
    const fails = before?.fails ?? 0;
    const looked = this.#deps.now();
    const set = (state: KeyStatus['state'], why: string, more: { at?: Instant; fails: number }) => {
      const now = this.#deps.now();
      const same = before?.state === state && before.why === why;
      this.#status.set(id, { controller: controller.name, key, state, why, since: same ? before.since : now, ...more });
    };
    // What it was before stays readable: a look may take long, and it is the reason that people ask for.
    const was =
      before?.state === 'working'
        ? before.why
        : before
          ? `looking; before: ${before.why}`
          : 'looking for the first time';
    set('working', was, { fails });
    // Dates of the outcome are reckoned from here: the clock may be set while the controller works.
    const begun = this.#moment();
    try {
      const outcome = await controller.reconcile(key, begun.wall);
      const again = (at: Instant) => queue.add(key, at, begun);
      this.#settle(outcome, again, set, () => this.#status.delete(id));
    } catch (error) {
      if (error instanceof TendError && error.code === 'fenced') {
        this.#deps.onFenced?.();
        throw error;
      }
      // An event that made us look before the time was up is no further failure: a busy world would stretch the wait.
      const failed = fails > 0 && looked < (before?.at ?? looked) ? fails : fails + 1;
      const at = this.#deps.now() + retryDelayMs(failed);
      set('retrying', messageOf(error), { at, fails: failed });
      queue.add(key, at);
      this.#deps.onThrow?.(controller.name, key, error);
    }
  }

  #settle(
    outcome: Outcome,
    again: (at: Instant) => void,
    set: (state: KeyStatus['state'], why: string, more: { at?: Instant; fails: number }) => void,
    forget: () => void,
  ): void {
    switch (outcome.state) {
      case 'settled':
        // Nothing is owed: no record, so that thousands of finished keys cost no memory.
        if (outcome.why === undefined) forget();
        else set('settled', outcome.why, { fails: 0 });
        break;
      case 'later':
        set('later', outcome.why, { at: outcome.at, fails: 0 });
        again(outcome.at);
        break;
      case 'waiting':
        set('waiting', outcome.on, { ...(outcome.recheckAt === undefined ? {} : { at: outcome.recheckAt }), fails: 0 });
        if (outcome.recheckAt !== undefined) again(outcome.recheckAt);
        break;
      case 'stalled':
        set('stalled', outcome.until, { fails: 0 });
        break;
      default:
        outcome satisfies never;
    }
  }
}
