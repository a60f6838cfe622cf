import { IMPORT_EXITS, IMPORT_FLAGS, type Importer, runImport } from '../run-import.js';
import type { Verb } from '../verb.js';

/** Safe to repeat: what is there already is left as it is. */
export const verb: Verb = {
  path: ['import', 'looop'],
  group: 'other',
  about: 'Take over the data dir of a looop: goals, PLAYBOOK, sensors, asks, answers, schedules, reports',
  details:
    'Reads the directory of any version of that program, follows no link in it, and changes nothing there; stop its pulse first ("looop down"). A pending ask ' +
    'is pending here; answered ones go to the archive as acted on. What cannot be taken over is listed with the reason.\n\n' +
    'Its sensors are programs: they are shown, and taken over after your word (a question at a terminal, else --yes).',
  args: [{ name: 'dir', about: 'its data dir, such as ~/.local/state/looop', required: true, complete: 'files' }],
  flags: IMPORT_FLAGS,
  exits: IMPORT_EXITS,
  human: true,
  examples: [
    { line: 'tend import looop ~/.local/state/looop --dry-run', about: 'what would be made, and what not' },
    { line: 'tend import looop ~/.local/state/looop --yes', about: 'with its sensors' },
  ],
  run: async (input, context) => {
    const { isLooop, oldPulse, planLooop } = await import('../../ops/import/looop.js');
    const importer: Importer = {
      problem: (source) => (isLooop(source) ? undefined : 'it has neither a PLAYBOOK nor goals nor asks of a looop'),
      plan: planLooop,
    };
    const pid = oldPulse(String(input.args['dir']));
    if (pid !== undefined)
      context.warn(`its pulse seems to run (pid ${pid}): stop it with "looop down", or both will act`);
    return runImport(input, context, importer);
  },
};
