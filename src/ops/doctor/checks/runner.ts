/** Who decides and who works: are their programs here, answered beforehand, and with keys? Values of keys are never looked at. */
import type { Config } from '../../../model/config.js';
import { messageOf, TendError } from '../../../model/error.js';
import { runnerBinaries } from '../../../runners/command.js';
import { keyNames } from '../../../runners/provider-keys.js';
import { runnerOf, runnerOfCommand } from '../../../runners/registry.js';
import type { Runner } from '../../../runners/runner.js';
import { firstRunWarnings } from '../../first-run.js';
import { launchCommands, preflight } from '../../preflight.js';
import { runnerRow } from '../../runners.js';
import { type Check, type DoctorWorld, type Finding, fail, note, ok, warn } from '../check.js';

export const runnerCheck: Check = {
  id: 'runner',
  about: 'the runner: its programs are on PATH and say their version',
  look: async (world) => {
    const config = world.config.loaded?.config;
    if (!config) return [];
    const commands = launchCommands(config);
    try {
      // What else it refuses (an unsafe data dir) is the finding of another check.
      if (commands.length > 0) preflight(config, world.env, world.disk.root);
    } catch (error) {
      if (!(error instanceof TendError) || error.code !== 'runner-missing') return [];
      return [fail(messageOf(error), error.hint ?? 'tend init')];
    }
    const runner = runnerOf(config);
    const known = [
      ...new Set(commands.map(({ command }) => runnerOfCommand(command)).filter((one) => one !== undefined)),
    ];
    const rows = await Promise.all(known.map((one) => versionFinding(one, world)));
    const own = ownPrograms(config);
    return [
      ...(runner.isEmbedded ? [ok('embedded: the rules of the goals decide, no model is called')] : []),
      ...rows,
      ...(rows.length === 0 && own.length > 0 ? [ok(`${runner.name}: ${own.join(', ')}`)] : []),
      ...(config.worker_command ? [] : [note('no worker command is configured: workers cannot start', 'tend init')]),
    ];
  },
};

const ownPrograms = (config: Config): string[] => [
  ...new Set(launchCommands(config).flatMap(({ command }) => runnerBinaries(command))),
];

async function versionFinding(runner: Runner, { env, disk, signal }: DoctorWorld): Promise<Finding> {
  const row = await runnerRow(runner, env, { cwd: disk.root, signal });
  return row.version === null
    ? warn(
        `${row.path ?? runner.name} did not say its version: it may not start at all`,
        `${runner.program?.name} ${runner.program?.version.join(' ')}`,
      )
    : ok(`${runner.name} ${row.version} at ${row.path}`);
}

export const firstRunCheck: Check = {
  id: 'first-run',
  about: 'what the worker CLI asks at its first start is answered',
  look: ({ config, env, disk }) => {
    if (!config.loaded) return [];
    const warnings = firstRunWarnings(config.loaded.config, env, disk.root);
    return warnings.map((what) => warn(what.replace(/\s{2,}\(tend init.*\)$/, ''), 'tend init --prepare yes'));
  },
};

export const keysCheck: Check = {
  id: 'keys',
  about: 'keys of the model provider, by name alone',
  look: ({ config, env }) => {
    if (!config.loaded) return [];
    const runners = new Set(launchCommands(config.loaded.config).map(({ command }) => runnerOfCommand(command)));
    return [...runners].flatMap((runner): Finding[] => {
      const wanted = runner ? keyNames(runner) : [];
      if (!runner || wanted.length === 0) return [];
      const there = wanted.filter((name) => env[name]);
      return there.length > 0
        ? [ok(`${runner.name}: ${there.join(', ')}`)]
        : [
            note(
              `${runner.name}: none of ${wanted.slice(0, 4).join(', ')} is set here, so it must be logged in by itself`,
            ),
          ];
    });
  },
};
