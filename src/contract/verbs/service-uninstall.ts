import type { Verb } from '../verb.js';
import { renderUninstalled } from '../views/service.js';
import { serviceDeps } from './service-install.js';

export const verb: Verb = {
  path: ['service', 'uninstall'],
  group: 'start',
  about: 'Take the service away and stop the pulse that it runs; workers go on',
  details: 'A pulse that was started by hand is left alone. Without a service there is nothing to do, which is fine.',
  flags: {
    force: { type: 'boolean', about: 'also a unit of that name that tend did not write' },
    json: { type: 'boolean', about: 'print {service, file, removed, pulse, problems}' },
  },
  exits: { 1: 'a foreign unit of that name, or something could not be undone' },
  human: true,
  async run({ flags }, context) {
    const { uninstallService } = await import('../../ops/service/service.js');
    const done = await uninstallService(serviceDeps(context), { force: flags['force'] === true });
    const { place, removed, stopped, problems } = done;
    return {
      text: renderUninstalled(done),
      json: { service: place.name, file: place.file, removed, pulse: stopped, problems },
      exit: problems.length > 0 || stopped === 'survived' || stopped === 'unknown' ? 1 : 0,
    };
  },
};
