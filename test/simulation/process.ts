/** One process of the simulated machine: the real program in a realm, or a stand-in for a program that we do not ship. */
import type { EventEmitter } from 'node:events';
import type { Machine } from './machine.js';
import type { Realm } from './realm.js';

export interface Timer {
  process: Process;
  due: number;
  every: number | undefined;
  work: () => void;
  unref(): Timer;
  ref(): Timer;
}

export interface Ended {
  code: number | null;
  signal: string | null;
}

export class Process {
  readonly machine: Machine;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parent: number;
  /** Absent in a stand-in. */
  realm: Realm | undefined;
  state: 'running' | 'stopped' | 'dead' = 'running';
  /** Its code is on our stack: frozen in a system call while others run. */
  isBusy = false;
  ended: Ended | undefined;
  printed = '';
  /** What it said on stderr. */
  complaint = '';
  readonly timers = new Set<Timer>();
  /** A stand-in's answer to a signal; absent: it dies of it. */
  onSignal: ((signal: string) => void) | undefined;
  readonly onEnd: ((ended: Ended) => void)[] = [];
  readonly #handlers = new Map<string, Set<() => void>>();

  constructor(machine: Machine, given: { pid: number; argv: readonly string[]; env: Process['env']; parent: number }) {
    this.machine = machine;
    this.pid = given.pid;
    this.argv = given.argv;
    this.env = given.env;
    this.parent = given.parent;
  }

  get isDead(): boolean {
    return this.state === 'dead';
  }
  get name(): string {
    return `${this.argv[0] ?? '?'}/${this.pid}`;
  }

  after(ms: number, work: () => void, repeats: boolean): Timer {
    const timer: Timer = {
      process: this,
      due: this.machine.monotonicMs + Math.max(1, ms),
      every: repeats ? Math.max(1, ms) : undefined,
      work,
      unref: () => timer,
      ref: () => timer,
    };
    if (!this.isDead) this.timers.add(timer);
    return timer;
  }
  clear(timer: object | undefined): void {
    if (timer) this.timers.delete(timer as Timer);
  }
  immediate(work: () => void): void {
    this.machine.ready.push({ process: this, work });
  }
  print(text: string): void {
    if (!this.isDead) this.printed += text;
  }
  /** Ends this process; what of its code still runs can do nothing any more. */
  exit(code: number): void {
    this.machine.end(this, { code, signal: null });
  }
  handle(name: string, handler: () => void): void {
    if (!this.#handlers.has(name)) this.#handlers.set(name, new Set());
    this.#handlers.get(name)!.add(handler);
  }
  unhandle(name: string, handler: () => void): void {
    this.#handlers.get(name)?.delete(handler);
  }
  /** True when the process has a mind of its own about this signal. */
  handles(signal: string): boolean {
    const handlers = [...(this.#handlers.get(signal) ?? [])];
    for (const handler of handlers) this.immediate(handler);
    return handlers.length > 0;
  }
}

/** What `spawn` gives to the parent. */
export interface Child extends EventEmitter {
  pid: number | undefined;
  stdout: EventEmitter & { destroy(): void };
  stderr: EventEmitter & { destroy(): void };
  stdin: EventEmitter & { end(text?: string): void };
  unref(): void;
}
