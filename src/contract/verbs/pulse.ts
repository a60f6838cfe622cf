import type { Verb } from '../verb.js';
import { foreground } from './up.js';

/** The loop body in the foreground, without the checks of `up`: for supervisors that have made them. */
export const verb: Verb = {
  path: ['pulse'],
  group: 'other',
  about: 'Run the pulse in the foreground (what "tend up" starts)',
  flags: { json: { type: 'boolean', about: 'log as one JSON object a line' } },
  exits: { 1: 'another pulse runs' },
  human: true,
  hidden: true,
  run: foreground,
};
