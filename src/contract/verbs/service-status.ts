import type { Verb } from '../verb.js';
import { renderService } from '../views/service.js';
import { serviceDeps } from './service-install.js';

/** Reads only. */
export const verb: Verb = {
  path: ['service', 'status'],
  group: 'see',
  about: 'Say whether the service is installed, enabled and running',
  flags: {
    json: {
      type: 'boolean',
      about: 'print {service, file, installed, foreign, current, enabled, active, state, pid, lingers, unreachable}',
    },
  },
  exits: { 1: 'not installed, or not running' },
  async run(_input, context) {
    const { lookAtService } = await import('../../ops/service/service.js');
    const look = await lookAtService(serviceDeps(context));
    const { place, file, running, current, unreachable } = look;
    return {
      text: renderService(look),
      json: {
        service: place.name,
        file: place.file,
        installed: file === 'ours',
        foreign: file === 'foreign',
        current,
        enabled: running?.enabled ?? null,
        active: running?.active ?? null,
        state: running?.state ?? null,
        pid: running?.pid ?? null,
        lingers: look.lingers,
        unreachable,
      },
      exit: file === 'ours' && running?.active === true ? 0 : 1,
    };
  },
};
