/** What makes tend comfortable and is no fault when it is missing: the service, completion, being told of asks. */
import { isThere } from '../../../host/presence.js';
import { configHome } from '../../../host/profile.js';
import { isObject } from '../../../lib/json.js';
import { lookAtService } from '../../service/service.js';
import { type Check, type DoctorWorld, type Finding, note, ok, warn } from '../check.js';

export const serviceCheck: Check = {
  id: 'service',
  about: 'the pulse starts with your login',
  look: async (world) => {
    const { place, file, current, running, unreachable, lingers } = await lookAtService(world);
    if (file === 'absent')
      return [note('no service is installed: after a login the pulse is started by hand', 'tend service install')];
    if (file === 'foreign') return [note(`"${place.file}" was not written by tend`, 'tend service install --force')];
    const found: Finding[] = [];
    if (!current) found.push(warn(`${place.name} starts another tend or Node than this one`, 'tend service install'));
    if (running === null)
      found.push(
        warn(`${place.name} is installed, and its manager does not answer: ${unreachable}`, 'tend service status'),
      );
    else if (!running.enabled) found.push(warn(`${place.name} is installed and not enabled`, 'tend service install'));
    else if (!running.active && world.life.alive)
      found.push(note('the pulse was started by hand; a crash ends it', 'tend down && tend up'));
    else if (running.state.startsWith('failed')) found.push(warn(`${place.name}: ${running.state}`, 'tend up'));
    if (lingers === false) found.push(note('the service runs only while you are logged in', 'loginctl enable-linger'));
    return found.some(({ level }) => level === 'warn')
      ? found
      : [ok(`${place.name}, ${running?.state ?? ''}`), ...found];
  },
};

/** Where each shell looks for the script of a program, by the name of the shell. */
const SCRIPTS: Readonly<Record<string, (world: DoctorWorld) => string[]>> = {
  bash: ({ env }) => [
    `${env['XDG_DATA_HOME'] || `${env['HOME']}/.local/share`}/bash-completion/completions/tend`,
    '/usr/share/bash-completion/completions/tend',
    '/usr/local/share/bash-completion/completions/tend',
  ],
  zsh: ({ env }) => [
    ...(env['FPATH'] ?? '').split(':').map((dir) => `${dir}/_tend`),
    `${env['HOME']}/.zfunc/_tend`,
    '/usr/local/share/zsh/site-functions/_tend',
    '/usr/share/zsh/site-functions/_tend',
  ],
  fish: ({ env }) => [
    `${configHome(env)}/fish/completions/tend.fish`,
    '/usr/share/fish/vendor_completions.d/tend.fish',
  ],
};

export const completionCheck: Check = {
  id: 'completion',
  about: 'your shell completes tend',
  look: (world) => {
    const shell = (world.env['SHELL'] ?? '').split('/').at(-1) ?? '';
    const places = SCRIPTS[shell]?.(world);
    if (!places) return [];
    const found = places.find((path) => isThere(path));
    return [found ? ok(found) : note(`${shell} does not complete tend, as far as can be seen`, `tend help completion`)];
  },
};

export const notifyCheck: Check = {
  id: 'notify',
  about: 'you are told of asks',
  look: ({ config }) => {
    const notify = config.loaded?.raw['notify'];
    return isObject(notify) && Object.keys(notify).length > 0
      ? [ok(Object.keys(notify).sort().join(', '))]
      : [note('nothing tells you of an ask: you see it when you look', 'tend help notify')];
  },
};
