/** The terminal of a client that paints a whole screen, and what it can be lent to: an editor, a worker. */
import { now } from '../../host/clock.js';
import { editText } from '../../host/edit-text.js';
import { openWholeScreen, type ScreenEvents, type WholeScreen } from '../../host/whole-screen.js';
import { refused } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import type { Context } from '../verb.js';

export type { ScreenEvents, WholeScreen };

/** Unix seconds, for the ages on a screen. */
export const nowTs = (): number => unixSeconds(now());

/** Takes the terminal. Refuses where stdin or stdout is none; `instead` is the verb that serves a script. */
export function takeTerminal(context: Context, events: ScreenEvents, instead: string): WholeScreen {
  if (context.tty.in && context.tty.out && context.terminal) return openWholeScreen(context.terminal, events);
  const which = context.tty.in ? 'stdout is' : context.tty.out ? 'stdin is' : 'stdin and stdout are';
  throw refused('no-terminal', `Cannot open the screen: ${which} no terminal, and a screen needs one on both`, instead);
}

/**
 * Hands the screen to `$VISUAL` or `$EDITOR` with `text` in it. `take` gets what was saved; when it throws, the text stays in its
 * file, which the error names. Returns what `take` returns.
 */
export async function editOnScreen<T>(
  context: Context,
  screen: WholeScreen,
  edit: { text: string; name: string; take(text: string): Promise<T> },
): Promise<T> {
  const { env, disk } = context;
  const edited = await screen.lend(() => editText({ text: edit.text, name: edit.name, env, dataDir: disk.root }));
  try {
    const result = await edit.take(edited.text);
    edited.discard();
    return result;
  } catch (error) {
    if (edited.text === edit.text) edited.discard();
    else (error as Error).message += `; your text is kept in ${edited.path}`;
    throw error;
  }
}
