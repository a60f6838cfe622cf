import { refused } from '../../model/error.js';
import { loadConfig } from '../../store/config.js';
import type { Context, Verb } from '../verb.js';
import { renderInstalled } from '../views/service.js';

/** Safe to repeat: the second time nothing is written and the pulse that runs goes on. */
export const verb: Verb = {
  path: ['service', 'install'],
  group: 'start',
  about: 'Have the pulse start with your login, and again after a crash',
  details:
    'Writes a systemd user unit (on macOS a launchd agent), enables it and starts the pulse through it; a pulse that you had started by hand is ended first, its ' +
    'workers and commands go on. Each data dir has a service of its own. It starts the pulse again after a crash, and not after "tend down": then the pulse stays ' +
    'down until "tend up", which starts it through the service, or until your next login.\n\n' +
    'PATH and the TEND_ settings are those of this moment; run it again when they or your Node have moved. No key is written into the unit: log the agent CLI in, ' +
    'or put NAME=value lines into service.env beside the config (systemd only). Without a systemd that answers the unit is written and what is left to type is said.',
  flags: {
    force: { type: 'boolean', about: 'also over a unit of that name that tend did not write; a copy of it is kept' },
    'no-start': { type: 'boolean', about: 'write and enable it, and leave the pulse as it is' },
    json: { type: 'boolean', about: 'print {service, file, wrote, copy, enabled, pid, took_over, problems, todo}' },
  },
  exits: { 1: 'not initialised, a foreign unit of that name, or the manager refused' },
  human: true,
  examples: [{ line: 'tend service install', about: 'then: systemctl --user status tend' }],
  async run({ flags }, context) {
    const { exists } = loadConfig(context.profile.configPath);
    if (!exists)
      throw refused(
        'not-initialised',
        `Cannot install a service: there is no config "${context.profile.configPath}"`,
        'tend init',
      );
    const { installService } = await import('../../ops/service/service.js');
    const done = await installService(serviceDeps(context), {
      force: flags['force'] === true,
      start: flags['no-start'] !== true,
    });
    const { place, wrote, copy, enabled, pid, tookOver, problems, todo } = done;
    return {
      text: renderInstalled(done),
      json: { service: place.name, file: place.file, wrote, copy, enabled, pid, took_over: tookOver, problems, todo },
      // Where no manager answers the file is all that could be made, and what is left is said.
      exit: enabled && problems.length > 0 ? 1 : 0,
    };
  },
};

/** What the service's functions need of a verb's context. */
export const serviceDeps = ({ disk, profile, env, bin, signal }: Context) => ({ disk, profile, env, bin, signal });
