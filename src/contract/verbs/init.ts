import type { RunnerName } from '../../model/config.js';
import { TendError } from '../../model/error.js';
import { RUNNER_NAMES } from '../../ops/presets.js';
import type { Context, Verb, VerbInput } from '../verb.js';

/** `tend init`: choose who decides, write the config, seed the data dir. Safe to repeat; a repeat that changes nothing writes nothing. */
export const verb: Verb = {
  path: ['init'],
  group: 'start',
  about: 'Choose the runner and seed the data dir',
  details:
    'At a terminal this is a dialog; with --yes, or without a terminal, the flags decide, then what is configured. Keys of the config ' +
    'that are not mentioned stay as they are, and no file of yours is overwritten.\n\n' +
    'Some agent CLIs ask questions at their first start, and a worker has nobody to answer them. With your consent init sets the answers ' +
    'in the files of that CLI: one setting each, the rest stays, and the file as it was is kept beside it as *.before-tend.\n\n' +
    'The concierge is a skill for the agent CLIs that are on PATH (Claude Code, Codex, opencode, pi): a session that has it waits for asks, brings ' +
    'them to you with a recommendation, and takes your answers back. A skill file that you have edited stays as it is.',
  flags: {
    runner: { type: 'string', about: 'who decides; "embedded" is your rules alone', choices: RUNNER_NAMES },
    'tick-command': {
      type: 'string',
      value: 'TEMPLATE',
      about: 'shell command of one decision; reads {{prompt_file}} or stdin, prints one JSON move',
    },
    'worker-command': {
      type: 'string',
      value: 'TEMPLATE',
      about: 'shell command of a worker; {{prompt_file}} is the path of its brief',
    },
    prepare: {
      type: 'string',
      value: 'WORD',
      about: "set what the worker's CLI asks at its first start, in its own files",
      choices: ['yes', 'no'],
    },
    concierge: {
      type: 'string',
      value: 'WORD',
      about: 'install the concierge skill for the agent CLIs on PATH; "no" asks nothing about it',
      choices: ['yes', 'no'],
    },
    yes: { type: 'boolean', about: 'ask nothing; without --prepare no, prepare as well', alias: 'y' },
    json: { type: 'boolean', about: 'print what was written as JSON' },
  },
  examples: [
    { line: 'tend init', about: 'the dialog' },
    { line: 'tend init --runner embedded --yes', about: 'rules alone, no model' },
    { line: 'tend init --concierge yes --yes', about: 'later: the skill for the agents that you talk to' },
    {
      line: "tend init --runner custom --tick-command 'my-agent' --worker-command 'my-agent --file {{prompt_file}}' --yes",
      about: 'any program as the runner',
    },
  ],
  exits: { 130: 'given up in the dialog; nothing was written' },
  human: true,
  run: async (input, context) => {
    const { applyInit, initChoices, loadForInit, planInit } = await import('../../ops/init.js');
    const { whichProgram } = await import('../../host/which.js');
    const { now } = await import('../../host/clock.js');
    const loaded = loadForInit(context.profile.configPath);
    const firstRun = await import('../../ops/first-run.js');
    const { env, disk, seeds } = context;
    const skill = await import('../../ops/concierge.js');
    const places = skill.skillPlaces(seeds, env, disk.root);
    const choices = initChoices(loaded, disk.root, {
      concierge: places.filter(skill.isWanted),
      isFound: (program) => whichProgram(program, env, disk.root) !== undefined,
      unprepared: (worker) => firstRun.offeredFirstRun({ worker_command: worker }, env, disk.root),
    });
    const request = await ask(input, context, choices);
    const found = choices.runners.filter((runner) => runner.found && runner.preset).map((runner) => runner.name);
    const plan = planInit(loaded, request, found);
    const worker = plan.worker ? { worker_command: plan.worker } : {};
    // Everything that can be refused comes before the first write.
    const changes = request.prepare ? firstRun.planFirstRun(firstRun.missingFirstRun(worker, env, disk.root)) : [];
    const seeded = applyInit({ disk, seeds, configPath: loaded.path, plan }, now());
    const prepared = firstRun.applyFirstRun(changes);
    const installed = request.concierge === true ? install(places, skill, context) : [];
    for (const warning of firstRun.firstRunWarnings(worker, env, disk.root)) context.warn(warning);
    return {
      text: summary(plan, { config: loaded.path, dataDir: disk.root, seeded, prepared, installed }),
      json: {
        config: loaded.path,
        data_dir: disk.root,
        runner: plan.runner,
        tick_command: plan.tick ?? null,
        worker_command: plan.worker ?? null,
        config_written: plan.changed,
        seeded,
        prepared: prepared.map(({ file }) => file),
        concierge: installed.map(({ file }) => file),
      },
    };
  },
};

type Skill = typeof import('../../ops/concierge.js');
interface Written {
  file: string;
  copy: string | null;
}

/** Writes the skill where it is wanted; says what stays as it is, and that there is no agent to have it. */
function install(places: ReturnType<Skill['skillPlaces']>, skill: Skill, { warn }: Context): Written[] {
  if (places.length === 0)
    warn('the concierge skill was not installed: none of claude, codex, opencode and pi is on PATH');
  for (const place of places.filter(({ state }) => state === 'edited' || state === 'unreadable'))
    warn(skill.leftAlone(place));
  return places.filter(skill.isWanted).map((place) => ({ file: place.file, copy: skill.writeSkill(place) }));
}

type Ops = typeof import('../../ops/init.js');

/** The flags, or in front of a person the dialog that they prefill. */
async function ask(input: VerbInput, context: Context, choices: ReturnType<Ops['initChoices']>) {
  const flag = (name: string): string | undefined => input.flags[name] as string | undefined;
  const [runner, tick, worker] = [
    flag('runner') as RunnerName | undefined,
    flag('tick-command'),
    flag('worker-command'),
  ];
  const request = {
    ...(runner ? { runner } : {}),
    ...(tick ? { tickCommand: tick } : {}),
    ...(worker ? { workerCommand: worker } : {}),
    ...(flag('concierge') === undefined ? {} : { concierge: flag('concierge') === 'yes' }),
    prepare: input.flags['prepare'] === 'yes' || (input.flags['yes'] === true && input.flags['prepare'] !== 'no'),
  };
  if (input.flags['yes'] || !context.dialogs || !context.tty.in || !context.tty.out) return request;
  const answers = await context.dialogs.init(choices, request);
  if (answers) return answers;
  throw new TendError('aborted', 'Given up: nothing was written', { code: 'aborted', hint: 'tend init' });
}

function summary(
  plan: ReturnType<Ops['planInit']>,
  at: {
    config: string;
    dataDir: string;
    seeded: readonly string[];
    prepared: readonly Written[];
    installed: readonly Written[];
  },
): string {
  const asksFirst = at.seeded.some((key) => key.startsWith('asks/'));
  return [
    `config:   ${at.config}${plan.changed ? '' : ' (unchanged)'}`,
    `data dir: ${at.dataDir}${at.seeded.length > 0 ? ` (seeded: ${at.seeded.join(', ')})` : ''}`,
    `runner:   ${plan.runner}`,
    ...(plan.tick && plan.runner !== 'embedded' ? [`decides:  ${plan.tick}`] : []),
    `works:    ${plan.worker ?? 'no worker command; workers cannot start (tend init --worker-command ...)'}`,
    ...at.prepared.map(({ file, copy }) => `prepared: ${file}${copy ? ` (as it was: ${copy})` : ''}`),
    ...at.installed.map(({ file, copy }) => `concierge: ${file}${copy ? ` (as it was: ${copy})` : ''}`),
    '',
    'Next:',
    '  tend up                  start the pulse; it runs until "tend down"',
    '  tend asks                what it wants to know of you',
    ...(asksFirst ? ['  tend answer setup-1 -    answer the first of them, in your own words'] : []),
    '  tend status              why it is doing what it does, or nothing',
  ].join('\n');
}
