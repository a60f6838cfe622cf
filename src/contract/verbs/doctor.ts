import type { CheckReport } from '../../ops/doctor/check.js';
import type { Verb } from '../verb.js';
import { DOCTOR_EXITS, renderDoctor, totals } from '../views/doctor.js';

/** Looks at everything and changes nothing. Whatever is broken is a finding, so it answers where other verbs refuse. */
export const verb: Verb = {
  path: ['doctor'],
  group: 'see',
  about: 'Check everything that tend needs, with a cure for what is wrong',
  details:
    'A finding is "ok", "note" (worth knowing, nothing is wrong), "warn" (it works, and not as it should) or "fail" (something will not work). It reads only, and ' +
    'starts nothing but the agent CLIs that the config names, for their version, and the service manager.',
  flags: {
    all: { type: 'boolean', about: 'also show what is well, and notes' },
    json: {
      type: 'boolean',
      about: 'print {level, counts, data_dir, version, checks:[{id, about, level, findings:[{level, what, cure}]}]}',
    },
  },
  exits: DOCTOR_EXITS,
  anyFormat: true,
  examples: [
    { line: 'tend doctor', about: 'what is wrong, and what to type' },
    { line: 'tend doctor --json', about: 'for scripts; 0, 1 or 2 says the worst' },
  ],
  async run({ flags }, context) {
    const { runChecks } = await import('../../ops/doctor/check.js');
    const { CHECKS } = await import('../../ops/doctor/registry.js');
    const { doctorWorld } = await import('../doctor-world.js');
    const world = await doctorWorld(context);
    const checks: CheckReport[] = await runChecks(CHECKS, world);
    const { level, counts, exit } = totals(checks);
    const { version, disk } = world;
    return {
      text: renderDoctor(checks, { all: flags['all'] === true, version, dataDir: disk.root }),
      json: { level, counts, data_dir: disk.root, version, checks },
      exit,
    };
  },
};
