/** Spec and config → what is started: one shell command in the data dir or the worker's worktree, with the environment of a worker. */
import { childEnv } from '../../../host/children-env.js';
import { now } from '../../../host/clock.js';
import type { Env } from '../../../host/env.js';
import type { Profile } from '../../../host/profile.js';
import { given } from '../../../lib/given.js';
import { uuidOf } from '../../../lib/hash.js';
import { type Scrub, scrubber, secretsOf } from '../../../lib/scrub.js';
import { fillTemplate, shellQuote } from '../../../lib/shell-quote.js';
import { TendError } from '../../../model/error.js';
import { unixSeconds } from '../../../model/instant.js';
import { resolveKnobs } from '../../../model/knobs.js';
import { type WorkerSpec, type WorkerStatus, workerMark } from '../../../model/worker.js';
import { envFor } from '../../../runners/provider-keys.js';
import { quietEnv } from '../../../runners/quiet-env.js';
import { runnerOf, workerRunner } from '../../../runners/registry.js';
import { resumeTemplate } from '../../../runners/resume.js';
import type { ReaderOptions, Runner } from '../../../runners/runner.js';
import type { Teller } from '../../../runners/told.js';
import { loadConfig } from '../../../store/config.js';
import type { Disk } from '../../../store/disk.js';
import { promptKey, workDir } from '../../../store/workers.js';
import type { Reports } from './meter.js';

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
  /** For its status. */
  session: Pick<WorkerStatus, 'runner' | 'session' | 'no_resume'>;
  reports: Reports;
  /** Its CLI prints events: what they tell people. */
  teller?: Teller;
}

/**
 * Linux throws away what stands unread in a terminal when the first process on it ends: without a moment for us to read, 57 of 60 commands
 * that printed 300,000 bytes and ended lost some of the last 8 KiB; with this, none.
 */
const DRAIN = '\ncode=$?; sleep 0.1 2>/dev/null; exit $code';

/** Lines of a stream that say something are short; what a worker prints besides may be anything. */
const LINE_BYTES = 4 * 1024 * 1024;

export interface LaunchFrom {
  disk: Disk;
  env: Env;
  profile: Profile;
  spec: WorkerSpec;
}

/** Throws a TendError that says what is missing: the config, its worker command, the placeholder, or the prompt. */
export function launchOf({ disk, env, profile, spec }: LaunchFrom): Launch {
  const { config, raw } = loadConfig(profile.configPath);
  const started = spec.command ?? config.worker_command;
  if (started === undefined) throw failed(spec, 'the config names no "worker_command"', 'tend init');
  if (!started.includes('{{prompt_file}}'))
    throw failed(spec, `its command ${JSON.stringify(started)} has no {{prompt_file}}`, 'tend init');
  // Workers may be another CLI than the decider.
  const cli = workerRunner(config, started);
  const resumed = resumeTemplate({ template: started, isOwn: spec.command !== undefined, config, runner: cli });
  const template = spec.resume ? templateToResume(spec, cli, resumed) : started;
  const prompt = disk.stat(promptKey(spec.id, spec.generation));
  if (prompt.state !== 'present') throw failed(spec, `its prompt file is ${prompt.state}`, `tend kill ${spec.id}`);
  const { defaults } = runnerOf(config);
  const model = spec.model ?? config.worker_model ?? defaults.workerModel ?? '';
  // A CLI that takes no id tells its own.
  const session = spec.resume?.session ?? (template.includes('{{session}}') ? sessionFor(spec) : undefined);
  const command = fillTemplate(template, {
    session: session ?? '',
    prompt_file: disk.path(promptKey(spec.id, spec.generation)),
    model,
    thinking: spec.thinking ?? config.worker_thinking ?? defaults.workerThinking ?? '',
  });
  const mark = workerMark(spec.generation);
  // A terminal of its own: what the launcher's terminal was says nothing about it.
  const { COLUMNS: _columns, LINES: _lines, TMUX: _tmux, TMUX_PANE: _pane, STY: _sty, ...rest } = env;
  const bin = env['TEND_BIN'] ?? 'tend';
  const events = cli.events?.isAskedBy.test(template) ? cli.events : undefined;
  const cwd = workDir(disk, spec);
  return {
    args: ['-c', `cd ${shellQuote(cwd)} && (\n${command}\n)${DRAIN}`],
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
    session: {
      runner: cli.name,
      ...(session === undefined ? {} : { session }),
      ...('why' in resumed ? { no_resume: resumed.why } : {}),
    },
    reports: reportsOf(spec, cli.sessionReader && template.includes(SESSION_FILE) ? { file: cli } : { stream: cli }, {
      nowS: unixSeconds(now()),
      ...(model ? { model } : {}),
      ...(config.prices ? { prices: config.prices } : {}),
    }),
    ...(events ? { teller: events.teller() } : {}),
    transcriptBytes: resolveKnobs(env, raw).knobs.transcriptBytes,
    scrub: scrubber(secretsOf(env, config.secrets ?? [])),
  };
}

/** A start is one launch, so its id is used once. */
const sessionFor = ({ id, generation }: WorkerSpec): string => uuidOf(`session of ${id} in ${generation}`);

function templateToResume(spec: WorkerSpec, cli: Runner, found: { template: string } | { why: string }): string {
  const { runner } = spec.resume!;
  if (runner !== cli.name)
    throw failed(
      spec,
      `its session is one of ${runner}, and workers run on ${cli.name} now`,
      `tend worker start ${spec.id}`,
    );
  if ('template' in found) return found.template;
  throw failed(spec, `nothing goes on with its session: ${found.why}`, `tend worker start ${spec.id}`);
}

/** Behind the name of the prompt file: where the hook of a CLI that shows a screen names its session's file. */
const SESSION_FILE = '{{prompt_file}}.session';

function reportsOf(spec: WorkerSpec, from: { file?: Runner; stream?: Runner }, options: ReaderOptions): Reports {
  const { usd, ...tokens } = spec.resume?.since ?? {};
  const since = given({ ...tokens, costUsd: usd });
  const terms: ReaderOptions = { ...options, keepBytes: LINE_BYTES };
  const { file, stream } = from;
  const pointerKey = SESSION_FILE.replace('{{prompt_file}}', promptKey(spec.id, spec.generation));
  return {
    since: spec.resume?.since ?? {},
    ...(file?.sessionReader ? { file: { pointerKey, begin: () => file.sessionReader!(terms) } } : {}),
    // The words of a program that nobody knows mean nothing.
    ...(stream?.program ? { stream: stream.reader({ ...terms, since }) } : {}),
  };
}

const failed = (spec: WorkerSpec, why: string, hint: string): TendError =>
  new TendError('failed', `Cannot start worker "${spec.id}": ${why}`, { code: 'worker-start', hint });
