/**
 * The stop key (Ctrl-Z) for a program that has its terminal raw and to itself: the terminal is given back, then the program and
 * its group stop as any job of a shell does; when they go on the terminal is taken anew. So it is also when somebody else sent
 * the stop, or a STOP that nobody hears: what was done to the terminal meanwhile is undone. Linux and macOS alike.
 */

export interface JobControl {
  /** Stops now. Where no shell could let us go on (the terminal was opened for this program alone) nothing stops, and the screen is painted anew. */
  stop(): void;
  /** From now on stop and continue signals are heard: the terminal is ours. */
  hear(): void;
  /** They do what they do by default: somebody else has the terminal. */
  deaf(): void;
  /** Forgets a stop that is under way. */
  close(): void;
}

export interface JobHands {
  giveBack(): void;
  /** Takes the terminal and paints everything anew. */
  take(): void;
}

/** A stop signal takes effect at once or, in a group that no shell waits for, never. */
const NOT_STOPPED_MS = 100;

export function openJobControl({ giveBack, take }: JobHands): JobControl {
  let timer: NodeJS.Timeout | undefined;
  const forget = () => {
    clearTimeout(timer);
    process.off('SIGCONT', goOn);
  };
  const takeAnew = () => {
    take();
    // The window may have changed its size while others had it, which is told to nobody but those in front.
    process.kill(process.pid, 'SIGWINCH');
  };
  const goOn = () => {
    forget();
    takeAnew();
  };
  const afterStop = () => {
    giveBack();
    takeAnew();
  };
  const stop = () => {
    giveBack();
    process.on('SIGCONT', goOn);
    process.kill(0, 'SIGTSTP');
    timer = setTimeout(goOn, NOT_STOPPED_MS);
  };
  const deaf = () => {
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', afterStop);
  };
  return {
    stop,
    hear() {
      process.on('SIGTSTP', stop);
      process.on('SIGCONT', afterStop);
    },
    deaf,
    close() {
      deaf();
      forget();
    },
  };
}
