/**
 * A place where one simulated process runs the real program: a context of `node:vm` with the whole of src/ in it, its own queue
 * of promises, and the simulated machine in place of Node's doors (clock, timers, files, children, sockets, chance). Because the
 * queue is the context's own, a process can be frozen in the middle of a system call while others run on.
 */
import { Buffer } from 'node:buffer';
import { createHash, createHmac, hash } from 'node:crypto';
import { EventEmitter, setMaxListeners } from 'node:events';
import { constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import * as path from 'node:path';
import * as url from 'node:url';
import * as util from 'node:util';
import vm from 'node:vm';
import { CALLS } from './memory-disk.js';
import type { Process } from './process.js';

/** Where the program and its seeds lie on the simulated machine. */
export const APP = '/app';

export interface Bundle {
  script: vm.Script;
}

/** The built-in objects are looked up once: in a context each look at a global costs a microsecond. */
const BUILT_IN =
  'Object,Array,Map,Set,WeakMap,WeakSet,WeakRef,JSON,Promise,Error,TypeError,RangeError,SyntaxError,Number,String,Boolean,Symbol,BigInt,RegExp,Math,Reflect,Proxy,Function,Int32Array,Uint8Array,Uint16Array,Uint32Array,Float64Array,ArrayBuffer,SharedArrayBuffer,DataView,Intl,parseInt,parseFloat,isNaN,isFinite,encodeURIComponent,decodeURIComponent,Infinity,NaN,AggregateError';
const DOORS =
  'require,process,Buffer,performance,setTimeout,clearTimeout,setInterval,clearInterval,setImmediate,clearImmediate,queueMicrotask,Atomics,AbortController,AbortSignal,DOMException,URL,TextDecoder,TextEncoder,structuredClone,console,$now';

export function compile(code: string): Bundle {
  const text = `(({${DOORS}}) => { const {${BUILT_IN}} = globalThis; const $Date = globalThis.Date;
class Date extends $Date { constructor(...a) { if (a.length === 0) super($now()); else super(...a); } static now() { return $now(); } }
const module = { exports: {} }, exports = module.exports;
${code}
return module.exports; })`;
  return { script: new vm.Script(text, { filename: 'tend-bundle.js' }) };
}

const NOTHING = new vm.Script('0');

interface Exports {
  main(argv: readonly string[]): void;
  localDisk: typeof import('../../src/store/local-disk.js').localDisk;
}

export class Realm {
  readonly exports: Exports;
  readonly #context: vm.Context;
  /** Who lives here now. */
  #process: Process | undefined;

  constructor(bundle: Bundle) {
    this.#context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
    const load = bundle.script.runInContext(this.#context) as (doors: object) => Exports;
    this.exports = load(this.#doors());
    this.drain();
  }

  enter(process: Process): void {
    this.#process = process;
  }
  leave(): void {
    this.#process = undefined;
  }

  /** Runs what the promises of this process have become ready for. */
  drain(): void {
    NOTHING.runInContext(this.#context);
  }

  get #at(): Process {
    if (!this.#process) throw new Error('nobody lives here');
    return this.#process;
  }

  #doors(): object {
    const at = () => this.#at;
    const random = (n: number): Buffer => {
      const bytes = Buffer.alloc(n);
      for (let i = 0; i < n; i++) bytes[i] = at().machine.random.below(256);
      return bytes;
    };
    const crypto = { createHash, createHmac, hash, randomBytes: random };
    const os = {
      constants: osConstants,
      tmpdir: () => '/tmp',
      homedir: () => '/home/human',
      hostname: () => 'simulated',
      userInfo: () => ({ username: 'human' }),
    };
    const modules: Record<string, () => unknown> = {
      fs: () => this.#fs(),
      path: () => path,
      url: () => url,
      util: () => util,
      os: () => os,
      crypto: () => crypto,
      buffer: () => ({ Buffer }),
      process: () => this.#processDoor(modules),
      child_process: () => this.#children(),
      net: () => this.#net(),
      events: () => ({ EventEmitter, setMaxListeners }),
      module: () => ({}),
      readline: () => ({}),
      tty: () => ({ isatty: () => false }),
      vm: () => vm,
      '@lydell/node-pty': () => ({
        spawn: (file: string, args: string[], o: object) => at().machine.openPty(at(), file, args, o),
      }),
      '@xterm/headless': () => ({ Terminal: BlindTerminal, default: { Terminal: BlindTerminal } }),
    };
    const known = new Map<string, unknown>();
    const require = (name: string): unknown => {
      const key = name.replace(/^node:/, '');
      if (!known.has(key)) known.set(key, modules[key]?.());
      return known.get(key);
    };
    return {
      require,
      process: require('node:process'),
      Buffer,
      performance: { now: () => at().machine.monotonicMs },
      setTimeout: (work: () => void, ms = 0) => at().after(ms, work, false),
      setInterval: (work: () => void, ms = 0) => at().after(ms, work, true),
      setImmediate: (work: () => void) => at().immediate(work),
      clearTimeout: (timer?: object) => this.#process?.clear(timer),
      clearInterval: (timer?: object) => this.#process?.clear(timer),
      clearImmediate: () => undefined,
      queueMicrotask: (work: () => void) => at().immediate(work),
      Atomics: { wait: () => at().machine.pauseOf(at()) },
      AbortController,
      DOMException,
      AbortSignal,
      URL,
      TextDecoder,
      TextEncoder,
      structuredClone,
      console,
      $now: () => at().machine.now(),
    };
  }

  /** Every call says whose it is: the disk's hooks ask the machine. */
  #fs(): object {
    const call =
      (name: (typeof CALLS)[number]) =>
      (...args: unknown[]): unknown => {
        const { machine } = this.#at;
        const before = machine.current;
        machine.current = this.#at;
        try {
          return (machine.disk[name] as (...a: unknown[]) => unknown)(...args);
        } finally {
          machine.current = before;
        }
      };
    return { constants, ...Object.fromEntries(CALLS.map((name) => [name, call(name)])) };
  }

  #processDoor(modules: Record<string, () => unknown>): object {
    const at = () => this.#at;
    const stream = {
      isTTY: false,
      on: () => undefined,
      once: () => undefined,
      write: (text: string) => at().print(text),
    };
    const door = {
      get pid() {
        return at().pid;
      },
      get argv() {
        return ['/usr/bin/node', `${APP}/dist/main.js`, ...at().argv];
      },
      get env() {
        return at().env;
      },
      execPath: '/usr/bin/node',
      execArgv: [],
      platform: 'linux',
      version: 'v20.19.0',
      versions: { node: '20.19.0' },
      features: {},
      stdout: stream,
      stderr: stream,
      stdin: { destroy: () => undefined },
      getuid: () => 1000,
      cwd: () => '/',
      chdir: () => undefined,
      kill: (pid: number, signal: string | number) => at().machine.kill(pid, signal),
      on(name: string, handler: () => void) {
        at().handle(name, handler);
        return door;
      },
      once(name: string, handler: () => void) {
        at().handle(name, handler);
        return door;
      },
      off(name: string, handler: () => void) {
        at().unhandle(name, handler);
        return door;
      },
      exit: (code: number) => at().exit(code),
      emitWarning: () => undefined,
      nextTick: (work: (...a: unknown[]) => void, ...args: unknown[]) => at().immediate(() => work(...args)),
      getBuiltinModule: (name: string) => modules[name.replace(/^node:/, '')]?.(),
    };
    return door;
  }

  #children(): object {
    return {
      ChildProcess: EventEmitter,
      spawn: (file: string, args: string[], options: object) =>
        this.#at.machine.spawnFor(this.#at, [file, ...args], options),
    };
  }

  #net(): object {
    return {
      createServer: (onSocket: (socket: unknown) => void) => this.#at.machine.net.server(this.#at, onSocket),
      createConnection: (to: string) => this.#at.machine.net.connect(this.#at, to),
    };
  }
}

/** Nobody looks at a worker's screen here. */
class BlindTerminal {
  parser = { registerCsiHandler: () => undefined, registerEscHandler: () => undefined };
  unicode = { register: () => undefined, activeVersion: '' };
  onData(): void {}
  write(_data: unknown, done: () => void): void {
    done();
  }
}
