/**
 * The simulated machine: one clock, one file system, processes, signals, sockets and chance. It decides who runs next, and at each
 * system call whether the caller goes on, dies, freezes while others run, or is refused. The same seed decides the same.
 */
import { EventEmitter } from 'node:events';
import { fsError, type Hooks, MemoryDisk } from './memory-disk.js';
import { type Child, type Ended, Process, type Timer } from './process.js';
import { type Random, random } from './random.js';
import { APP, type Realm } from './realm.js';
import { Net } from './sockets.js';

/** Thrown into a process that is dead: whatever it still tries fails, and nothing that it does can be seen. */
export class Crash extends Error {}

interface Task {
  process: Process;
  work: () => void;
}

/** What shall befall a process. Counts are of calls from now on. */
export interface Fate {
  /** Dies at this changing call: before it, after it, or with this part of a write. */
  crash?: { in: number; how: 'before' | 'after' | number };
  /** Stands still at this call of any kind while `meanwhile` happens. */
  freeze?: { in: number; meanwhile: () => void };
}

/** How a stand-in for a program that we do not ship behaves; it may print, write files and end the process at once or later. */
export type Outside = (
  process: Process,
  argv: readonly string[],
  end: (ended: Ended, afterMs?: number) => void,
) => void;

export interface RealmPool {
  take(): Realm;
  give(realm: Realm): void;
}

/** 2026-03-02 10:00 UTC, a Monday far from midnight. */
const EPOCH = Date.UTC(2026, 2, 2, 10);
const TASKS_MAX = 20_000;

export class Machine implements Hooks {
  readonly disk: MemoryDisk;
  readonly net = new Net(this);
  readonly random: Random;
  readonly ready: Task[] = [];
  readonly processes = new Map<number, Process>();
  /** Bugs of the program that Node would have shown: thrown out of a callback. */
  readonly bugs: string[] = [];
  readonly outside: Outside;
  monotonicMs = 0;
  /** Told of every call that changed something. */
  onChange: (process: Process, call: string, path: string) => void = () => undefined;
  lastChanged = '';
  wallOffsetMs = 0;
  /** Whose system call is under way. */
  current: Process | undefined;
  /** Errors that changing calls below a path get, so many times. */
  refusal: { code: string; path: RegExp; left: number; reads: boolean } | undefined;
  /** Refusals that were handed out. */
  refused = 0;
  readonly #realms: RealmPool;
  readonly #fates = new Map<Process, Fate>();
  readonly #fatesToCome = new Map<string, Fate>();
  #pids = 100;

  constructor(given: { seed: number; from: MemoryDisk | undefined; realms: RealmPool; outside: Outside }) {
    this.random = random(given.seed);
    this.disk = new MemoryDisk(this, given.from);
    this.#realms = given.realms;
    this.outside = given.outside;
  }

  now(): number {
    return EPOCH + Math.floor(this.monotonicMs) + this.wallOffsetMs;
  }

  // Processes.

  get living(): Process[] {
    return [...this.processes.values()].filter((process) => !process.isDead);
  }

  /** Starts the real program. */
  start(argv: readonly string[], env: Process['env'], parent = 1): Process {
    const process = this.#born(argv, env, parent);
    process.realm = this.#realms.take();
    process.realm.enter(process);
    process.immediate(() => process.realm!.exports.main(argv));
    const fate = this.#fatesToCome.get(argv[0] ?? '');
    if (fate) this.doom(process, fate);
    this.#fatesToCome.delete(argv[0] ?? '');
    return process;
  }

  #born(argv: readonly string[], env: Process['env'], parent: number): Process {
    const process = new Process(this, { pid: ++this.#pids, argv, env, parent });
    this.processes.set(process.pid, process);
    return process;
  }

  /** `child_process.spawn`. */
  spawnFor(parent: Process, argv: readonly string[], options: { env?: Process['env'] }): Child {
    const stream = () => Object.assign(new EventEmitter(), { destroy: () => undefined });
    const child = Object.assign(new EventEmitter(), {
      pid: undefined as number | undefined,
      stdout: stream(),
      stderr: stream(),
      stdin: Object.assign(new EventEmitter(), { end: () => undefined }),
      unref: () => undefined,
    }) as Child;
    const process = this.launch(argv, options.env ?? {}, parent);
    child.pid = process.pid;
    parent.immediate(() => child.emit('spawn'));
    process.onEnd.push(({ code, signal }) =>
      parent.immediate(() => {
        if (process.printed !== '') child.stdout.emit('data', Buffer.from(process.printed));
        child.stdout.emit('end');
        child.stderr.emit('end');
        child.emit('exit', code, signal);
      }),
    );
    return child;
  }

  /** The program of a command line: ours in a realm, all others by the outside world. */
  launch(argv: readonly string[], env: Process['env'], parent: Process): Process {
    const own = argv.indexOf(`${APP}/dist/main.js`);
    if (own > 0) return this.start(argv.slice(own + 1), env, parent.pid);
    const process = this.#born(argv, env, parent.pid);
    this.outside(process, argv, (ended, afterMs) => {
      if (afterMs === undefined) process.immediate(() => this.end(process, ended));
      else process.after(afterMs, () => this.end(process, ended), false);
    });
    return process;
  }

  /** What the library for terminals gives. */
  openPty(parent: Process, file: string, args: readonly string[], options: { env?: Process['env'] }): object {
    const process = this.launch([file, ...args], options.env ?? {}, parent);
    return {
      pid: process.pid,
      onData: () => undefined,
      onExit: (told: (exit: { exitCode: number; signal?: number }) => void) =>
        process.onEnd.push(({ code, signal }) =>
          parent.immediate(() =>
            told(signal ? { exitCode: 0, signal: signal === 'SIGKILL' ? 9 : 15 } : { exitCode: code ?? 0 }),
          ),
        ),
      write: () => undefined,
      resize: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
    };
  }

  kill(pid: number, signal: string | number): void {
    const process = this.processes.get(Math.abs(pid));
    if (!process || process.isDead) throw fsError('ESRCH', 'kill', String(pid));
    if (signal !== 0) this.signal(process, String(signal));
  }

  signal(process: Process, signal: string): void {
    if (process.isDead) return;
    if (signal === 'SIGKILL') this.end(process, { code: null, signal });
    else if (signal === 'SIGSTOP') process.state = 'stopped';
    else if (signal === 'SIGCONT') process.state = 'running';
    else if (process.onSignal) process.onSignal(signal);
    else if (!process.handles(signal)) this.end(process, { code: null, signal });
  }

  end(process: Process, ended: Ended): void {
    if (process.isDead) return;
    process.state = 'dead';
    process.ended = ended;
    process.timers.clear();
    this.#fates.delete(process);
    this.net.died(process);
    for (const told of process.onEnd) told(ended);
    if (!process.isBusy) this.#bury(process);
  }

  /** Lets the code that is left run to nowhere, so that the realm is clean for the next one. */
  #bury(process: Process): void {
    const { realm } = process;
    if (!realm) return;
    process.isBusy = true;
    for (let round = 0; round < 100; round++) {
      realm.drain();
      const left = this.ready.filter((task) => task.process === process);
      if (left.length === 0) break;
      for (const task of left) this.ready.splice(this.ready.indexOf(task), 1);
      for (const task of left) {
        try {
          task.work();
        } catch {
          // It is dead: nobody can be told.
        }
      }
    }
    process.realm = undefined;
    realm.leave();
    this.#realms.give(realm);
  }

  // Time and turns.

  /** Runs one task of one process that is free to run; false when there is none. */
  step(): boolean {
    const free: Process[] = [];
    for (const { process } of this.ready)
      if (process.state === 'running' && !process.isBusy && !free.includes(process)) free.push(process);
    if (free.length === 0) {
      for (let i = this.ready.length - 1; i >= 0; i--) if (this.ready[i]!.process.isDead) this.ready.splice(i, 1);
      return false;
    }
    const process = free.length === 1 ? free[0]! : this.random.pick(free);
    const [task] = this.ready.splice(
      this.ready.findIndex((one) => one.process === process),
      1,
    );
    this.#run(process, task!.work);
    return true;
  }

  #run(process: Process, work: () => void): void {
    process.isBusy = true;
    try {
      work();
      process.realm?.drain();
    } catch (error) {
      if (!(error instanceof Crash)) this.bugs.push(`${process.name}: ${(error as Error)?.stack ?? String(error)}`);
    }
    process.isBusy = false;
    if (process.isDead) this.#bury(process);
  }

  /** Runs all that is ready. */
  settle(): void {
    for (let n = 0; this.step(); n++)
      if (n > TASKS_MAX) throw new Error('the simulated processes never come to rest: a busy loop');
  }

  /** Lets this much time pass, in at least `grain` steps where timers are due. */
  pass(ms: number, grain = 8): void {
    const end = this.monotonicMs + ms;
    this.settle();
    for (let left = grain; ; left--) {
      const due = left > 0 ? this.#nextDue() : end;
      this.monotonicMs = Math.max(this.monotonicMs, Math.min(due, end));
      this.#fire();
      this.settle();
      if (this.monotonicMs >= end) return;
    }
  }

  #nextDue(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const process of this.processes.values())
      if (process.state === 'running' && !process.isBusy)
        for (const timer of process.timers) due = Math.min(due, timer.due);
    return due;
  }

  #fire(): void {
    const due: Timer[] = [];
    for (const process of this.processes.values())
      if (process.state === 'running')
        for (const timer of process.timers) if (timer.due <= this.monotonicMs) due.push(timer);
    due.sort((a, b) => a.due - b.due);
    for (const timer of due) {
      if (timer.every === undefined) timer.process.timers.delete(timer);
      else timer.due = this.monotonicMs + timer.every;
      timer.process.immediate(() => {
        if (timer.every === undefined || timer.process.timers.has(timer)) timer.work();
      });
    }
  }

  /** A process that waits without giving way: time passes, nobody else of its thread runs. */
  pauseOf(process: Process): void {
    if (process.isDead) throw new Crash();
    this.monotonicMs += 500;
  }

  // Faults.

  doom(process: Process, fate: Fate): void {
    this.#fates.set(process, { ...this.#fates.get(process), ...fate });
  }

  /** What shall befall the next process of this program. */
  doomNext(program: string, fate: Fate): void {
    this.#fatesToCome.set(program, fate);
  }

  /** No fate awaits anybody any more. */
  spare(): void {
    this.#fates.clear();
    this.#fatesToCome.clear();
  }

  before(call: string, path: string, changes: boolean): number | undefined {
    const process = this.current;
    if (!process) return undefined;
    if (process.isDead) throw new Crash();
    const fate = this.#fates.get(process);
    if (fate?.freeze && fate.freeze.in-- <= 0) {
      const { meanwhile } = fate.freeze;
      delete fate.freeze;
      const before = this.current;
      this.current = undefined;
      meanwhile();
      this.current = before;
      if (process.isDead) throw new Crash();
    }
    this.#refuse(call, path, changes);
    if (!changes || !fate?.crash || fate.crash.in-- > 0) return undefined;
    const { how } = fate.crash;
    if (typeof how === 'number' && call === 'write') {
      fate.crash = { in: 0, how: 'after' };
      return how;
    }
    if (how === 'after') return undefined;
    this.end(process, { code: null, signal: 'SIGKILL' });
    throw new Crash();
  }

  after(call: string, path: string): void {
    const process = this.current;
    if (!process) return;
    this.lastChanged = `${path} (${call}) by ${process.name}`;
    this.onChange(process, call, path);
    const crash = this.#fates.get(process)?.crash;
    if (crash?.how !== 'after' || crash.in > 0) return;
    this.end(process, { code: null, signal: 'SIGKILL' });
    throw new Crash();
  }

  #refuse(call: string, path: string, changes: boolean): void {
    const { refusal } = this;
    if (!refusal || refusal.left <= 0 || (!changes && !refusal.reads) || !refusal.path.test(path)) return;
    // A full disk or a lost permission never keeps anybody from removing names.
    if (call === 'unlink' || call === 'rm' || call === 'print') return;
    refusal.left -= 1;
    this.refused += 1;
    throw fsError(refusal.code, call, path);
  }

  print(fd: 1 | 2, text: string): void {
    if (fd === 1) this.current?.print(text);
    else if (this.current) this.current.complaint += text;
  }

  pids(): string[] {
    return this.living.map((process) => String(process.pid));
  }

  proc(path: string): string | undefined {
    if (path === '/proc/sys/kernel/random/boot_id') return 'boot-1';
    if (path === '/proc/self/ns/pid') return 'pid:[1]';
    const [, pid, file] = /^\/proc\/(\d+)\/(environ|stat)$/.exec(path) ?? [];
    const process = this.processes.get(Number(pid));
    if (!process || process.isDead) return undefined;
    if (file === 'stat') return `${pid} (tend) S ${process.parent} 0`;
    return Object.entries(process.env)
      .map(([name, value]) => `${name}=${value}\0`)
      .join('');
  }
}
