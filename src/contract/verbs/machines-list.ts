import { selfIdentity } from '../../host/process-identity.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['machines', 'list'],
  group: 'loops',
  about: 'List the machines that loops can run on: this one',
  flags: { json: { type: 'boolean', alias: 'j', about: 'print an array of {id,hostname,local}' } },
  exitStyle: 'loops',
  examples: [{ line: 'tend machines list', about: 'its name is what --machine takes, besides "local"' }],
  async run() {
    const { host } = selfIdentity();
    return { text: `local  ${host}`, json: [{ id: 'local', hostname: host, local: true }] };
  },
};
