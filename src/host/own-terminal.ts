/** The terminal that this process runs on, lent to a worker: raw keys, the other screen, and everything back at the end. */
import type { TerminalSide } from './attach-wire.js';
import { openJobControl } from './job-control.js';

/** A terminal whose program may be stopped and go on, as a job of a shell. */
export interface OwnTerminal extends TerminalSide {
  /** From now on this program may be stopped; `again` paints everything when it goes on. */
  onGoOn(again: () => void): { stop(): void; close(): void };
}

/** Modes that programs switch on and may leave on: keyboard protocols, mouse, paste brackets, focus, margins, no wrap, hidden cursor, colours. */
const RESTORE =
  '\u001b[<u\u001b[?1l\u001b>\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1004l\u001b[?1006l\u001b[?2004l\u001b[r\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l\u001b[?25h';

/** Runs `work` on our terminal; whatever happens, the terminal is as it was before. */
export async function onOwnTerminal<T>(signal: AbortSignal, work: (terminal: OwnTerminal) => Promise<T>): Promise<T> {
  const { stdin, stdout } = process;
  const write = (data: string | Buffer) => void stdout.write(data);
  const wasRaw = stdin.isRaw === true;
  const restore = () => {
    write(RESTORE);
    if (stdin.isTTY) stdin.setRawMode(wasRaw);
  };
  process.once('exit', restore);
  // Its window was closed, or somebody ends us so: nobody else handles it, and without a handler nothing would be restored.
  const hungUp = () => process.exit(129);
  process.once('SIGHUP', hungUp);
  const take = () => {
    stdin.setRawMode(true);
    write('\u001b[?1049h\u001b[2J\u001b[H');
  };
  take();
  try {
    return await work({
      signal,
      write,
      size: () => ({ columns: terminalColumns(), rows: stdout.rows || 24 }),
      onInput: (take) => {
        stdin.on('data', take);
        // Whoever lent us the terminal has stopped reading it.
        stdin.resume();
        return () => {
          stdin.off('data', take);
          stdin.pause();
        };
      },
      onResize: (take) => {
        stdout.on('resize', take);
        return () => void stdout.off('resize', take);
      },
      onGoOn: (again) => {
        const job = openJobControl({
          giveBack: () => {
            job.deaf();
            restore();
          },
          take: () => {
            take();
            job.hear();
            again();
          },
        });
        job.hear();
        return job;
      },
    });
  } finally {
    process.off('exit', restore);
    process.off('SIGHUP', hungUp);
    restore();
  }
}

/** Columns of the terminal on stdout; 80 where there is none, and where a terminal says that it has 0. */
export const terminalColumns = (): number => process.stdout.columns || 80;
