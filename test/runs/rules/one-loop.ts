/** One loop in memory with a clock that the test sets: looks, ends and people's verbs, with the invariants of the simulation held at each step. */
import type { LoopSpec } from '../../../src/model/loop.js';
import { Watch } from '../../simulation-loops/invariants.js';
import { type Attempt, type Ended, World } from '../../simulation-loops/world.js';

export const at = (iso: string): number =>
  Date.parse(iso.length <= 19 ? `${iso.length <= 16 ? `${iso}:00` : iso}Z` : iso);

export const specOf = (own: Partial<LoopSpec> = {}): LoopSpec => ({
  format: 1,
  id: '0123456789ab',
  name: 'one',
  schedule: { type: 'interval', everyMs: 60_000, anchor: 'fixed_rate' },
  target: { type: 'command', command: 'true' },
  catchUp: 'latest',
  catchUpLimit: 50,
  overlap: 'skip',
  maxAttempts: 1,
  retryDelayMs: 60_000,
  leaseMs: 1_800_000,
  breaker: 5,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...own,
});

export class OneLoop {
  readonly world: World;

  /** Created so that an interval of a minute is due at `from` for the first time. */
  constructor(own: Partial<LoopSpec> = {}, { from = '2026-01-01T00:00', zone = 'UTC' } = {}) {
    this.world = new World({ now: at(from) - 60_000, zone, spec: specOf(own), watch: new Watch() });
    this.world.watch.isOneGrid = false;
  }

  /** Sets the clock. */
  to(iso: string): this {
    this.world.now = at(iso);
    return this;
  }
  /** One look; what it claims begins to run. */
  look(): this {
    for (const _ of this.world.tick(1));
    return this;
  }
  runNow(): this {
    for (const _ of this.world.runNow(1));
    return this;
  }
  /** The oldest run ends now, or that of `slot`. */
  end(status: Ended = 'succeeded', slot?: string): this {
    const open = this.world.open();
    const attempt = slot === undefined ? open[0] : open.find((one) => one.slot === at(slot));
    if (!attempt)
      throw new Error(`nothing runs (${slot ?? 'any'}); open: ${open.map((one) => new Date(one.slot).toISOString())}`);
    for (const _ of this.world.finish(attempt, status));
    return this;
  }
  /** Looks and lets what runs succeed at once, until nothing is due: what the verb tick does. */
  drain(status: Ended = 'succeeded'): this {
    for (let round = 0; round < 200; round++) {
      this.look();
      if (this.world.open().length === 0) return this;
      this.end(status);
    }
    throw new Error('it does not come to rest');
  }
  /** Its process is killed: what it ran is an orphan. */
  kill(): this {
    this.world.dead.add(1);
    return this;
  }

  get state() {
    return this.world.state;
  }
  /** `00:04` of every claim in the order of slots, with `a2` for further attempts and what became of the last. */
  get ran(): string[] {
    return [...this.world.slots.values()]
      .flat()
      .sort((a, b) => a.slot - b.slot || a.attempt - b.attempt)
      .map(tell);
  }
  get next(): string | undefined {
    return this.state.nextRunAt?.replace(/:00\.000Z$/, '').replace(/^2026-01-01T/, '');
  }
}

function tell({ slot, attempt, kind, source, result }: Attempt): string {
  const time = new Date(slot)
    .toISOString()
    .replace(/^2026-01-01T/, '')
    .replace(/(:00)?\.000Z$/, '');
  const how = kind === 'skip' ? 'skip' : (result?.status ?? 'running');
  return `${time}${attempt > 1 ? ` a${attempt}` : ''} ${how}${source === 'schedule' ? '' : ` ${source}`}`;
}
