/** The terminal of a client that paints a whole screen. */
import { now } from '../../host/clock.js';
import { openWholeScreen, type ScreenEvents, type WholeScreen } from '../../host/whole-screen.js';
import { isDumbTerminal } from '../../lib/dumb-terminal.js';
import { refused } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import type { Context } from '../verb.js';

export type { ScreenEvents, WholeScreen };

/** Unix seconds, for the ages on a screen. */
export const nowTs = (): number => unixSeconds(now());

/** Takes the terminal. Refuses where stdin or stdout is none, or the shell of Emacs; `instead` is the verb that serves a script. */
export function takeTerminal(context: Context, events: ScreenEvents, instead: string): WholeScreen {
  if (context.tty.out && isDumbTerminal(context.env))
    throw refused(
      'no-terminal',
      'Cannot open the screen: this is a shell of Emacs (TERM is "dumb"), and a screen needs a terminal that can move its cursor',
      instead,
    );
  if (context.tty.in && context.tty.out && context.terminal) return openWholeScreen(context.terminal, events);
  const which = context.tty.in ? 'stdout is' : context.tty.out ? 'stdin is' : 'stdin and stdout are';
  throw refused('no-terminal', `Cannot open the screen: ${which} no terminal, and a screen needs one on both`, instead);
}
