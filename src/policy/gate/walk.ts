/** What the parts of the walk over a parse tree share. Pure. */
import type { Arg } from './arg.js';
import { secretIn } from './secrets.js';
import type { Objection } from './verdict.js';

export interface Walk {
  source: string;
  /** Judges one command; gives the reason to ask. */
  onCommand(args: readonly Arg[], part: string): Objection | undefined;
  /** Loop bodies may be judged this often in all. */
  rounds: { left: number };
  /** Whether a pipe or a redirect in front of the place that is judged may bring it something to read. */
  stdin: { fed: boolean };
}

export interface Span {
  pos: number;
  end: number;
}
export type Result = Objection | undefined;

export const slice = (walk: Walk, { pos, end }: Span): string => walk.source.slice(pos, end);
export const ask = (walk: Walk, span: Span, reason: string): Objection => ({
  verdict: 'ask',
  reason,
  part: slice(walk, span),
});
export const MORE = 'there is more in it than the shell parser has read';

export const secretOf = (walk: Walk, span: Span, arg: Arg): Result => {
  const secret = secretIn(arg);
  return secret ? ask(walk, span, secret) : undefined;
};
