/**
 * Shell text → verdict. Pure, never throws, always ends: a text is parsed once, wrappers a few levels deep, loops a bounded
 * number of times. Refused if anything catastrophic is written anywhere in it; allowed if every character is accounted for
 * and every command is known to be harmless; asked otherwise.
 */
import { parse } from 'unbash';
import type { Arg } from './arg.js';
import { everythingIn } from './everything.js';
import { hasUnseen } from './gaps.js';
import { objectionTo } from './program.js';
import { walkScript } from './tree.js';
import type { Court, Objection } from './verdict.js';

/** Every command that an allowed text runs, with the words that were judged. */
export type OnCommand = (args: readonly Arg[]) => void;

/** A wrapper in a wrapper: deeper is asked. */
const DEPTH = 4;
/** Bodies of loops that are judged for one text: a beat may not hang on a command that multiplies. */
const ROUNDS = 100;

/** What speaks against running this text unasked; undefined: nothing. */
export function objectionToText(text: string, onCommand: OnCommand = () => {}): Objection | undefined {
  const { catastrophe } = everythingIn(text);
  if (catastrophe) return { verdict: 'refuse', ...catastrophe };
  try {
    return judgeText(text, { depth: DEPTH, rounds: { left: ROUNDS }, stdin: { fed: false }, onCommand });
  } catch {
    // A table or the parser met something that nobody thought of: then nothing is known about the text.
    return { verdict: 'ask', reason: 'it could not be judged', part: text };
  }
}

interface Trial {
  depth: number;
  rounds: { left: number };
  stdin: { fed: boolean };
  onCommand: OnCommand;
}

function judgeText(text: string, trial: Trial): Objection | undefined {
  const ask = (reason: string): Objection => ({ verdict: 'ask', reason, part: text });
  if (trial.depth < 0) return ask('it is nested too deep');
  if (hasUnseen(text)) return ask('it contains characters that cannot be seen');
  const script = parse(text);
  const [error] = script.errors ?? [];
  if (error) return ask(`the shell parser says: ${error.message}`);
  const court: Court = {
    stdin: trial.stdin,
    handsOn: /xargs|-exec|\bread\b/.test(text),
    command: (args) => {
      if (trial.depth <= 0) return 'it is nested too deep';
      const reason = objectionTo(args, court);
      if (reason === undefined) trial.onCommand(args);
      return reason;
    },
    text: (inner) => judgeText(inner, { ...trial, depth: trial.depth - 1 })?.reason,
  };
  return walkScript(
    {
      source: text,
      rounds: trial.rounds,
      stdin: trial.stdin,
      onCommand: (args, part) => {
        const reason = court.command(args);
        return reason === undefined ? undefined : { verdict: 'ask', reason, part };
      },
    },
    script,
  );
}
