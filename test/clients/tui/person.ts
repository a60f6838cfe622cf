/** A person at a terminal: the built `tend client` under a pty, keys typed, the screen read back through an emulator. */
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { BIN } from '../../contract/tend-process.js';

export interface Terminal {
  columns: number;
  rows: number;
}

export interface Person {
  pid: number;
  /** The screen as text, a line per row, blank ends left out. */
  screen(): string;
  row(n: number): string;
  cursor(): { row: number; column: number };
  /** True while the other screen is shown. */
  isOtherScreen(): boolean;
  type(keys: string): void;
  resize(to: Terminal): void;
  /** Waits until the screen holds this; the limit is a hang, not a measure. */
  sees(what: string | RegExp): Promise<void>;
  seesNot(what: string | RegExp): Promise<void>;
  until(what: string, look: () => boolean | Promise<boolean>): Promise<void>;
  /** Everything that was written to the terminal. */
  bytes(): string;
  /** Exit code and signal once it has ended, and all it wrote is on the screen. */
  ended: Promise<{ code: number; signal: number }>;
  /** Closes the terminal under the program. */
  hangUp(): void;
  close(): void;
}

export interface PersonTerms {
  env: NodeJS.ProcessEnv;
  /** What TERM says, whatever `env` has. */
  term?: string;
  args?: readonly string[];
  size?: Terminal;
  /** Another program in the place of tend. */
  argv?: readonly [string, ...string[]];
}

export function sitDown({ env, term = 'xterm-256color', ...terms }: PersonTerms): Person {
  const { args = [], size = { columns: 100, rows: 30 }, argv } = terms;
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, scrollback: 200, allowProposedApi: true });
  const { CI: _ci, NO_COLOR: _no, ...outside } = process.env;
  const [file, ...rest] = argv ?? [process.execPath, BIN, 'client', ...args];
  const child: IPty = spawn(file, rest, {
    cols: size.columns,
    rows: size.rows,
    name: term,
    env: { ...outside, ...env, TERM: term } as Record<string, string>,
  });
  let bytes = '';
  let drawn = Promise.resolve();
  let isOver = false;
  child.onData((data) => {
    bytes += data;
    drawn = new Promise((resolve) => terminal.write(data, resolve));
  });
  const ended = new Promise<{ code: number; signal: number }>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      isOver = true;
      void drawn.then(() => resolve({ code: exitCode, signal: signal ?? 0 }));
    });
  });
  const line = (n: number): string =>
    terminal.buffer.active.getLine(terminal.buffer.active.baseY + n)?.translateToString(true) ?? '';
  const screen = (): string =>
    Array.from({ length: terminal.rows }, (_, n) => line(n))
      .join('\n')
      .trimEnd();
  const until: Person['until'] = async (what, look) => {
    for (const end = Date.now() + 30_000; Date.now() < end; ) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`never came: ${what}; the screen was\n${screen()}\n${isOver ? '(it had ended)' : ''}`);
  };
  const holds = (what: string | RegExp): boolean =>
    typeof what === 'string' ? screen().includes(what) : what.test(screen());
  return {
    pid: child.pid,
    screen,
    row: line,
    cursor: () => ({ row: terminal.buffer.active.cursorY, column: terminal.buffer.active.cursorX }),
    isOtherScreen: () => terminal.buffer.active.type === 'alternate',
    type: (keys) => child.write(keys),
    resize: ({ columns, rows }) => {
      terminal.resize(columns, rows);
      child.resize(columns, rows);
    },
    sees: (what) => until(`"${what}" on the screen`, () => holds(what)),
    seesNot: (what) => until(`"${what}" gone from the screen`, () => !holds(what)),
    until,
    bytes: () => bytes,
    ended,
    hangUp: () => (child as unknown as { destroy(): void }).destroy(),
    close: () => {
      if (!isOver) child.kill('SIGKILL');
      terminal.dispose();
    },
  };
}
