import { existsSync, mkdirSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Json } from '../lib/json.js';
import { isObject, parseJson } from '../lib/json.js';
import { removeSocket } from './runtime-dir.js';

/**
 * A beacon is a Unix socket that answers with its owner's nonce. The kernel closes it when the owner dies, so an answer is
 * the proof of life, and a refused connection the proof of death; a pid proves neither. One JSON line in, one JSON line out.
 */
export interface Beacon {
  readonly path: string;
  close(): void;
}

export type BeaconHandler = (
  request: { [key: string]: Json },
  socket: Socket,
) => Promise<Json | undefined> | Json | undefined;

/** Requests longer than this are refused: the largest is a paste into a worker. */
const REQUEST_MAX_BYTES = 1024 * 1024;
const ANSWER_MAX_BYTES = 32 * 1024 * 1024;

/** How soon a socket whose name was removed under us (a logout, a cleaner of temp directories) is there again. */
const RELIGHT_MS = 3_000;

/**
 * Listens on `path` (0600 by the private directory it lies in). Every request gets `{nonce, …answer}`; a handler that returns
 * undefined has taken the socket over (attach). Rejects when the name is taken by a living owner. A name that is removed while
 * we live is made again.
 */
export async function lightBeacon(path: string, nonce: string, handle: BeaconHandler): Promise<Beacon> {
  const light = () => listen(path, (socket) => serve(socket, nonce, handle));
  let server = await light();
  let isRelighting = false;
  const watch = setInterval(() => {
    if (isRelighting || existsSync(path)) return;
    isRelighting = true;
    // The old server has lost its name; connections that it has accepted go on.
    server.close();
    void relight();
  }, RELIGHT_MS);
  watch.unref();
  const relight = async (): Promise<void> => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      server = await light();
    } catch {
      // The directory cannot be made again (yet): the next look tries once more.
    }
    isRelighting = false;
  };
  return {
    path,
    close: () => {
      clearInterval(watch);
      server.close();
    },
  };
}

function listen(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onSocket);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

function serve(socket: Socket, nonce: string, handle: BeaconHandler): void {
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8');
  const onData = (chunk: string) => {
    text += chunk;
    if (text.length > REQUEST_MAX_BYTES) return void socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0) return;
    socket.off('data', onData);
    void answer(socket, nonce, handle, text.slice(0, end));
  };
  socket.on('data', onData);
}

async function answer(socket: Socket, nonce: string, handle: BeaconHandler, line: string): Promise<void> {
  const parsed = parseJson(line);
  const request = isObject(parsed.value) ? parsed.value : {};
  try {
    const body = await handle(request as { [key: string]: Json }, socket);
    if (body === undefined) return;
    socket.end(`${JSON.stringify({ nonce, ...(isObject(body) ? body : { value: body }) })}\n`);
  } catch (error) {
    socket.end(`${JSON.stringify({ nonce, error: (error as Error).message })}\n`);
  }
}

export type Sight =
  /** The owner answered with the nonce we expected. */
  | { state: 'alive'; answer: { [key: string]: Json } }
  /**
   * Refused, no such socket, or another owner's nonce: the one we mean is dead. `gone`: the name is not there; the kernel has not
   * said so, somebody may have removed it under a living owner. Who has another sign of life looks for that first.
   */
  | { state: 'dead'; gone?: true }
  /** Connected, but no answer in time: stopped, or too busy. Not dead. */
  | { state: 'silent' }
  /** Could not be asked (permission, too many files): nothing is known. */
  | { state: 'unknown'; reason: string };

/** Asks a beacon. `nonce` undefined accepts any owner. `timeoutMs` covers connecting and answering. */
export function askBeacon(
  path: string,
  nonce: string | undefined,
  request: { [key: string]: Json } = { op: 'status' },
  timeoutMs = 1_000,
): Promise<Sight> {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection(path);
    const finish = (sight: Sight) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(sight);
    };
    const timer = setTimeout(() => finish({ state: 'silent' }), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_MAX_BYTES) finish({ state: 'unknown', reason: 'answer too long' });
    });
    socket.on('end', () => finish(read(text, nonce)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const dead = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTSOCK'].includes(error.code ?? '');
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return finish({ state: 'dead', gone: true });
      finish(dead ? { state: 'dead' } : { state: 'unknown', reason: error.code ?? error.message });
    });
  });
}

function read(text: string, nonce: string | undefined): Sight {
  const parsed = parseJson(text.trim());
  if (!isObject(parsed.value)) return { state: 'dead' };
  const answered = parsed.value as { [key: string]: Json };
  return nonce === undefined || answered['nonce'] === nonce ? { state: 'alive', answer: answered } : { state: 'dead' };
}

/** Removes the socket file of an owner that is proven dead. */
export function sweepBeacon(path: string): void {
  removeSocket(path);
}
