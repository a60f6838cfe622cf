import { refused, TendError } from '../../model/error.js';
import { type Started, startPulse } from '../../ops/pulse-process.js';
import { loadConfig } from '../../store/config.js';
import type { Context, Verb, VerbInput, VerbResult } from '../verb.js';
import { serviceDeps } from './service-install.js';

/** Starting twice, at once or later, ends with one pulse: the second finds the first and says so. */
export const verb: Verb = {
  path: ['up'],
  group: 'start',
  about: 'Start the pulse, detached, or say that it already runs',
  details:
    'The pulse senses, decides and acts until "tend down". Its own output goes to pulse/pulse.log in the data dir. With --foreground it stays ' +
    'in this terminal and writes its log to stdout, for containers and debugging; TERM lets it finish the beat. When the service is installed ' +
    '("tend service install"), the pulse is started through it, and started again after a crash.',
  flags: {
    foreground: { type: 'boolean', about: 'stay in the foreground and log to stdout' },
    json: { type: 'boolean', about: 'log as one JSON object a line; detached: print {state, pid}' },
  },
  exits: {
    1: 'not initialised, a runner is missing, the pulse before is still ending, or the pulse was not seen alive',
  },
  human: true,
  examples: [
    { line: 'tend up', about: 'start in the background' },
    { line: 'tend up --foreground --json', about: 'run under a supervisor' },
  ],
  async run(input, context) {
    await requireReady(context);
    if (input.flags['foreground']) return foreground(input, context);
    const started = await startDetached(context, { json: input.flags['json'] === true });
    switch (started.state) {
      case 'already-running':
        return { text: `pulse already running, pid ${started.pid}`, json: started };
      case 'started':
        return { text: `pulse started, pid ${started.pid}`, json: started };
      case 'still-ending':
        throw refused(
          'still-ending',
          `Cannot start: the pulse before, pid ${started.pid}, was told to end and is still at its last beat`,
          'tend down',
        );
      case 'not-seen':
        throw new TendError(
          'failed',
          `Cannot start the pulse: it was not seen alive${started.log ? `; it said: ${started.log}` : ''}`,
          {
            code: 'not-seen',
            hint: 'tend up --foreground',
          },
        );
    }
  },
};

/** Throws when a pulse could not do its work: no config, a runner that is not there. Warns of what its CLI would ask. */
export async function requireReady({ disk, profile, env, warn }: Context): Promise<void> {
  const { config, exists } = loadConfig(profile.configPath);
  if (!exists)
    throw refused('not-initialised', `Cannot start: there is no config "${profile.configPath}"`, 'tend init');
  const { preflight } = await import('../../ops/preflight.js');
  preflight(config, env, disk.root);
  const { firstRunWarnings } = await import('../../ops/first-run.js');
  for (const warning of firstRunWarnings(config, env, disk.root)) warn(warning);
}

/** Through the service where one is installed, else by ourselves. `json`: how the pulse logs. */
export const startDetached = async (context: Context, { json }: { json: boolean }): Promise<Started> => {
  const { disk, profile, env, bin } = context;
  return (await throughService(context)) ?? startPulse({ disk, profile, env, bin, json });
};

/** Started by the service manager; undefined when no service is installed or its manager does not answer. */
async function throughService(context: Context): Promise<Started | undefined> {
  const { openService } = await import('../../ops/service/service.js');
  const service = openService(serviceDeps(context));
  if (service.file !== 'ours') return undefined;
  const { startByService } = await import('../../ops/service/start.js');
  const started = await startByService(context.disk, service.manager, service.place);
  if (started.state === 'unreachable') {
    context.warn(`the service is not used: ${started.words}`);
    return undefined;
  }
  if (started.state !== 'refused') return started;
  throw new TendError('failed', `Cannot start the pulse through its service: ${started.words}`, {
    code: 'service-refused',
    hint: 'tend service status',
  });
}

/** Also what the internal verb `pulse` does. The pulse's log is all of stdout. */
export async function foreground(input: VerbInput, { becomePulse }: Pick<Context, 'becomePulse'>): Promise<VerbResult> {
  if (!becomePulse) throw refused('no-foreground', 'Cannot run the pulse in this client', 'tend up');
  const exit = await becomePulse(input.flags['json'] === true ? ['--json'] : []);
  return { text: '', ownsStdout: true, exit };
}
