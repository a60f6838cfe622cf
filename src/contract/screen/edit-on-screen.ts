/** A screen lent to the person's editor. */
import { editText } from '../../host/edit-text.js';
import type { WholeScreen } from '../../host/whole-screen.js';
import type { Context } from '../verb.js';

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
