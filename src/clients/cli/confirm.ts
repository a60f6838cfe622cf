/** One yes-or-no question to the person at the terminal, behind what it is about. Its pictures go to stderr: stdout is the verb's answer. */
import { confirm, isCancel } from '@clack/prompts';
import type { Dialogs } from '../../contract/dialogs.js';

/** What is shown may be longer than the screen, so it is printed plainly: it can be scrolled back to. */
export const askConfirm: NonNullable<Dialogs['confirm']> = async ({ title, lines, question }) => {
  process.stderr.write(`${[title, ...lines].join('\n')}\n`);
  const yes = await confirm({ message: question, initialValue: false, output: process.stderr });
  return !isCancel(yes) && yes;
};
