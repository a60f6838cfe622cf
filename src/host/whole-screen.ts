/**
 * A terminal that one of our screens has to itself: raw keys, the other screen, paste brackets. Whatever ends the process but
 * KILL (a return, a throw from anywhere, a signal), the terminal is as it was found before a word about it is printed.
 */
import { StringDecoder } from 'node:string_decoder';
import { openJobControl } from './job-control.js';

export interface Streams {
  in: NodeJS.ReadStream;
  out: NodeJS.WriteStream;
}

export interface ScreenEvents {
  /** Keys as they come, whole UTF-8 characters. */
  onKeys(text: string): void;
  /** Nothing of what was painted need stand there any more. */
  onResize(): void;
  /** The terminal is gone (its window was closed), or a signal asks us to end. 0: it is gone without a signal. */
  onEnd(signalNumber: number): void;
}

export interface WholeScreen {
  write(text: string): void;
  size(): { columns: number; rows: number };
  /** Gives the terminal to another program for as long as `work` takes: as it was found, with nobody of us reading it. */
  lend<T>(work: () => Promise<T>): Promise<T>;
  /** Stops this program as the terminal's stop key does (Ctrl-Z); when it goes on, `onResize` is told to paint everything. */
  stop(): void;
  /** Safe to call twice. */
  close(): void;
}

/** The other screen, its cursor hidden, pastes in brackets. */
const ENTER = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?2004h\u001b[?25l';
const LEAVE = '\u001b[0m\u001b[?2026l\u001b[?2004l\u001b[?25h\u001b[?1049l';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** Takes the terminal. The streams must be a terminal. */
export function openWholeScreen(streams: Streams, events: ScreenEvents): WholeScreen {
  const { in: input, out } = streams;
  const wasRaw = input.isRaw === true;
  let isOurs = false;
  // Not the stream's own decoder: who borrows the terminal wants bytes.
  const decoder = new StringDecoder('utf8');
  const onKeys = (bytes: Buffer) => events.onKeys(decoder.write(bytes));
  const onGone = () => events.onEnd(0);
  const take = () => {
    isOurs = true;
    input.setRawMode(true);
    out.write(ENTER);
    input.on('data', onKeys);
    input.resume();
    job.hear();
  };
  const giveBack = () => {
    if (!isOurs) return;
    isOurs = false;
    // While it is lent, the stop key of whoever borrowed it stops us as well: the shell waits for us.
    job.deaf();
    input.off('data', onKeys);
    input.pause();
    try {
      out.write(LEAVE);
      input.setRawMode(wasRaw);
    } catch {
      // The terminal is gone: nobody is left to see it.
    }
  };
  const job = openJobControl({
    giveBack,
    take: () => {
      take();
      events.onResize();
    },
  });
  const undo = whenItEnds(streams, { giveBack, onGone, events });
  take();
  return {
    write: (text) => {
      if (isOurs) out.write(text);
    },
    size: () => ({ columns: out.columns || 80, rows: out.rows || 24 }),
    async lend(work) {
      giveBack();
      const deaf = ignoreInterrupts();
      try {
        return await work();
      } finally {
        deaf();
        take();
      }
    },
    stop: job.stop,
    close() {
      giveBack();
      job.close();
      undo();
    },
  };
}

interface Endings {
  giveBack(): void;
  onGone(): void;
  events: ScreenEvents;
}

/** Watches for every way in which this can end; the returned function stops watching. */
function whenItEnds({ in: input, out }: Streams, { giveBack, onGone, events }: Endings): () => void {
  const onSignal = (signal: NodeJS.Signals) => events.onEnd(SIGNALS[signal as keyof typeof SIGNALS]);
  process.once('exit', giveBack);
  // Before whoever prints the error: it belongs on the screen that stays.
  process.prependListener('uncaughtException', giveBack);
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) process.on(signal, onSignal);
  for (const name of ['end', 'close', 'error'] as const) input.on(name, onGone);
  out.on('error', onGone);
  out.on('resize', events.onResize);
  return () => {
    process.off('exit', giveBack);
    process.off('uncaughtException', giveBack);
    for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) process.off(signal, onSignal);
    for (const name of ['end', 'close', 'error'] as const) input.off(name, onGone);
    out.off('error', onGone);
    out.off('resize', events.onResize);
  };
}

/** Ctrl-C in a borrowed terminal reaches us as well as the borrower, whose it is: nobody of us hears it until the call. */
function ignoreInterrupts(): () => void {
  const heard = process.listeners('SIGINT');
  const ignore = () => {};
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', ignore);
  return () => {
    process.off('SIGINT', ignore);
    for (const listener of heard) process.on('SIGINT', listener as NodeJS.SignalsListener);
  };
}
