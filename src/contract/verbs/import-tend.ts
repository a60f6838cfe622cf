import { IMPORT_EXITS, IMPORT_FLAGS, type Importer, runImport } from '../run-import.js';
import type { Verb } from '../verb.js';

/** The counterpart of `export`. Safe to repeat. */
export const verb: Verb = {
  path: ['import', 'tend'],
  group: 'other',
  about: 'Take over a directory that "tend export" made',
  details:
    'Nothing that is here is overwritten without --force. Approvals that were open are not taken over, because a yes is bound to the data dir that asked: the loop asks anew. ' +
    'Workers do not move. A packed export is unpacked first.',
  args: [{ name: 'dir', about: 'the directory of the export', required: true, complete: 'files' }],
  flags: IMPORT_FLAGS,
  exits: IMPORT_EXITS,
  human: true,
  examples: [{ line: 'tend import tend ~/tend-2026-11-21 --dry-run', about: 'what would be made' }],
  run: async (input, context) => {
    const { exportProblem, planTend } = await import('../../ops/import/tend.js');
    const importer: Importer = { problem: exportProblem, plan: planTend };
    return runImport(input, context, importer);
  },
};
