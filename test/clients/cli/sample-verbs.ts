/** Verbs of every shape the parser knows, for tests that must not depend on what the product offers. */

import type { CliWorld } from '../../../src/clients/cli/run.js';
import type { Registry } from '../../../src/clients/cli/usage.js';
import type { Context, Verb } from '../../../src/contract/verb.js';

const echo: Verb['run'] = async (input) => ({ text: JSON.stringify(input), json: input });

export const claim: Verb = {
  path: ['claim'],
  group: 'worker',
  about: 'Take a lease',
  args: [{ name: 'name', about: 'what to take', required: true, complete: 'leases' }],
  flags: { session: { type: 'string', about: 'who takes it' }, json: { type: 'boolean', about: 'as JSON' } },
  exits: { 1: 'somebody else holds it' },
  run: echo,
};

export const goalWrite: Verb = {
  path: ['goal', 'write'],
  group: 'steer',
  about: 'Write a goal',
  details: 'First paragraph.\n\nSecond one.',
  args: [{ name: 'id', about: 'which goal', required: true, complete: 'goals' }],
  rest: { kind: 'text', name: 'body', about: 'the goal', required: true },
  flags: {
    journal: { type: 'string', about: 'the journal line', value: 'LINE' },
    force: { type: 'boolean', about: 'anyway', alias: 'f' },
  },
  examples: [{ line: 'tend goal write docs "Keep it true"', about: 'a goal' }],
  human: true,
  run: echo,
};

export const goalArchive: Verb = {
  path: ['goal', 'archive'],
  group: 'steer',
  about: 'Archive a goal',
  args: [{ name: 'id', about: 'which goal', required: true, complete: 'goals' }],
  run: echo,
};

export const run: Verb = {
  path: ['run'],
  group: 'steer',
  about: 'Run a command',
  args: [{ name: 'where', about: 'which place', required: true, choices: ['here', 'there'] }],
  rest: { kind: 'command', name: 'cmd', about: 'the command', required: true },
  flags: { reason: { type: 'string', about: 'why' } },
  run: echo,
};

export const tell: Verb = {
  path: ['tell'],
  group: 'steer',
  about: 'Tell a worker',
  args: [{ name: 'worker', about: 'which', required: true }],
  rest: { kind: 'text', name: 'message', about: 'what', required: true, verbatim: true },
  run: echo,
};

export const list: Verb = {
  path: ['worker', 'list'],
  group: 'see',
  about: "List workers: the fleet's",
  flags: {
    since: { type: 'duration', about: 'not older', alias: 's', default: '1h' },
    limit: { type: 'count', about: 'at most' },
    state: { type: 'string', about: 'which', choices: ['live', 'dead'] },
    only: { type: 'strings', about: 'some' },
    all: { type: 'boolean', about: 'all', alias: 'a' },
    brief: { type: 'boolean', about: 'short', alias: 'b' },
    from: { type: 'string', about: 'a file', complete: 'files' },
  },
  run: echo,
};

export const note: Verb = {
  path: ['note'],
  group: 'other',
  about: 'Take a note',
  rest: { kind: 'text', name: 'text', about: 'the note', required: false },
  run: echo,
};

export const secret: Verb = { path: ['__secret'], group: 'other', about: 'Hidden', hidden: true, run: echo };

export const SAMPLE: Registry = Object.fromEntries(
  [claim, goalWrite, goalArchive, run, list, note, secret].map((verb) => [verb.path.join(' '), async () => ({ verb })]),
);

/** A world whose output is kept. The context has what the sample verbs use: nothing. */
export function sampleWorld(over: Partial<CliWorld> & { stdinText?: string; sessionId?: string } = {}) {
  const seen = { out: '', err: '' };
  const world: CliWorld = {
    registry: SAMPLE,
    version: '1.2.3',
    open: (reach) =>
      ({ ...reach, session: { user: 'u', ...(over.sessionId ? { id: over.sessionId } : {}) } }) as Context,
    profile: () => ({ dataDir: '/d', configPath: '/d/config.json', isDefault: false }),
    env: {},
    ancestorSession: async () => undefined,
    stdin: (async function* () {
      yield Buffer.from(over.stdinText ?? '');
    })(),
    tty: { in: false, out: false },
    columns: undefined,
    out: async (text) => {
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
    signal: new AbortController().signal,
    ...over,
  };
  return { world, seen };
}
