/** A history of one loop: what happens is drawn from its seed, one event after another; then the faults stop and it must come to rest. */
import type { LoopSpec, Timing } from '../../src/model/loop.js';
import { pauseState, resumeState, stopState } from '../../src/runs/rules/life.js';
import { type Random, random } from '../simulation/random.js';
import { Broken, Watch } from './invariants.js';
import { type Action, type Ended, stepMs, World } from './world.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'];
/** Days on which some zone above changes its clocks, and one on which none does. */
const STARTS = [
  '2026-03-07T20:00:00Z',
  '2026-10-24T20:00:00Z',
  '2026-11-01T03:00:00Z',
  '2026-04-04T12:00:00Z',
  '2026-06-01T00:00:00Z',
];
const ENDS: readonly Ended[] = ['succeeded', 'succeeded', 'failed', 'timed_out', 'skipped'];

interface Running {
  pid: number;
  action: Action;
}

/** Returns what broke with the events up to it, or undefined. */
export function playHistory(seed: number): string | undefined {
  const told: string[] = [];
  try {
    new History(random(seed), (event) => told.push(event)).play();
    return undefined;
  } catch (error) {
    const what = error instanceof Broken ? error.message : String((error as Error).stack);
    return `SEED=${seed}: ${what}\n${told.join('\n')}`;
  }
}

class History {
  private readonly world: World;
  private readonly running: Running[] = [];
  private readonly pids: number[];
  private nextPid = 10;
  /** Clocks are turned back, schedules edited, hosts moved; else every slot can be counted exactly. */
  private readonly isWild: boolean;

  private readonly chance: Random;
  private readonly tell: (event: string) => void;

  constructor(chance: Random, tell: (event: string) => void) {
    this.chance = chance;
    this.tell = tell;
    this.isWild = chance.chance(0.4);
    const spec = this.drawSpec();
    tell(JSON.stringify(spec));
    this.world = new World({
      now: Date.parse(chance.pick(STARTS)),
      zone: chance.pick(ZONES),
      spec,
      watch: new Watch(),
    });
    this.world.watch.isOneGrid = !this.isWild;
    this.pids = Array.from({ length: 1 + chance.below(3) }, () => this.nextPid++);
  }

  play(): void {
    const events = 10 + this.chance.below(50);
    for (let event = 0; event < events; event++) this.step();
    this.rest();
  }

  private step(): void {
    const { chance, world } = this;
    world.watch.someStandStill = this.running.length > 0;
    const drawn = chance.below(100);
    if (drawn < 30) this.wait();
    else if (drawn < 62) this.begin('tick', (pid) => world.tick(pid));
    else if (drawn < 78) this.end();
    else if (drawn < 83) this.begin('run-now', (pid) => world.runNow(pid));
    else if (drawn < 88) this.kill();
    else if (drawn < 94) this.goOn();
    else if (drawn < 97) this.life();
    else if (this.isWild) this.disturb();
  }

  private wait(): void {
    const step = stepMs(this.world.spec);
    const ms = this.chance.pick([10, SECOND, step / 2, step, 3 * step + 7, 12 * step, 20 * SECOND]);
    this.world.now += Math.floor(ms);
    this.tell(`${new Date(this.world.now).toISOString()} after ${ms} ms`);
  }

  /** Mostly a process does all its steps; at times it stands still after some, or dies there. */
  private begin(name: string, make: (pid: number) => Action): void {
    const pid = this.chance.pick(this.pids);
    const one = { pid, action: make(pid) };
    this.tell(`${name} by ${pid}`);
    if (this.chance.chance(0.75)) this.run(one, Number.POSITIVE_INFINITY);
    else {
      this.run(one, this.chance.below(8));
      if (this.chance.chance(0.5)) this.kill(pid);
    }
  }

  private run(one: Running, steps: number): void {
    if (this.running.length > 0) this.world.watch.someStandStill = true;
    for (let step = 0; step < steps; step++) {
      const { done, value } = one.action.next();
      if (done) return;
      if (steps !== Number.POSITIVE_INFINITY) this.tell(`  ${one.pid} ${value}`);
    }
    this.running.push(one);
  }

  private goOn(): void {
    if (this.running.length === 0) return;
    const [one] = this.running.splice(this.chance.below(this.running.length), 1);
    this.tell(`${one!.pid} goes on`);
    this.world.watch.someStandStill = true;
    this.run(one!, this.chance.chance(0.5) ? Number.POSITIVE_INFINITY : 1 + this.chance.below(3));
  }

  private end(): void {
    const mine = this.world.open().filter(({ pid, started }) => started && !this.world.dead.has(pid));
    if (mine.length === 0) return;
    const attempt = this.chance.pick(mine);
    const status = this.chance.pick(ENDS);
    this.begin(`${new Date(attempt.slot).toISOString()} a${attempt.attempt} ends ${status};`, () =>
      this.world.finish(attempt, status),
    );
  }

  private kill(pid = this.chance.pick(this.pids)): void {
    this.tell(`${pid} is killed`);
    this.world.dead.add(pid);
    this.pids[this.pids.indexOf(pid)] = this.nextPid++;
    for (let at = this.running.length - 1; at >= 0; at--) if (this.running[at]!.pid === pid) this.running.splice(at, 1);
  }

  private life(): void {
    const { world, chance } = this;
    const before = world.state;
    const verb = chance.pick(['pause', 'resume', 'resume', ...(this.isWild ? ['stop'] : [])]);
    const claimed = world.slots.size > 0;
    const result =
      verb === 'pause'
        ? pauseState(before, world.now, 'test')
        : verb === 'stop'
          ? stopState(before, world.now, 'test')
          : resumeState(world.spec, before, { now: world.now, zone: world.zone, by: 'test', claimed });
    this.tell(verb);
    if (result.state && result.state !== before) world.cas(before, result.state);
  }

  private disturb(): void {
    const { world, chance } = this;
    const what = chance.below(5);
    if (what === 0) world.zone = chance.pick(ZONES);
    else if (what === 1) world.spec = { ...world.spec, schedule: this.drawTiming() };
    else world.now += chance.pick([-2 * HOUR, -DAY, YEAR, -YEAR, 3 * HOUR, -10 * 60 * SECOND]);
    this.tell(`zone ${world.zone}, clock ${new Date(world.now).toISOString()}, ${JSON.stringify(world.spec.schedule)}`);
  }

  /** No more faults: what runs ends, who is dead is found, a look a step. */
  private rest(): void {
    this.tell('rest');
    const { world } = this;
    if (this.isWild) world.now = Math.max(world.now, Date.parse(STARTS[0]!));
    for (const one of this.running.splice(0)) this.run(one, Number.POSITIVE_INFINITY);
    const pid = this.pids[0]!;
    if (world.state.status === 'paused') this.resume();
    let quiet = 0;
    for (let look = 0; look < 400 && quiet < 2; look++) {
      this.run({ pid, action: world.tick(pid) }, Number.POSITIVE_INFINITY);
      const open = world.open().filter(({ pid: owner }) => !world.dead.has(owner));
      for (const attempt of open)
        this.run({ pid, action: world.finish(attempt, 'succeeded') }, Number.POSITIVE_INFINITY);
      const waits = world.state.retryScheduledFor !== undefined && world.state.status === 'active';
      quiet = open.length === 0 && !waits ? quiet + 1 : 0;
      if (world.state.status === 'paused') this.resume();
      // Long enough for a mark without a claim to be nobody's, and for a retry to be due.
      if (waits || (quiet > 0 && world.marks.size > 0)) world.now += 61 * SECOND;
      if (world.marks.size > 0) quiet = 0;
    }
    world.watch.quiet(world);
  }

  private resume(): void {
    const { world } = this;
    const { now, zone } = world;
    const resumed = resumeState(world.spec, world.state, { now, zone, by: 'test', claimed: true });
    if (resumed.state) world.cas(world.state, resumed.state);
  }

  private drawTiming(): Timing {
    const { chance } = this;
    const drawn = chance.below(10);
    const everyMs = chance.pick([7, 20, 60, 3_600]) * SECOND;
    if (drawn < 4) return { type: 'interval', everyMs, anchor: 'fixed_rate' };
    if (drawn < 5) return { type: 'interval', everyMs, anchor: 'fixed_delay' };
    if (drawn < 7) return { type: 'cron', expression: `*/${chance.pick([5, 15, 30])} * * * *`, timezone: 'UTC' };
    if (drawn < 8)
      return { type: 'cron', expression: chance.pick(['30 2 * * *', '*/20 * * * *', '0 0-23/2 * * *', '15 1 * * 0']) };
    return drawn < 9
      ? { type: 'dynamic', minIntervalMs: 60 * SECOND }
      : { type: 'once', at: new Date(Date.parse(chance.pick(STARTS)) + chance.below(HOUR)).toISOString() };
  }

  private drawSpec(): LoopSpec {
    const { chance } = this;
    return {
      format: 1,
      id: '0123456789ab',
      name: 'simulated',
      schedule: this.drawTiming(),
      target: { type: 'command', command: 'true' },
      catchUp: chance.pick(['none', 'latest', 'all']),
      catchUpLimit: chance.pick([1, 3, 50]),
      ...(chance.chance(0.15) ? { catchUpWindowMs: chance.pick([30 * SECOND, HOUR]) } : {}),
      overlap: chance.pick(['skip', 'skip', 'allow']),
      maxAttempts: chance.pick([1, 1, 2, 3]),
      retryDelayMs: chance.pick([SECOND, 60 * SECOND]),
      leaseMs: 1_800_000,
      breaker: chance.pick([0, 2, 5]),
      createdAt: STARTS[0]!,
    };
  }
}
