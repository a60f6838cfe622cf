/** How long the ledger keeps what (specs/loops.md 6.6): numbers of `tend loops gc` and the pulse, a part of KNOBS. */
import type { Knob } from './knob.js';

export const RETENTION_KNOBS = {
  rowDays: {
    env: 'TEND_LEDGER_ROW_DAYS',
    config: 'ledger.row_days',
    default: 365,
    min: 0,
    unit: 'count',
    about: 'days for which the row of each run is kept; 0 = for ever',
  },
  outputDays: {
    env: 'TEND_LEDGER_OUTPUT_DAYS',
    config: 'ledger.output_days',
    default: 30,
    min: 0,
    unit: 'count',
    about: 'days for which files of loops, workflows and objectives are kept; 0 = for ever',
  },
  outputBytes: {
    env: 'TEND_LEDGER_OUTPUT_BYTES',
    config: 'ledger.output_bytes',
    default: 2 * 1024 * 1024 * 1024,
    min: 0,
    unit: 'bytes',
    about: 'size of those files together, beyond which the oldest go; 0 = no limit',
  },
  outputRuns: {
    env: 'TEND_LEDGER_OUTPUT_RUNS',
    config: 'ledger.output_runs',
    default: 20,
    min: 0,
    unit: 'count',
    about: 'newest runs of each loop and workflow whose files are kept however old and large they are',
  },
  trashDays: {
    env: 'TEND_TRASH_DAYS',
    config: 'ledger.trash_days',
    default: 7,
    min: 0,
    unit: 'count',
    about: 'days for which a removed loop lies in trash/; 0 = for ever',
  },
} as const satisfies Record<string, Knob>;
