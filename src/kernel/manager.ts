/**
 * Runs controllers side by side: keys in, one reconcile at a time per controller, and the one switch that turns an outcome
 * into a queue action. Keeps a status record per key in memory, so that `tend status` can say why anything is not moving.
 */
import { messageOf, TendError } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { Outcome } from '../model/outcome.js';
import { retryDelayMs } from './backoff.js';
import type { Controller } from './controller.js';
import { KeyQueue } from './queue.js';

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
  /** Finish what is under way, then return. */
  signal: AbortSignal;
  /** A reconcile threw: for the log. */
  onThrow?(controller: string, key: string, error: unknown): void;
}

export class Manager {
  readonly #status = new Map<string, KeyStatus>();
  readonly #deps: ManagerDeps;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
  }

  /** Resolves when the signal has aborted and every reconcile under way has returned. Rejects only when we lost the pulse's lock. */
  async run(controllers: readonly Controller[]): Promise<void> {
    await Promise.all(controllers.map((controller) => this.#runOne(controller)));
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
    const queue = new KeyQueue(this.#deps.now);
    const feed = this.#feed(controller, queue);
    for (;;) {
      const key = await queue.take(this.#deps.signal);
      if (key === undefined) break;
      await this.#reconcile(controller, key, queue);
    }
    await feed;
  }

  async #feed(controller: Controller, queue: KeyQueue): Promise<void> {
    try {
      for await (const key of controller.keys(this.#deps.signal)) queue.add(key);
    } catch (error) {
      // Events are an optimisation; the outcomes' own due times keep the keys moving.
      this.#deps.onThrow?.(controller.name, '(events)', error);
    }
  }

  async #reconcile(controller: Controller, key: string, queue: KeyQueue): Promise<void> {
    const id = `${controller.name}/${key}`;
    const before = this.#status.get(id);
    const fails = before?.fails ?? 0;
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
    const begun = this.#deps.now();
    try {
      const outcome = await controller.reconcile(key, begun);
      // Dates that were reckoned from a clock that has been set back meanwhile are as far off as they were meant to be.
      const back = Math.max(0, begun - this.#deps.now());
      this.#settle(
        outcome,
        (at) => queue.add(key, at - back),
        set,
        () => this.#status.delete(id),
      );
    } catch (error) {
      if (error instanceof TendError && error.code === 'fenced') throw error;
      const at = this.#deps.now() + retryDelayMs(fails + 1);
      set('retrying', messageOf(error), { at, fails: fails + 1 });
      queue.add(key, at);
      this.#deps.onThrow?.(controller.name, key, error);
    }
  }

  #settle(
    outcome: Outcome,
    lookAgain: (at: Instant) => void,
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
        lookAgain(outcome.at);
        break;
      case 'waiting':
        set('waiting', outcome.on, { ...(outcome.recheckAt === undefined ? {} : { at: outcome.recheckAt }), fails: 0 });
        if (outcome.recheckAt !== undefined) lookAgain(outcome.recheckAt);
        break;
      case 'stalled':
        set('stalled', outcome.until, { fails: 0 });
        break;
      default:
        outcome satisfies never;
    }
  }
}
