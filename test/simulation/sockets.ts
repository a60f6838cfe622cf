/** Unix sockets of the simulated machine: a name is refused when its owner is dead, and silent when the owner is stopped. */
import { EventEmitter } from 'node:events';
import type { Machine } from './machine.js';
import { fsError } from './memory-disk.js';
import type { Process } from './process.js';

class End extends EventEmitter {
  readonly process: Process;
  peer: End | undefined;
  isOpen = true;
  constructor(process: Process) {
    super();
    this.process = process;
  }
  setEncoding(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  write(text: string): boolean {
    const { peer } = this;
    if (this.isOpen && peer?.isOpen) peer.process.immediate(() => peer.isOpen && peer.emit('data', String(text)));
    return true;
  }
  end(text?: string): this {
    if (text !== undefined) this.write(text);
    this.close();
    return this;
  }
  destroy(): this {
    this.close();
    return this;
  }
  unref(): this {
    return this;
  }
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { peer } = this;
    if (!peer?.isOpen) return;
    peer.process.immediate(() => {
      if (!peer.isOpen) return;
      peer.emit('end');
      peer.isOpen = false;
      peer.emit('close');
    });
  }
}

class Listener extends EventEmitter {
  readonly #net: Net;
  readonly process: Process;
  readonly onSocket: (socket: unknown) => void;
  path: string | undefined;
  constructor(net: Net, process: Process, onSocket: (socket: unknown) => void) {
    super();
    this.#net = net;
    this.process = process;
    this.onSocket = onSocket;
  }
  listen(path: string, done: () => void): this {
    const { machine } = this.#net;
    this.process.immediate(() => {
      if (machine.disk.peek(path)) return void this.emit('error', fsError('EADDRINUSE', 'listen', path));
      try {
        machine.disk.put(path, '', 'socket').owner = this;
      } catch (error) {
        return void this.emit('error', error);
      }
      this.path = path;
      done();
    });
    return this;
  }
  /** As Node does: the name goes with the listener, if it is still its own. */
  close(): this {
    const { path } = this;
    this.path = undefined;
    if (path === undefined || this.process.isDead) return this;
    if (this.#net.machine.disk.peek(path)?.owner === this) this.#net.machine.disk.drop(path);
    return this;
  }
  unref(): this {
    return this;
  }
}

export class Net {
  readonly machine: Machine;
  readonly #ends = new Map<Process, End[]>();
  constructor(machine: Machine) {
    this.machine = machine;
  }

  server(process: Process, onSocket: (socket: unknown) => void): Listener {
    return new Listener(this, process, onSocket);
  }

  connect(process: Process, path: string): End {
    const near = this.#end(process);
    process.immediate(() => {
      if (!near.isOpen) return;
      const owner = this.machine.disk.peek(path)?.owner as Listener | undefined;
      const problem =
        this.machine.disk.peek(path) === undefined
          ? 'ENOENT'
          : !owner?.path || owner.process.isDead
            ? 'ECONNREFUSED'
            : undefined;
      if (problem) {
        near.isOpen = false;
        return void near.emit('error', fsError(problem, 'connect', path));
      }
      const far = this.#end(owner!.process);
      near.peer = far;
      far.peer = near;
      owner!.process.immediate(() => far.isOpen && owner!.onSocket(far));
      near.emit('connect');
    });
    return near;
  }

  /** The kernel closes what a dead process held. */
  died(process: Process): void {
    for (const end of this.#ends.get(process) ?? []) end.close();
    this.#ends.delete(process);
  }

  #end(process: Process): End {
    const end = new End(process);
    this.#ends.set(process, [...(this.#ends.get(process) ?? []), end]);
    return end;
  }
}
