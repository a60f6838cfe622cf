import { messageOf } from '../../model/error.js';
import type { Said } from '../../ops/service/manager.js';
import type { Context, Verb } from '../verb.js';
import { serviceDeps } from './service-install.js';
import { requireReady } from './up.js';

/** `tend service install` in the words of @hasna/loops: without --enable nothing but the file is made. */
export const verb: Verb = {
  path: ['loops', 'daemon', 'install'],
  group: 'loops',
  about: 'Write the service that starts the pulse with your login, and say what to type',
  details: '"tend service install" does all of it at once, and takes over from a pulse that you had started by hand.',
  flags: {
    enable: { type: 'boolean', about: 'also enable and start it, and say how that went' },
    force: { type: 'boolean', about: 'also over a unit of that name that tend did not write; a copy of it is kept' },
    json: { type: 'boolean', alias: 'j', about: 'print {platform, path, instructions, enableResults}' },
  },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops daemon install', about: 'then type the lines that it prints' }],
  async run({ flags }, context) {
    await requireReady(context);
    const { installService } = await import('../../ops/service/service.js');
    const force = flags['force'] === true;
    const { place, todo } = await installService(serviceDeps(context), { force, start: false, enable: false });
    const results = flags['enable'] === true ? await enabled(context) : undefined;
    const lines = (results ?? []).map(({ command, result }) => `${command} -> ${result}`);
    return {
      text: [`wrote ${place.file}`, ...todo, ...lines].join('\n'),
      json: {
        platform: place.kind,
        path: place.file,
        instructions: todo,
        ...(results ? { enableResults: results } : {}),
      },
    };
  },
};

interface EnableResult {
  command: string;
  /** `ok`, or what the manager said. */
  result: string;
}

/** Each step of the manager with its outcome; one that fails is told, and is no failure of the verb: the file is there. */
async function enabled(context: Context): Promise<EnableResult[]> {
  const { openService } = await import('../../ops/service/service.js');
  const { manager, place } = openService(serviceDeps(context));
  const steps: [string, () => Promise<Said>][] =
    place.kind === 'systemd'
      ? [
          ['systemctl --user daemon-reload', manager.reload],
          [`systemctl --user enable ${place.name}`, manager.enable],
          [`systemctl --user start ${place.name}`, manager.start],
        ]
      : [
          [`launchctl enable ${place.name}`, manager.enable],
          [`launchctl bootstrap ${place.name}`, manager.start],
        ];
  const results: EnableResult[] = [];
  for (const [command, step] of steps) {
    const result = await step().then(
      (said) => (said.state === 'ok' ? 'ok' : `failed: ${said.words}`),
      (error: unknown) => `failed: ${messageOf(error)}`,
    );
    results.push({ command, result });
  }
  return results;
}
