/** One step of a plan → its effect. Every step may be repeated: the records decide, not this process's memory. */
import { childEnv } from '../../host/children-env.js';
import { monotonicMs } from '../../host/clock.js';
import { detach, selfArgv } from '../../host/detach.js';
import type { Env } from '../../host/env.js';
import { holdTree } from '../../host/kill.js';
import type { Profile } from '../../host/profile.js';
import { stopLife } from '../../host/worker-life.js';
import type { LoadedConfig } from '../../model/config.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { type Knobs, resolveKnobs } from '../../model/knobs.js';
import { LIMITS } from '../../model/limits.js';
import { FORMAT } from '../../model/record.js';
import { supervisorMark, workerMark } from '../../model/worker.js';
import { worktreeDir } from '../../model/worktree.js';
import { envFor } from '../../runners/provider-keys.js';
import { workerRunner } from '../../runners/registry.js';
import { loadConfig } from '../../store/config.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { lifeHandle } from '../../store/fleet.js';
import { quarantine } from '../../store/quarantine.js';
import { discardTells } from '../../store/tells.js';
import { isHeld, removeHeld, writeHeld } from '../../store/worker-money.js';
import { tellRows } from '../../store/worker-rows.js';
import {
  cancelStart,
  mendStatus,
  readWorker,
  removeWorker,
  supervisorLogKey,
  type WorkerRecord,
  workDir,
  writeVerdict,
} from '../../store/workers.js';
import type { FleetFacts } from './observe.js';
import type { FleetStep } from './plan.js';
import { tidyWorktree } from './worktree.js';

export interface FleetDeps {
  disk: Disk;
  profile: Profile;
  /** Environment of the pulse: the user's PATH, language, keys. */
  env: Env;
  /** Absolute path of the `tend` program. */
  bin: string;
  /** How the program is run; absent: this Node with its own options and `bin`. */
  program?: readonly [string, ...string[]];
}

/** Knobs of the present config; a broken config must not keep workers from being stopped, so it counts as empty here. */
export const fleetKnobs = (deps: FleetDeps): Knobs => resolveKnobs(deps.env, configNow(deps)?.raw ?? {}).knobs;

const fleetPassKeys = (deps: FleetDeps): readonly string[] => configNow(deps)?.config.pass_keys ?? [];

/** The CLI that this worker would run on now; undefined when the config does not say. */
export function runnerNameNow(deps: FleetDeps, { spec }: WorkerRecord): string | undefined {
  const config = configNow(deps)?.config;
  const command = spec?.command ?? config?.worker_command;
  if (spec?.resume) return spec.resume.runner;
  try {
    return config && command !== undefined ? workerRunner(config, command).name : undefined;
  } catch {
    // A runner that nobody knows: the supervisor says so.
    return undefined;
  }
}

function configNow(deps: FleetDeps): LoadedConfig | undefined {
  try {
    return loadConfig(deps.profile.configPath);
  } catch {
    // Whoever needs the config itself (the launch, the beat) reports what is wrong with it.
    return undefined;
  }
}

/** Does one step. Throws TendErrors of the store and what the machine refuses; the kernel tries again later. */
export async function apply(deps: FleetDeps, facts: FleetFacts, step: FleetStep, now: Instant): Promise<void> {
  const { record } = facts;
  const { id } = record;
  switch (step.do) {
    case 'nothing':
      return;
    case 'quarantine':
      quarantine(deps.disk, step.key, step.reason, now);
      return;
    case 'launch':
      return launch(deps, record, now);
    case 'cancel':
      if (cancelStart(deps.disk, record, step.why, now))
        logEvent(deps.disk, now, 'worker.cancelled', { id, why: step.why });
      return;
    case 'stop':
      return stop(deps, record, now);
    case 'hold':
      return hold(deps, record, { why: step.why, now });
    case 'release':
      return release(deps, record, now);
    case 'mend':
      return mend(deps, record, { why: step.why, now });
    case 'record':
      tellRows(deps.disk, record);
      return;
    case 'verify':
      return verify(deps, record, now);
    case 'tidy':
      return tidy(deps, record, now);
    case 'remove':
      if (removeWorker(deps.disk, record)) logEvent(deps.disk, now, 'worker.removed', { id });
      return;
    default:
      step satisfies never;
  }
}

/** Identity of whoever started the pulse must not leak into workers; the supervisor's own mark is how it is found. */
async function launch(deps: FleetDeps, record: WorkerRecord, now: Instant): Promise<void> {
  const { disk, profile } = deps;
  const generation = record.spec!.generation;
  const { TEND_SESSION_ID: _session, TEND_GENERATION: _generation, ...env } = deps.env;
  await detach({
    argv: [
      ...(deps.program ?? selfArgv(deps.bin)),
      '__worker',
      '--data-dir',
      disk.root,
      '--id',
      record.id,
      '--generation',
      generation,
    ],
    cwd: disk.root,
    env: {
      ...env,
      TEND_DATA_DIR: profile.dataDir,
      TEND_CONFIG: profile.configPath,
      TEND_BIN: deps.bin,
      TEND_MARK: supervisorMark(generation),
    },
    logPath: disk.path(supervisorLogKey(record.id)),
  });
  logEvent(disk, now, 'worker.launched', { id: record.id, generation });
}

/** Again at each look: what it is at may have been started in this moment. Its supervisor bears another mark and goes on. */
function hold({ disk }: FleetDeps, record: WorkerRecord, how: { why: string; now: Instant }): void {
  const { id } = record;
  const generation = record.spec!.generation;
  if (!isHeld(disk, id, generation)) {
    writeHeld(disk, id, { generation, why: how.why, ts: unixSeconds(how.now) });
    logEvent(disk, how.now, 'worker.held', { id, generation, why: how.why });
  }
  holdTree(record.status?.child_pid ?? 0, workerMark(generation), 'hold');
}

/** The record goes last: a death before it lets go a second time, which changes nothing. */
function release({ disk }: FleetDeps, record: WorkerRecord, now: Instant): void {
  const { id } = record;
  const generation = record.spec!.generation;
  holdTree(record.status?.child_pid ?? 0, workerMark(generation), 'release');
  removeHeld(disk, id);
  logEvent(disk, now, 'worker.released', { id, generation });
}

async function stop(deps: FleetDeps, record: WorkerRecord, now: Instant): Promise<void> {
  const { survivors, reported } = await stopLife(lifeHandle(record), record.spec!.generation);
  discardTells(deps.disk, record.id);
  logEvent(deps.disk, now, 'worker.stopped', { id: record.id, survivors });
  const after = readWorker(deps.disk, record.id);
  if (after && after.spec?.generation === record.spec!.generation)
    mendStatus(deps.disk, after, sayStopped(survivors, reported), now);
}

const sayStopped = (survivors: readonly number[], reported: boolean): string =>
  survivors.length === 0
    ? `it was stopped; its supervisor ${reported ? 'ended without a word' : 'did not answer'}`
    : `it was stopped, but processes ${survivors.join(', ')} survived KILL`;

/** Nothing of the generation may live when its end is recorded: a successor of the same id would share its work tree. */
async function mend(deps: FleetDeps, record: WorkerRecord, how: { why: string; now: Instant }): Promise<void> {
  const generation = record.spec?.generation ?? record.status?.generation ?? '';
  const { survivors } = await stopLife(lifeHandle(record), generation);
  const message = survivors.length === 0 ? how.why : `${how.why}; processes ${survivors.join(', ')} survived KILL`;
  if (mendStatus(deps.disk, record, message, how.now))
    logEvent(deps.disk, how.now, 'worker.lost', { id: record.id, generation, why: message });
  discardTells(deps.disk, record.id);
}

/** A start that came meanwhile has the worktree for its own. */
async function tidy({ disk, env }: FleetDeps, record: WorkerRecord, now: Instant): Promise<void> {
  const spec = record.spec!;
  if (readWorker(disk, record.id)?.spec?.generation !== spec.generation) return;
  const after = await tidyWorktree(disk, env, { spec, now });
  if (after)
    logEvent(disk, now, after.state === 'kept' ? 'worktree.kept' : 'worktree.removed', {
      id: record.id,
      repo: after.repo,
      ...(after.why === undefined ? {} : { why: after.why }),
    });
}

/** Runs the post-condition once and publishes the verdict. A pulse that dies meanwhile leaves none, and it is judged anew. */
async function verify(deps: FleetDeps, record: WorkerRecord, now: Instant): Promise<void> {
  const { disk, env, profile, bin } = deps;
  const { id, generation, verify: command, repo } = record.spec!;
  const timeoutS = fleetKnobs(deps).verifyTimeoutS;
  const { execBounded } = await import('../../host/exec.js');
  const begunMs = monotonicMs();
  const result = await execBounded({
    // Both streams are one, in order; the command is data and never part of our own shell text.
    argv: ['bash', '-c', 'exec 1>&2; exec bash -c "$1"', 'verify', command ?? ''],
    cwd: workDir(disk, record.spec!),
    env: childEnv(envFor(env, undefined, fleetPassKeys(deps)), profile, bin, {
      sessionId: id,
      generation,
      mark: `verify-${generation}`,
    }),
    timeoutMs: timeoutS * 1000,
    stdoutMaxBytes: 0,
    whenOver: 'drop',
    stderrTailBytes: LIMITS.outputTailBytes,
  });
  const isGone = result.problem !== undefined && repo !== undefined && disk.stat(worktreeDir(id)).state === 'absent';
  const why =
    (isGone ? 'its worktree is not there' : result.problem) ??
    (result.timedOut
      ? `no end after ${timeoutS} s`
      : result.overStderr
        ? `ended, it printed more than ${LIMITS.childStderrBytes} bytes`
        : undefined);
  const verdict = {
    format: FORMAT,
    generation,
    ok: result.exitCode === 0 && !result.timedOut,
    exit_code: result.exitCode,
    output: why === undefined ? result.stderrTail : `${result.stderrTail}\n[tend: ${why}]`,
    ts: unixSeconds(now),
    duration_ms: Math.round(monotonicMs() - begunMs),
    ...(result.timedOut ? { timed_out: true } : {}),
  };
  const isOurs = writeVerdict(disk, id, verdict);
  logEvent(disk, now, 'worker.verify', { id, generation, ok: result.exitCode === 0, exit_code: result.exitCode });
  // A start that came meanwhile has the worker's records for its own: no later look would know of this verdict.
  if (isOurs) tellRows(disk, { ...record, verdict });
}
