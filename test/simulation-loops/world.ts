/**
 * One loop on a machine in memory: its spec, its chain of states by compare-and-swap, claims and results that have a name once, live
 * marks, and processes that do the steps of an attempt in their order. Every `yield` is a durable step: a process may die there, or
 * stand still while others act. It knows the rules only as their caller; what must hold is said in invariants.ts.
 */
import type { LoopSpec, LoopState, RunSource } from '../../src/model/loop.js';
import { createState, expireState, repairState } from '../../src/runs/rules/life.js';
import { planSlots } from '../../src/runs/rules/plan.js';
import { chooseRunNow } from '../../src/runs/rules/run-now.js';
import { type SlotSeen, seenFrom } from '../../src/runs/rules/seen.js';
import { type SettledRun, settle } from '../../src/runs/rules/settle.js';
import type { Watch } from './invariants.js';

export type Ended = SettledRun['status'];
export interface Attempt {
  slot: number;
  attempt: number;
  kind: 'run' | 'skip';
  source: RunSource;
  claimedAt: number;
  /** Its process; a dead one makes it an orphan. */
  pid: number;
  started: boolean;
  result?: { status: Ended; finishedAt: number };
}
export type Action = Generator<string, void, void>;

/** A mark without a claim is nobody's after this (loops spec 5.10). */
const MARK_MS = 60_000;
const MINUTE_MS = 60_000;

export class World {
  now: number;
  zone: string;
  spec: LoopSpec;
  state: LoopState;
  readonly watch: Watch;
  readonly slots = new Map<number, Attempt[]>();
  readonly marks = new Map<string, { slot: number; attempt: number; at: number }>();
  readonly rows = new Set<string>();
  readonly dead = new Set<number>();

  constructor(begin: { now: number; zone: string; spec: LoopSpec; watch: Watch }) {
    this.now = begin.now;
    this.zone = begin.zone;
    this.spec = begin.spec;
    this.watch = begin.watch;
    this.state = createState(this.spec, this.now, this.zone, 'test');
    this.watch.begun(this.state);
  }

  /** Writes the next revision unless somebody else was first. */
  cas(before: LoopState, after: LoopState): boolean {
    if (this.state.rev !== before.rev) return false;
    const next = { ...after, rev: before.rev + 1 };
    this.watch.wrote(this, before, next);
    this.state = next;
    return true;
  }

  /** What `seenFrom` asks for. */
  seen(state: LoopState, alsoFrom?: number): SlotSeen[] {
    const from = Math.min(seenFrom(state) ?? Number.POSITIVE_INFINITY, alsoFrom ?? Number.POSITIVE_INFINITY);
    const retry = state.retryScheduledFor === undefined ? undefined : Date.parse(state.retryScheduledFor);
    const seen: SlotSeen[] = [];
    for (const [slot, attempts] of this.slots) {
      const last = attempts.at(-1)!;
      const isOpen = last.kind === 'run' && !last.result;
      if (slot < from && slot !== retry && !isOpen) continue;
      seen.push({
        slot,
        attempt: last.attempt,
        status: last.kind === 'skip' ? 'skipped' : (last.result?.status ?? 'running'),
        source: last.source,
        claimedAt: last.claimedAt,
        ...(last.kind === 'skip' ? { finishedAt: last.claimedAt } : {}),
        ...(last.result ? { finishedAt: last.result.finishedAt } : {}),
      });
    }
    return seen;
  }

  open(): Attempt[] {
    return [...this.slots.values()].flat().filter(({ kind, result }) => kind === 'run' && !result);
  }

  /** Publishes a claim: a name that can be created once. */
  private publish(claim: Omit<Attempt, 'claimedAt' | 'started'>): Attempt | undefined {
    const attempts = this.slots.get(claim.slot) ?? [];
    if (attempts.length >= claim.attempt) return undefined;
    const made = { ...claim, claimedAt: this.now, started: false };
    this.watch.claimed(this, attempts, made);
    this.slots.set(claim.slot, [...attempts, made]);
    return made;
  }

  *claim(pid: number, wanted: { slot: number; attempt: number; source: RunSource; kind: 'run' | 'skip' }): Action {
    const key = `${wanted.slot}.${wanted.attempt}`;
    if ((this.slots.get(wanted.slot)?.length ?? 0) >= wanted.attempt) return;
    if (!this.marks.has(key)) this.marks.set(key, { slot: wanted.slot, attempt: wanted.attempt, at: this.now });
    yield 'marked';
    const mine = this.publish({ ...wanted, pid });
    // A process that stood still for a minute finds its mark taken for nobody's: it marks again what it claimed.
    if (mine && !this.marks.has(key)) this.marks.set(key, { slot: wanted.slot, attempt: wanted.attempt, at: this.now });
    yield 'claimed';
    if (!mine) return;
    if (mine.kind === 'skip') {
      this.rows.add(key);
      yield 'row';
      this.marks.delete(key);
      return;
    }
    this.watch.started(mine);
    mine.started = true;
    yield 'started';
  }

  /** The end of a run, by its own process or (abandoned) by whoever finds it. */
  *finish(attempt: Attempt, status: Ended): Action {
    if (!attempt.result) attempt.result = { status, finishedAt: this.now };
    yield 'result';
    yield* this.conclude(attempt);
  }

  *conclude(attempt: Attempt): Action {
    const { slot, attempt: number, source, result } = attempt;
    yield* this.settle({ slot, attempt: number, source, ...result! });
    yield 'state';
    this.rows.add(`${slot}.${number}`);
    yield 'row';
    this.marks.delete(`${slot}.${number}`);
  }

  private *settle(run: SettledRun): Action {
    for (;;) {
      const before = this.state;
      const spec = this.spec;
      const seen = this.seen(before);
      yield 'read';
      const after = settle(spec, before, { ...run, seen }, this.now, this.zone);
      this.watch.settled(run, before, after);
      if (after === before || this.cas(before, after)) return;
    }
  }

  *tick(pid: number): Action {
    for (const { slot, attempt, at } of [...this.marks.values()]) yield* this.tend({ slot, attempt, at });
    for (let round = 0; round < 300; round++) {
      const before = this.state;
      const kept = expireState(this.spec, before, this.now) ?? repairState(this.spec, before, this.now, this.zone);
      if (kept) {
        yield 'read';
        this.cas(before, kept);
        continue;
      }
      const plan = planSlots(this.spec, before, this.seen(before), { now: this.now, zone: this.zone });
      yield 'read';
      for (const { slot, attempt, source, status, finishedAt, claimedAt } of plan.settle)
        if (status !== 'running')
          yield* this.settle({ slot, attempt, source, status, finishedAt: finishedAt ?? claimedAt });
      if (plan.advance) this.cas(before, plan.advance);
      if (plan.settle.length > 0 || plan.advance) continue;
      for (const slot of plan.skip) yield* this.claim(pid, { slot, attempt: 1, source: 'schedule', kind: 'skip' });
      for (const claim of plan.claim) yield* this.claim(pid, { ...claim, source: 'schedule', kind: 'run' });
      return;
    }
    this.watch.spins();
  }

  /** One mark of something that may be unfinished. */
  private *tend({ slot, attempt, at }: { slot: number; attempt: number; at: number }): Action {
    const found = this.slots.get(slot)?.[attempt - 1];
    const key = `${slot}.${attempt}`;
    if (!found) {
      if (Math.abs(this.now - at) > MARK_MS) this.marks.delete(key);
    } else if (found.kind === 'skip') {
      this.rows.add(key);
      this.marks.delete(key);
    } else if (found.result) yield* this.conclude(found);
    else if (this.dead.has(found.pid)) yield* this.finish(found, 'abandoned');
  }

  *runNow(pid: number): Action {
    const choice = chooseRunNow(this.spec, this.state, {
      now: this.now,
      zone: this.zone,
      seen: this.seen(this.state, this.now),
    });
    yield 'read';
    if (choice.kind === 'refused') return;
    if (choice.kind === 'skip')
      yield* this.claim(pid, { slot: choice.slot, attempt: 1, source: 'ad_hoc', kind: 'skip' });
    else yield* this.claim(pid, { slot: choice.slot, attempt: choice.attempt, source: choice.source, kind: 'run' });
  }
}

/** A regular step of the loop from `at`, for those who wait until it is quiet. */
export const stepMs = ({ schedule }: LoopSpec): number =>
  schedule.type === 'interval'
    ? schedule.everyMs
    : schedule.type === 'dynamic'
      ? schedule.minIntervalMs
      : 60 * MINUTE_MS;
