/** Spec and config → what is started: one shell command in the data dir or the worker's worktree, with the environment of a worker. */
import { childEnv } from '../../../host/children-env.js';
import { now } from '../../../host/clock.js';
import type { Env } from '../../../host/env.js';
import type { Profile } from '../../../host/profile.js';
import { type Scrub, scrubber, secretsOf } from '../../../lib/scrub.js';
import { fillTemplate, shellQuote } from '../../../lib/shell-quote.js';
import { TendError } from '../../../model/error.js';
import { unixSeconds } from '../../../model/instant.js';
import { resolveKnobs } from '../../../model/knobs.js';
import { type WorkerSpec, workerMark } from '../../../model/worker.js';
import { envFor } from '../../../runners/provider-keys.js';
import { quietEnv } from '../../../runners/quiet-env.js';
import { runnerOf, runnerOfCommand } from '../../../runners/registry.js';
import type { RunReader } from '../../../runners/runner.js';
import type { Teller } from '../../../runners/told.js';
import { loadConfig } from '../../../store/config.js';
import type { Disk } from '../../../store/disk.js';
import { promptKey, workDir } from '../../../store/workers.js';

export interface Launch {
  args: string[];
  cwd: string;
  env: Record<string, string>;
  mark: string;
  /** Signals that stop it before KILL, gentlest first; absent: TERM. */
  gentle?: readonly NodeJS.Signals[];
  /** Knob `transcriptBytes`. */
  transcriptBytes: number;
  /** For the transcript. */
  scrub: Scrub;
  /** Reads what its CLI reports of itself, as it comes. */
  reader: RunReader;
  /** Its CLI prints events: what they tell people. */
  teller?: Teller;
}

export interface LaunchFrom {
  disk: Disk;
  env: Env;
  profile: Profile;
  spec: WorkerSpec;
}

/** Throws a TendError that says what is missing: the config, its worker command, the placeholder, or the prompt. */
export function launchOf({ disk, env, profile, spec }: LaunchFrom): Launch {
  const { config, raw } = loadConfig(profile.configPath);
  const template = spec.command ?? config.worker_command;
  if (template === undefined) throw failed(spec, 'the config names no "worker_command"', 'tend init');
  if (!template.includes('{{prompt_file}}'))
    throw failed(spec, `its command ${JSON.stringify(template)} has no {{prompt_file}}`, 'tend init');
  const prompt = disk.stat(promptKey(spec.id, spec.generation));
  if (prompt.state !== 'present') throw failed(spec, `its prompt file is ${prompt.state}`, `tend kill ${spec.id}`);
  const runner = runnerOf(config);
  const { defaults } = runner;
  const model = spec.model ?? config.worker_model ?? defaults.workerModel ?? '';
  const command = fillTemplate(template, {
    prompt_file: disk.path(promptKey(spec.id, spec.generation)),
    model,
    thinking: spec.thinking ?? config.worker_thinking ?? defaults.workerThinking ?? '',
  });
  // Workers may be another CLI than the decider.
  const cli = runnerOfCommand(template) ?? runner;
  const mark = workerMark(spec.generation);
  // A terminal of its own: what the launcher's terminal was says nothing about it.
  const { COLUMNS: _columns, LINES: _lines, TMUX: _tmux, TMUX_PANE: _pane, STY: _sty, ...rest } = env;
  const bin = env['TEND_BIN'] ?? 'tend';
  const events = cli.events?.isAskedBy.test(template) ? cli.events : undefined;
  const cwd = workDir(disk, spec);
  return {
    args: ['-c', `cd ${shellQuote(cwd)} && {\n${command}\n}`],
    cwd,
    env: {
      ...quietEnv(cli, 'work'),
      ...childEnv(envFor(rest, template, config.pass_keys), profile, bin, {
        sessionId: spec.id,
        generation: spec.generation,
        mark,
      }),
    },
    mark,
    ...(cli.stop ? { gentle: cli.stop } : {}),
    reader: cli.reader({
      nowS: unixSeconds(now()),
      eventsOnly: true,
      ...(model ? { model } : {}),
      ...(config.prices ? { prices: config.prices } : {}),
    }),
    ...(events ? { teller: events.teller() } : {}),
    transcriptBytes: resolveKnobs(env, raw).knobs.transcriptBytes,
    scrub: scrubber(secretsOf(env, config.secrets ?? [])),
  };
}

const failed = (spec: WorkerSpec, why: string, hint: string): TendError =>
  new TendError('failed', `Cannot start worker "${spec.id}": ${why}`, { code: 'worker-start', hint });
