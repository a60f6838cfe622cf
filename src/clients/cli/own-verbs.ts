/** Verbs about the command line itself. They need the registry, so they live here and not in the contract. */
import type { Verb, VerbResult } from '../../contract/verb.js';
import type { Style } from './layout.js';
import type { Paths } from './manual.js';
import type { Registry } from './usage.js';

export interface OwnWorld {
  registry: Registry;
  version: string;
  style: Style;
  paths(): Paths;
}

/** `registry` with help, version, man and completion added: what the user sees as the verbs of tend. */
export function withOwnVerbs(world: OwnWorld): Registry {
  const all: Registry = {
    ...world.registry,
    help: async () => ({ verb: helpVerb(world, () => all) }),
    version: async () => ({ verb: versionVerb(world.version) }),
    man: async () => ({ verb: manVerb(world, () => all) }),
    completion: async () => ({ verb: completionVerb(() => all) }),
  };
  return all;
}

const helpVerb = (world: OwnWorld, all: () => Registry): Verb => ({
  path: ['help'],
  group: 'other',
  about: 'Print the manual, or the help of one verb',
  rest: { kind: 'command', name: 'verb', about: 'the words of a verb', required: false },
  examples: [{ line: 'tend help', about: 'everything: verbs, recipes, knobs, files, exit codes' }],
  run: async ({ words }) => {
    const { helpText } = await import('./help.js');
    return { text: await helpText(all(), words, world) };
  },
});

const versionVerb = (version: string): Verb => ({
  path: ['version'],
  group: 'other',
  about: 'Print the version',
  run: async (): Promise<VerbResult> => ({ text: `tend ${version}` }),
});

const manVerb = (world: OwnWorld, all: () => Registry): Verb => ({
  path: ['man'],
  group: 'other',
  about: 'Print the manual page tend(1)',
  examples: [{ line: 'tend man > ~/.local/share/man/man1/tend.1', about: 'install it; read it with "man tend"' }],
  run: async () => {
    const [{ manPage }, { visibleVerbs }] = await Promise.all([import('./man.js'), import('./manual.js')]);
    return { text: manPage(await visibleVerbs(all()), world.version) };
  },
});

const completionVerb = (all: () => Registry): Verb => ({
  path: ['completion'],
  group: 'other',
  about: 'Print the completion script of a shell',
  details: 'Completes verbs, flags, choices, and the live ids of asks, goals, sensors, workers, schedules and leases.',
  args: [{ name: 'shell', about: 'which shell', required: true, choices: ['bash', 'zsh', 'fish'] }],
  examples: [
    { line: 'tend completion bash > ~/.local/share/bash-completion/completions/tend', about: 'for bash' },
    { line: 'tend completion zsh > ~/.zfunc/_tend', about: 'for zsh, with ~/.zfunc in fpath before compinit' },
    { line: 'tend completion fish > ~/.config/fish/completions/tend.fish', about: 'for fish' },
  ],
  run: async ({ args }) => {
    const [{ completionScript }, { visibleVerbs }] = await Promise.all([
      import('./completion/script.js'),
      import('./manual.js'),
    ]);
    return { text: completionScript(args['shell'] ?? '', await visibleVerbs(all())) };
  },
});
