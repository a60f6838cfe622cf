/**
 * The file system of the simulated machine: `node:fs` in memory, as far as src/ uses it. The real `localDisk` runs over it and
 * keeps the suite of every Disk, so a step of the product is here a system call, and whoever holds the hooks can die, wait or be refused at each.
 * Modes of the owner count; data of a file is never changed in place, so a copy of the tree costs its names alone.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';

export interface Inode {
  ino: number;
  kind: 'file' | 'dir' | 'link' | 'socket' | 'pipe';
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
  /** Content of a file, target of a link. */
  data: Buffer;
  names: Map<string, Inode>;
  /** Who listens on a socket. */
  owner?: unknown;
}

export interface Hooks {
  now(): number;
  /** Called before every system call; it may throw. Returns how many bytes of a write arrive, when it is to be torn. */
  before(call: string, path: string, changes: boolean): number | undefined;
  /** Called after a call that changed something; it may throw. */
  after(call: string, path: string): void;
  /** Virtual files below /proc; undefined: no such file. */
  proc(path: string): string | undefined;
  pids(): string[];
  /** Bytes written to descriptors 1 and 2. */
  print(fd: 1 | 2, text: string): void;
}

interface Open {
  inode: Inode;
  path: string;
  flags: number;
  at: number;
}

export interface Stats {
  dev: number | bigint;
  ino: number | bigint;
  uid: number;
  mode: number;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  rdev: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isCharacterDevice(): boolean;
}

const { O_CREAT, O_EXCL, O_APPEND, O_TRUNC, O_WRONLY, O_RDWR } = constants;
const FLAGS: Record<string, number> = {
  r: 0,
  a: O_WRONLY | O_CREAT | O_APPEND,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
};
const LINKS_MAX = 20;
const EMPTY = Buffer.alloc(0);
export const OWNER = 1000;

/** An error as Node makes it, but without a stack: thousands are thrown in a history. */
export function fsError(code: string, call: string, path: string): Error {
  const message = `${code}: ${call} '${path}'`;
  return { name: 'Error', code, syscall: call, path, message, toString: () => `Error: ${message}` } as Error;
}

const partsOf = new Map<string, readonly string[]>();
/** The names of a path; the same paths come again and again. */
function split(path: string): readonly string[] {
  let parts = partsOf.get(path);
  if (!parts) {
    if (partsOf.size > 20_000) partsOf.clear();
    parts = path.split('/').filter((part) => part !== '');
    partsOf.set(path, parts);
  }
  return parts;
}

export class MemoryDisk {
  #inos = 1;
  #fds = 10;
  readonly #open = new Map<number, Open>();
  readonly #hooks: Hooks;
  root: Inode;
  /** No byte can be written: half of a write arrives, then nothing. */
  isFull = false;
  /** Bytes and names that were changed since the start: an unchanged world adds nothing. */
  changes = 0;

  constructor(hooks: Hooks, from?: MemoryDisk) {
    this.#hooks = hooks;
    this.root = from ? from.copyOf(from.root, new Map()) : this.#inode('dir', 0o755);
    if (from) this.#inos = from.#inos;
  }

  /** Same numbers, same bytes, other names: hard links stay hard links. */
  copyOf(inode: Inode, done: Map<Inode, Inode>): Inode {
    const known = done.get(inode);
    if (known) return known;
    const copy: Inode = { ...inode, names: new Map() };
    done.set(inode, copy);
    for (const [name, child] of inode.names) copy.names.set(name, this.copyOf(child, done));
    return copy;
  }

  // What the harness does to the machine, without hooks and modes.

  peek(path: string): Inode | undefined {
    try {
      return this.#find(path, { follow: true, free: true });
    } catch {
      return undefined;
    }
  }
  text(path: string): string | undefined {
    const inode = this.peek(path);
    return inode?.kind === 'file' ? inode.data.toString('utf8') : undefined;
  }
  names(path: string): string[] {
    const inode = this.peek(path);
    return inode?.kind === 'dir' ? [...inode.names.keys()].sort() : [];
  }
  /** Of every name and byte below a directory. */
  digest(path: string): string {
    const hash = createHash('sha256');
    const add = (inode: Inode, name: string) => {
      hash.update(`${name} ${inode.kind} ${inode.data.length}\n`).update(inode.data);
      for (const below of [...inode.names.keys()].sort()) add(inode.names.get(below)!, `${name}/${below}`);
    };
    add(this.peek(path)!, '');
    return hash.digest('hex');
  }
  put(path: string, content: string | Buffer, kind: Inode['kind'] = 'file', mode = 0o600): Inode {
    const above = path.slice(0, path.lastIndexOf('/'));
    if (above !== '' && !this.peek(above)) this.put(above, '', 'dir', 0o700);
    const { parent, name } = this.#parent(path, true);
    const inode = this.#inode(kind, mode);
    inode.data = Buffer.from(content as string);
    parent.names.set(name, inode);
    this.#touched(parent);
    return inode;
  }
  drop(path: string): void {
    const { parent, name } = this.#parent(path, true);
    parent.names.delete(name);
    this.#touched(parent);
  }

  openSync(path: string, flag: string | number = 'r', mode = 0o666): number {
    const flags = typeof flag === 'number' ? flag : FLAGS[flag]!;
    const creates = (flags & O_CREAT) !== 0;
    this.#hooks.before('open', path, creates);
    if (path.startsWith('/proc/')) return this.#openProc(path);
    let inode = this.#find(path, { follow: true, missing: creates });
    if (inode && (flags & O_EXCL) !== 0) throw fsError('EEXIST', 'open', path);
    if (!inode) {
      if (!creates) throw fsError('ENOENT', 'open', path);
      const { parent, name } = this.#parent(path);
      this.#allow(parent, 0o200, path);
      inode = this.#inode('file', mode & ~0o022);
      parent.names.set(name, inode);
      this.#touched(parent);
      this.#hooks.after('open', path);
    } else {
      this.#allow(inode, (flags & 3) === 0 ? 0o400 : 0o200, path);
      if (inode.kind === 'dir' && (flags & 3) !== 0) throw fsError('EISDIR', 'open', path);
      if (inode.kind === 'socket' || (inode.kind === 'pipe' && (flags & 3) !== 0)) throw fsError('ENXIO', 'open', path);
      if ((flags & O_TRUNC) !== 0) inode.data = EMPTY;
    }
    this.#open.set(++this.#fds, { inode, path, flags, at: 0 });
    return this.#fds;
  }
  closeSync(fd: number): void {
    this.#open.delete(fd);
  }
  readSync(
    fd: number,
    buffer: Uint8Array,
    offset = 0,
    length = buffer.length - offset,
    position?: number | null,
  ): number {
    const open = this.#fd(fd);
    this.#hooks.before('read', open.path, false);
    if (open.inode.kind === 'dir') throw fsError('EISDIR', 'read', open.path);
    const from = position ?? open.at;
    const part = open.inode.data.subarray(from, from + length);
    buffer.set(part, offset);
    if (position === undefined || position === null) open.at = from + part.length;
    return part.length;
  }
  writeSync(fd: number, content: Uint8Array | string, offset = 0, length?: number): number {
    const bytes =
      typeof content === 'string'
        ? Buffer.from(content)
        : Buffer.from(content.subarray(offset, length === undefined ? undefined : offset + length));
    if (fd === 1 || fd === 2) {
      this.#hooks.before('print', `fd ${fd}`, true);
      this.#hooks.print(fd, bytes.toString('utf8'));
      this.#hooks.after('print', `fd ${fd}`);
      return bytes.length;
    }
    const open = this.#fd(fd);
    const torn = this.#hooks.before('write', open.path, true);
    if ((open.flags & (O_WRONLY | O_RDWR)) === 0) throw fsError('EBADF', 'write', open.path);
    let arrives = bytes;
    if (torn !== undefined) arrives = bytes.subarray(0, Math.floor(bytes.length * torn));
    if (this.isFull && bytes.length > 0) {
      arrives = bytes.subarray(0, Math.floor(bytes.length / 2));
      if (arrives.length === 0) throw fsError('ENOSPC', 'write', open.path);
    }
    const { inode } = open;
    const at = (open.flags & O_APPEND) !== 0 ? inode.data.length : open.at;
    inode.data = Buffer.concat([inode.data.subarray(0, at), arrives, inode.data.subarray(at + arrives.length)]);
    open.at = at + arrives.length;
    this.#touched(inode);
    this.#hooks.after('write', open.path);
    return arrives.length;
  }
  fsyncSync(fd: number): void {
    this.#hooks.before('fsync', this.#fd(fd).path, true);
  }
  ftruncateSync(fd: number, length = 0): void {
    const open = this.#fd(fd);
    this.#hooks.before('ftruncate', open.path, true);
    open.inode.data = open.inode.data.subarray(0, length);
    this.#touched(open.inode);
  }
  fstatSync(fd: number): Stats {
    if (fd <= 2) return statsOf({ ...this.root, kind: 'pipe' });
    return statsOf(this.#fd(fd).inode);
  }
  fchmodSync(fd: number, mode: number): void {
    this.#fd(fd).inode.mode = mode;
  }
  chmodSync(path: string, mode: number): void {
    this.#hooks.before('chmod', path, true);
    this.#must(path, 'chmod').mode = mode;
  }
  statSync(path: string, options: { throwIfNoEntry?: boolean; bigint?: boolean } = {}): Stats | undefined {
    return this.#stat(path, options, true);
  }
  lstatSync(path: string, options: { throwIfNoEntry?: boolean; bigint?: boolean } = {}): Stats | undefined {
    return this.#stat(path, options, false);
  }
  existsSync(path: string): boolean {
    this.#hooks.before('exists', path, false);
    return this.peek(path) !== undefined;
  }
  accessSync(path: string): void {
    this.#hooks.before('access', path, false);
    this.#must(path, 'access');
  }
  readdirSync(path: string): string[] {
    this.#hooks.before('readdir', path, false);
    if (path === '/proc') return this.#hooks.pids();
    const inode = this.#must(path, 'scandir');
    if (inode.kind !== 'dir') throw fsError('ENOTDIR', 'scandir', path);
    this.#allow(inode, 0o400, path);
    return [...inode.names.keys()];
  }
  readFileSync(path: string, encoding?: string): string | Buffer {
    const fd = this.openSync(path);
    try {
      const { inode } = this.#fd(fd);
      if (inode.kind === 'dir') throw fsError('EISDIR', 'read', path);
      return encoding === undefined ? Buffer.from(inode.data) : inode.data.toString('utf8');
    } finally {
      this.closeSync(fd);
    }
  }
  readlinkSync(path: string): string {
    if (path.startsWith('/proc/')) return this.#hooks.proc(path) ?? '';
    return this.#find(path, { follow: false })!.data.toString('utf8');
  }
  realpathSync(path: string): string {
    this.#must(path, 'realpath');
    const inode = this.#find(path, { follow: false })!;
    if (inode.kind !== 'link') return path;
    const target = inode.data.toString('utf8');
    return this.realpathSync(target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/'))}/${target}`);
  }
  mkdirSync(path: string, options: { recursive?: boolean; mode?: number } | number = {}): void {
    const { recursive = false, mode = 0o777 } = typeof options === 'number' ? { mode: options } : options;
    const known = this.#find(path, { follow: true, missing: true, deep: recursive });
    if (known) {
      if (recursive && known.kind === 'dir') return;
      throw fsError('EEXIST', 'mkdir', path);
    }
    this.#hooks.before('mkdir', path, true);
    const above = path.slice(0, path.lastIndexOf('/'));
    if (recursive && above !== '') this.mkdirSync(above, { recursive, mode });
    if (this.isFull) throw fsError('ENOSPC', 'mkdir', path);
    const { parent, name } = this.#parent(path);
    if (parent.names.has(name)) return;
    this.#allow(parent, 0o200, path);
    parent.names.set(name, this.#inode('dir', mode & ~0o022));
    this.#touched(parent);
    this.#hooks.after('mkdir', path);
  }
  linkSync(from: string, to: string): void {
    this.#hooks.before('link', to, true);
    const inode = this.#find(from, { follow: false });
    if (!inode) throw fsError('ENOENT', 'link', from);
    const { parent, name } = this.#parent(to);
    if (parent.names.has(name)) throw fsError('EEXIST', 'link', to);
    this.#allow(parent, 0o200, to);
    parent.names.set(name, inode);
    inode.ctimeMs = this.#hooks.now();
    this.#touched(parent);
    this.#hooks.after('link', to);
  }
  unlinkSync(path: string): void {
    this.#hooks.before('unlink', path, true);
    const { parent, name } = this.#parent(path);
    const inode = parent.names.get(name);
    if (!inode) throw fsError('ENOENT', 'unlink', path);
    if (inode.kind === 'dir') throw fsError('EISDIR', 'unlink', path);
    this.#allow(parent, 0o200, path);
    parent.names.delete(name);
    this.#touched(parent);
    this.#hooks.after('unlink', path);
  }
  renameSync(from: string, to: string): void {
    this.#hooks.before('rename', `${from} → ${to.slice(to.lastIndexOf('/') + 1)}`, true);
    const source = this.#parent(from);
    const inode = source.parent.names.get(source.name);
    if (!inode) throw fsError('ENOENT', 'rename', from);
    const target = this.#parent(to);
    const there = target.parent.names.get(target.name);
    if (there?.kind === 'dir' && inode.kind !== 'dir') throw fsError('EISDIR', 'rename', to);
    this.#allow(source.parent, 0o200, from);
    this.#allow(target.parent, 0o200, to);
    // Two names of one file: rename(2) does nothing and succeeds.
    if (there !== inode) {
      source.parent.names.delete(source.name);
      target.parent.names.set(target.name, inode);
      inode.ctimeMs = this.#hooks.now();
      this.#touched(source.parent);
      this.#touched(target.parent);
    }
    this.#hooks.after('rename', to);
  }
  rmdirSync(path: string): void {
    this.#hooks.before('rmdir', path, true);
    const inode = this.#must(path, 'rmdir');
    if (inode.names.size > 0) throw fsError('ENOTEMPTY', 'rmdir', path);
    this.drop(path);
  }
  rmSync(path: string, _options?: object): void {
    const inode = this.#find(path, { follow: false, missing: true });
    if (!inode) return;
    for (const name of [...inode.names.keys()]) this.rmSync(`${path}/${name}`);
    this.#hooks.before('rm', path, true);
    const { parent, name } = this.#parent(path);
    this.#allow(parent, 0o200, path);
    parent.names.delete(name);
    this.#touched(parent);
    this.#hooks.after('rm', path);
  }
  utimesSync(path: string, _atime: number, mtime: number): void {
    this.#hooks.before('utimes', path, false);
    this.#must(path, 'utimes').mtimeMs = mtime * 1000;
  }
  /** Events are an optimisation that may be lost: here all are, and the polls behind them do the work. */
  watch(): { on(): void; close(): void } {
    return { on: () => undefined, close: () => undefined };
  }

  #inode(kind: Inode['kind'], mode: number): Inode {
    const at = this.#hooks.now();
    return { ino: this.#inos++, kind, mode, mtimeMs: at, ctimeMs: at, data: EMPTY, names: new Map() };
  }
  #touched(inode: Inode): void {
    this.changes += 1;
    inode.mtimeMs = this.#hooks.now();
  }
  #openProc(path: string): number {
    const text = this.#hooks.proc(path);
    if (text === undefined) throw fsError('ENOENT', 'open', path);
    const inode = { ...this.root, kind: 'file' as const, data: Buffer.from(text) };
    this.#open.set(++this.#fds, { inode, path, flags: 0, at: 0 });
    return this.#fds;
  }
  #stat(path: string, options: { throwIfNoEntry?: boolean; bigint?: boolean }, follow: boolean): Stats | undefined {
    this.#hooks.before('stat', path, false);
    const isCalm = options.throwIfNoEntry === false;
    const inode = this.#find(path, { follow, missing: isCalm, deep: isCalm });
    if (!inode) {
      if (options.throwIfNoEntry === false) return undefined;
      throw fsError('ENOENT', 'stat', path);
    }
    return statsOf(inode, options.bigint);
  }
  #fd(fd: number): Open {
    const open = this.#open.get(fd);
    if (!open) throw fsError('EBADF', 'fd', String(fd));
    return open;
  }
  #allow(inode: Inode, mode: number, path: string): void {
    if ((inode.mode & mode) === 0) throw fsError('EACCES', 'open', path);
  }
  #must(path: string, call: string): Inode {
    const inode = this.#find(path, { follow: true, missing: true });
    if (!inode) throw fsError('ENOENT', call, path);
    return inode;
  }
  #parent(path: string, free = false): { parent: Inode; name: string } {
    const cut = path.lastIndexOf('/');
    const parent = this.#find(path.slice(0, cut) || '/', { follow: true, free });
    if (!parent) throw fsError('ENOENT', 'open', path);
    if (parent.kind !== 'dir') throw fsError('ENOTDIR', 'open', path);
    return { parent, name: path.slice(cut + 1) };
  }
  /** `missing`: undefined instead of ENOENT for the last name; `deep`: for any. `free`: modes do not count. */
  #find(
    path: string,
    how: { follow: boolean; missing?: boolean; deep?: boolean; free?: boolean },
    links = 0,
  ): Inode | undefined {
    if (links > LINKS_MAX) throw fsError('ELOOP', 'open', path);
    const parts = split(path);
    let at = this.root;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (at.kind !== 'dir') throw fsError('ENOTDIR', 'open', path);
      if (!how.free && (at.mode & 0o100) === 0) throw fsError('EACCES', 'open', path);
      const next = at.names.get(part);
      const isLast = i === parts.length - 1;
      if (!next) {
        if ((how.missing && isLast) || how.deep) return undefined;
        throw fsError('ENOENT', 'open', path);
      }
      if (next.kind === 'link' && (how.follow || !isLast)) {
        const target = next.data.toString('utf8');
        const base = target.startsWith('/') ? target : `/${parts.slice(0, i).join('/')}/${target}`;
        const rest = parts.slice(i + 1);
        return this.#find([base, ...rest].join('/'), how, links + 1);
      }
      at = next;
    }
    return at;
  }
}

/** The functions of `node:fs` that there are. */
export const CALLS = [
  'openSync',
  'closeSync',
  'readSync',
  'writeSync',
  'fsyncSync',
  'ftruncateSync',
  'fstatSync',
  'fchmodSync',
  'chmodSync',
  'statSync',
  'lstatSync',
  'existsSync',
  'accessSync',
  'readdirSync',
  'readFileSync',
  'readlinkSync',
  'realpathSync',
  'mkdirSync',
  'linkSync',
  'unlinkSync',
  'renameSync',
  'rmdirSync',
  'rmSync',
  'utimesSync',
  'watch',
] as const satisfies readonly (keyof MemoryDisk)[];

function statsOf(inode: Inode, bigint = false): Stats {
  const { kind } = inode;
  return {
    dev: bigint ? 1n : 1,
    ino: bigint ? BigInt(inode.ino) : inode.ino,
    uid: OWNER,
    mode: inode.mode,
    size: inode.data.length,
    mtimeMs: inode.mtimeMs,
    ctimeMs: inode.ctimeMs,
    rdev: 0,
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'dir',
    isSymbolicLink: () => kind === 'link',
    isCharacterDevice: () => false,
  };
}
