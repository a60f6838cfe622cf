/** `tend completion SHELL`: which script. */
import type { Verb } from '../../../contract/verb.js';
import { badInput } from '../../../model/error.js';
import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { completionTables } from './tables.js';
import { zshScript } from './zsh.js';

const SCRIPTS: Readonly<Record<string, typeof bashScript>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The completion script of `shell` for these verbs. */
export function completionScript(shell: string, verbs: readonly Verb[]): string {
  const script = SCRIPTS[shell];
  if (!script)
    throw badInput(`Cannot complete for ${JSON.stringify(shell)}, wanted one of ${Object.keys(SCRIPTS).join(', ')}`);
  return script(completionTables(verbs));
}
