/** The fleet as it was at the last look, and how old that is: one look at a time, and only when something has happened. */
import { type FleetLook, lookAtFleet } from '../../contract/fleet-look.js';
import { clockMs, wallS } from '../../contract/screen-client.js';
import type { Context } from '../../contract/verb.js';
import { type FleetRow, fleetRows, nextAgeMs, shownWorkers } from './fleet-rows.js';

/** Beacons of the whole fleet are asked at most so often, however much happens in it. */
const LOOK_MS = 250;

export interface FleetNow {
  rows: FleetRow[];
  /** Workers that are left out. */
  hidden: number;
  /** Milliseconds until an age in the table reads differently; undefined: none ever does. */
  dueMs: number | undefined;
}

export class FleetWatch {
  readonly #context: Context;
  readonly #changed: () => void;
  readonly #outputs = new Map<string, number>();
  #look: FleetLook = { pulse: { alive: false, upS: null }, views: [], problems: [] };
  #lookedMs = clockMs();
  #isLooking = false;
  /** Something happened since the last look began. */
  #isStale = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | undefined;

  constructor(context: Context, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
  }

  /** Why the table may not be true, or undefined. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** A worker has printed something: it is not idle, and nothing needs to be read for that. */
  printed(id: string): void {
    this.#outputs.set(id, clockMs());
  }

  /** Looks now, or as soon as the look before is over and a while ago. */
  lookSoon(): void {
    if (this.#timer || this.#isLooking) {
      this.#isStale = true;
      return;
    }
    this.#isLooking = true;
    void this.#lookOnce();
  }

  now(terms: { all: boolean; sinceS: number | undefined; kept: ReadonlySet<string> }): FleetNow {
    const { pulse, views } = this.#look;
    const at = clockMs();
    const elapsedS = (at - this.#lookedMs) / 1_000;
    const shown = shownWorkers(views, { ...terms, nowS: wallS() });
    const outputS = new Map([...this.#outputs].map(([id, ms]) => [id, (at - ms) / 1_000]));
    const ages = [pulse.upS, ...shown.flatMap((view) => [view.uptime_s, view.ask_age_s, view.idle_s])];
    return {
      rows: fleetRows(pulse, shown, { elapsedS, outputS }),
      hidden: views.length - shown.length,
      dueMs: nextAgeMs(ages.map((age) => (age === null ? null : age + elapsedS))),
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #lookOnce(): Promise<void> {
    try {
      this.#look = await lookAtFleet(this.#context);
      this.#lookedMs = clockMs();
      this.#problem = this.#look.problems.length === 0 ? undefined : this.#look.problems.join('; ');
    } catch (error) {
      // The table stays as it was; what is wrong is said below it.
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    this.#isLooking = false;
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isStale) this.lookSoon();
      this.#isStale = false;
    }, LOOK_MS);
    this.#changed();
  }
}
