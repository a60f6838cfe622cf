/**
 * A person's terminal on a worker's terminal. Both sides speak JSON lines over the worker's beacon socket: the client sends
 * `{size}` and `{input}`, the supervisor `{paint}` once, then `{output}`, and `{exit}` at the end; bytes travel as base64.
 */
import { createConnection, type Socket } from 'node:net';
import { isObject, parseJson } from '../lib/json.js';
import { paintScreen, type Screen } from '../lib/screen.js';
import type { LifeHandle } from '../model/fleet.js';
import type { WorkerStatus } from '../model/worker.js';

/** What a supervisor's session offers to a viewer. */
export interface ViewerHost {
  readonly status: WorkerStatus;
  screen(): Promise<Screen>;
  addViewer(viewer: { output(bytes: Uint8Array): void; exit(status: WorkerStatus): void }): void;
  removeViewer(viewer: object): void;
  input(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
}

/** A viewer that is this far behind is stopped or gone; the worker's memory is not its buffer. */
const BEHIND_MAX = 8 * 1024 * 1024;
/** Longest line of a client: a paste. */
const LINE_MAX = 2 * 1024 * 1024;
/** A supervisor that does not take the connection in this time is stopped. */
const CONNECT_MS = 5_000;

/** Supervisor's side: takes the socket over until it closes. */
export function serveViewer(socket: Socket, host: ViewerHost): void {
  const send = (message: object) => {
    if (socket.writableLength > BEHIND_MAX) return void socket.destroy();
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  let waiting: Uint8Array[] | undefined = [];
  const viewer = {
    output: (bytes: Uint8Array) => {
      if (waiting) waiting.push(bytes);
      else send({ output: Buffer.from(bytes).toString('base64') });
    },
    exit: (status: WorkerStatus) => {
      send({ exit: status });
      socket.end();
    },
  };
  const begin = async () => {
    // Both in one step: what comes after this picture goes to the viewer, and nothing twice.
    host.addViewer(viewer);
    const screen = await host.screen();
    send({ paint: paintScreen(screen) });
    const late = waiting ?? [];
    waiting = undefined;
    for (const bytes of late) viewer.output(bytes);
  };
  let begun = false;
  onLines(socket, (line) => {
    const message = parseJson(line).value;
    if (!isObject(message)) return;
    const { size, input } = message;
    if (isObject(size)) host.resize(Number(size['columns']), Number(size['rows']));
    if (typeof input === 'string') host.input(Buffer.from(input, 'base64'));
    if (!begun) void begin().catch(() => socket.destroy());
    begun = true;
  });
  socket.on('close', () => host.removeViewer(viewer));
  send({ nonce: host.status.nonce, attached: true });
}

export interface TerminalSide {
  /** Keys of the person; `stop` lets go of the keyboard. */
  onInput(take: (bytes: Buffer) => void): () => void;
  onResize(take: () => void): () => void;
  size(): { columns: number; rows: number };
  write(data: string | Buffer): void;
  signal: AbortSignal;
}

export type AttachEnd = { end: 'detached' } | { end: 'exit'; state: string; exitCode: number | null } | { end: 'lost' };

/** Ctrl-] as a byte, and as terminals write it when the program has asked for the kitty keyboard protocol. */
const DETACH = ['\u001d', '\u001b[93;5u'];

/** Client's side: resolves when the person detaches, the worker ends, or the connection is lost. */
export function attachTo(handle: LifeHandle, terminal: TerminalSide): Promise<AttachEnd> {
  return new Promise((resolve) => {
    const socket = createConnection(handle.socket);
    const undo: (() => void)[] = [];
    const finish = (end: AttachEnd) => {
      for (const step of undo.splice(0)) step();
      socket.destroy();
      resolve(end);
    };
    const send = (message: object) => void socket.write(`${JSON.stringify(message)}\n`);
    const timer = setTimeout(() => finish({ end: 'lost' }), CONNECT_MS);
    const onAbort = () => finish({ end: 'detached' });
    terminal.signal.addEventListener('abort', onAbort, { once: true });
    undo.push(
      () => clearTimeout(timer),
      () => terminal.signal.removeEventListener('abort', onAbort),
    );
    const take = (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      const at = Math.min(...DETACH.map((key) => text.indexOf(key)).map((i) => (i < 0 ? Number.POSITIVE_INFINITY : i)));
      const kept = bytes.subarray(0, Math.min(at, bytes.length));
      if (kept.length > 0) send({ input: kept.toString('base64') });
      if (at < bytes.length) finish({ end: 'detached' });
    };
    const begin = () => {
      clearTimeout(timer);
      send({ size: terminal.size() });
      undo.push(
        terminal.onInput(take),
        terminal.onResize(() => send({ size: terminal.size() })),
      );
    };
    let begun = false;
    socket.on('connect', () => send({ op: 'attach' }));
    socket.on('error', () => finish({ end: 'lost' }));
    socket.on('close', () => finish({ end: 'lost' }));
    onLines(socket, (line) => {
      const message = parseJson(line).value;
      if (!isObject(message)) return;
      if (!begun) {
        if (message['nonce'] !== handle.nonce) return finish({ end: 'lost' });
        begun = true;
        return begin();
      }
      const { paint, output, exit } = message;
      if (typeof paint === 'string') terminal.write(paint);
      if (typeof output === 'string') terminal.write(Buffer.from(output, 'base64'));
      if (isObject(exit))
        finish({ end: 'exit', state: String(exit['state']), exitCode: (exit['exit_code'] as number | null) ?? null });
    });
  });
}

/** Calls `take` for every whole line; a line beyond the limit ends the connection. */
function onLines(socket: Socket, take: (line: string) => void): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      take(line);
    }
    if (text.length > LINE_MAX) socket.destroy();
  });
}
