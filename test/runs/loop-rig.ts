/**
 * Loops on a real data dir, with as many processes as a test wants: each has an identity, a clock in common, and targets that the
 * test ends. A process may die at any durable step: every later step of its own, reads too, throws.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nonce } from '../../src/lib/hash.js';
import type { LoopSpec, LoopState, ProcessId } from '../../src/model/loop.js';
import type { AttemptDeps } from '../../src/runs/attempt-deps.js';
import type { Performed, PerformRequest } from '../../src/runs/performer.js';
import { createState } from '../../src/runs/rules/life.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { casState, createLoop, readLoop } from '../../src/store/loops.js';
import { newestRuns } from '../../src/store/runs.js';

export const START = Date.parse('2026-11-21T08:00:00.000Z');
export const MINUTE = 60_000;

export class Death extends Error {}

type Ended = Exclude<Performed, { status: 'parked' }>;
export const done = (over: Partial<Ended> = {}): Ended => ({
  status: 'succeeded',
  durationMs: 5,
  stdout: '',
  stderr: '',
  ...over,
});
export const failed = (over: Partial<Ended> = {}): Ended =>
  done({ status: 'failed', exitCode: 1, error: 'no', ...over });

export interface Start {
  who: string;
  slot: string;
  attempt: number;
  token: string;
}

export type Rig = ReturnType<typeof openRig>;

export function openRig() {
  const base = mkdtempSync(join(tmpdir(), 'tend-loops-'));
  const disk = localDisk(join(base, 'data'));
  const clock = { wall: START, forward: 1_000 };
  const alive = new Set<number>();
  const starts: Start[] = [];
  let pids = 100;

  const add = (over: Partial<LoopSpec> = {}, state: Partial<LoopState> = {}): string => {
    const spec: LoopSpec = {
      format: 1,
      id: nonce(6),
      name: 'demo',
      schedule: { type: 'interval', everyMs: MINUTE, anchor: 'fixed_rate' },
      target: { type: 'command', command: 'true' },
      catchUp: 'latest',
      catchUpLimit: 50,
      overlap: 'skip',
      maxAttempts: 1,
      retryDelayMs: MINUTE,
      leaseMs: 30 * MINUTE,
      breaker: 5,
      createdAt: new Date(clock.wall).toISOString(),
      ...over,
    };
    createLoop(disk, spec, { ...createState(spec, clock.wall, 'UTC', 'test'), ...state });
    return spec.id;
  };
  const loop = (id: string) => {
    const entry = readLoop(disk, id);
    if (entry?.state !== 'ok') throw new Error(`loop ${id} is ${entry?.state ?? 'gone'}`);
    return entry;
  };
  const change = (id: string, over: Partial<LoopState>): void => {
    const { loopState } = loop(id);
    casState(disk, id, loopState, { ...loopState, ...over });
  };
  return {
    base,
    disk,
    clock,
    starts,
    alive,
    add,
    loop,
    change,
    state: (id: string): LoopState => loop(id).loopState,
    pass(ms: number) {
      clock.wall += ms;
      clock.forward += ms;
    },
    /** A process. `perform` is its targets: at once and well, unless the test says something else. */
    process(
      perform: (request: PerformRequest) => Promise<Performed> | Performed = () => done(),
      over: Partial<AttemptDeps> = {},
    ): AttemptDeps {
      const self: ProcessId = { pid: ++pids, host: 'sim', start: '1', boot: 'b' };
      alive.add(self.pid);
      return {
        disk,
        profile: { dataDir: disk.root, configPath: join(base, 'config.json'), isDefault: false },
        env: {},
        bin: '/nowhere/tend',
        log: () => undefined,
        now: () => clock.wall,
        forward: () => clock.forward,
        zone: () => 'UTC',
        self,
        life: (id) => (alive.has(id.pid) ? 'alive' : 'dead'),
        claimedBy: `p${self.pid}`,
        perform: async (_deps, _spec, request) => {
          const { scheduledFor = '', attempt = 0 } = request.identity;
          starts.push({ who: `p${self.pid}`, slot: scheduledFor, attempt, token: request.token });
          return perform(request);
        },
        inFlight: new Set(),
        watched: new Map(),
        ...over,
      };
    },
    /** The process is gone; what it had begun stays as it is. */
    kill: (deps: AttemptDeps): void => void alive.delete(deps.self.pid),
    rows: () => newestRuns(disk, 1_000).reverse(),
    live: (): string[] => {
      const listed = disk.list('live');
      return listed.state === 'present' ? listed.names : [];
    },
    close: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}

const DURABLE = ['publish', 'replace', 'append', 'remove', 'move', 'moveTree'] as const;

/**
 * The disk of a process that dies right after its durable step number `at` (from 1), or never (0). `steps` are the keys that were
 * written, in order. `instead` gives it something else to do than to die: throw, e.g. that the disk is full.
 */
export function mortal(disk: Disk, at: number, instead?: (key: string) => void): Disk & { steps: string[] } {
  const steps: string[] = [];
  let dead = false;
  const guard = <A extends unknown[], R>(step: (...args: A) => R, durable: boolean) => {
    return (...args: A): R => {
      if (dead) throw new Death('dead');
      const isCounted = durable && !String(args[0]).startsWith('events-');
      if (isCounted) {
        steps.push(String(args[0]));
        if (steps.length === at && instead) instead(String(args[0]));
      }
      const result = step(...args);
      if (isCounted && steps.length === at && !instead) {
        dead = true;
        throw new Death(`dies after ${String(args[0])}`);
      }
      return result;
    };
  };
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(disk))
    wrapped[name] =
      typeof value === 'function' && name !== 'path'
        ? guard(value as (...args: unknown[]) => unknown, (DURABLE as readonly string[]).includes(name))
        : value;
  return Object.assign(wrapped as unknown as Disk, { steps });
}
