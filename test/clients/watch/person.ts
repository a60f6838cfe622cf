/** A person at a terminal: the built program on a real pty, keys typed, and the screen read back as they see it. */
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { BIN } from '../../contract/tend-process.js';

export type Person = ReturnType<typeof sitDown>;

interface Seat {
  env: NodeJS.ProcessEnv;
  columns?: number;
  rows?: number;
  term?: string;
  /** Another program in the place of tend, such as a shell. */
  program?: string;
}

export function sitDown(
  args: readonly string[],
  { env, columns = 80, rows = 24, term = 'xterm-256color', program }: Seat,
) {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  let bytes = '';
  let ended: { code: number; signal: number | undefined } | undefined;
  const [file, before] = program === undefined ? [process.execPath, [BIN]] : [program, []];
  const child = spawn(file, [...before, ...args], {
    cols: columns,
    rows,
    env: { ...env, TERM: term } as Record<string, string>,
  });
  child.onData((data) => {
    bytes += data;
    screen.write(data);
  });
  child.onExit(({ exitCode, signal }) => {
    ended = { code: exitCode, signal };
  });
  const lines = () =>
    Array.from({ length: screen.rows }, (_, at) => screen.buffer.active.getLine(at)?.translateToString(true) ?? '');
  return {
    pid: child.pid,
    type: (text: string) => child.write(text),
    resize(cols: number, to: number) {
      screen.resize(cols, to);
      child.resize(cols, to);
    },
    kill: (signal: string) => child.kill(signal),
    /** The screen, a string a row, blank ends left out. */
    lines,
    text: () => lines().join('\n'),
    /** A cell of the screen. */
    cell: (row: number, column: number) => screen.buffer.active.getLine(row)?.getCell(column),
    isAlternate: () => screen.buffer.active.type === 'alternate',
    bytes: () => bytes,
    ended: () => ended,
    leave() {
      try {
        child.kill('SIGKILL');
      } catch {
        // It has ended.
      }
      screen.dispose();
    },
  };
}
