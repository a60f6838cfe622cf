/**
 * What ended children left behind under their marks, for many children at once. A look at the process table costs milliseconds,
 * so the children of one beat share it: while there is something to look for now and then, and once more before `done` returns.
 */
import { marksLeft, stopTree } from './kill.js';

export interface Sweep {
  /** The child with this mark has ended; whoever still carries the mark is to end as well. */
  add(mark: string): void;
  /** Resolves when nobody carries a mark that was added before the call. */
  done(): Promise<void>;
}

/** How long a leftover may live while other children keep the beat busy. */
const LOOK_MS = 500;

export function markSweep(): Sweep {
  let added = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  const look = () => {
    clearTimeout(timer);
    timer = undefined;
    const left = marksLeft(added);
    added = new Set();
    ending = Promise.all([ending, ...left.map((mark) => stopTree(0, mark, 0))]);
  };
  return {
    add(mark) {
      added.add(mark);
      timer ??= setTimeout(look, LOOK_MS);
    },
    async done() {
      if (added.size > 0) look();
      await ending;
    },
  };
}
