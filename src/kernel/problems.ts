/**
 * What a human should know, as long as it is so. A round says anew what is wrong; what was said before stays shown until the round
 * has ended, so that whoever looks in the middle of it misses nothing.
 */
export interface Problems {
  say(text: string): void;
  /** Begins a round; the returned function ends it, and forgets what was not said in it. */
  begin(): () => void;
  shown(): string[];
}

export function problemList(): Problems {
  let shown = new Set<string>();
  let said = new Set<string>();
  return {
    say(text) {
      shown.add(text);
      said.add(text);
    },
    begin() {
      const round = new Set<string>();
      said = round;
      return () => {
        shown = new Set(round);
      };
    },
    shown: () => [...shown],
  };
}
