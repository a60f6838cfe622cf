/**
 * Pure rules about workers: what follows from spec, status and proof of life, and when a start is refused. Reading records is
 * the store's, asking beacons the host's; sense, act, controllers and verbs join the three.
 */
import { badInput, refused, type TendError } from './error.js';
import { idProblem } from './id.js';
import { type Instant, unixSeconds } from './instant.js';
import { LIMITS } from './limits.js';
import {
  RESERVED_WORKER_IDS,
  type WorkerHealth,
  type WorkerPlace,
  type WorkerSpec,
  type WorkerStatus,
  type WorkerVerdict,
  type WorkerView,
} from './worker.js';
import { cutOf, sessionOf } from './worker-cut.js';

/** `silent`: connected but no answer (stopped, too busy): it lives. `unknown`: could not be asked: callers refuse. */
export type Life = 'alive' | 'silent' | 'dead' | 'unknown';

/** Where a supervisor answers and the nonce that proves it is the one we mean. */
export interface LifeHandle {
  socket: string;
  nonce: string;
  /** Its supervisor carries this generation's mark: a second sign of life where the socket's name is gone. */
  generation?: string;
}

/** Asks one beacon; the host's `askLife` in the product. */
export type AskLife = (handle: LifeHandle) => Promise<Life>;

/** Every worker as observed. A problem means that this worker's record or life is not known: whoever must be sure refuses. */
export interface Fleet {
  views: WorkerView[];
  problems: { id: string; reason: string }[];
}

/** Id of the problem that says that the workers as a whole could not be listed: then nothing is known of any of them. */
export const WHOLE_FLEET = '(fleet)';

/** Whether nothing certain is known about this worker: not known is never dead. */
export const isUnknown = (worker: string, problems: Fleet['problems']): boolean =>
  problems.some((problem) => problem.id === worker || problem.id === WHOLE_FLEET);

/** True for a state that no supervisor leaves any more. */
export const isEnded = (status: Pick<WorkerStatus, 'state'> | undefined): boolean =>
  status !== undefined && (status.state === 'exited' || status.state === 'killed' || status.state === 'failed');

export interface WorkerExtras {
  id: string;
  now: Instant;
  /** Knob `workerStuckS`. */
  stuckS: number;
  /** When the transcript was last written, milliseconds. */
  quietSinceMs?: number;
  /** Unix seconds of this worker's oldest pending ask. */
  askTs?: number;
  verdict?: WorkerVerdict;
  pendingTells?: number;
  /** Where it works, when that is a worktree. */
  place?: WorkerPlace;
}

/**
 * One worker as people and programs see it. `status` is that of the spec's own generation; `life` is undefined while no
 * supervisor has claimed the generation. A worker that has not begun is `pending` and counts as busy, never as dead.
 */
export function workerView(
  spec: WorkerSpec | undefined,
  status: WorkerStatus | undefined,
  life: Life | undefined,
  extras: WorkerExtras,
): WorkerView {
  const nowS = unixSeconds(extras.now);
  const alive = (life === 'alive' || life === 'silent') && !isEnded(status);
  const state = observedState(spec, status, life);
  const idle =
    alive && extras.quietSinceMs !== undefined
      ? Math.max(0, Math.floor((extras.now - extras.quietSinceMs) / 1000))
      : null;
  const session = sessionOf({ spec, status });
  const cut = isEnded(status) || life === 'dead' ? cutOf({ spec, status }) : undefined;
  const askAge = extras.askTs === undefined ? null : Math.max(0, nowS - extras.askTs);
  return {
    id: extras.id,
    state,
    alive,
    exit_code: status?.exit_code ?? null,
    health: healthOf({ alive, pending: state === 'pending', asking: askAge !== null, idle, stuckS: extras.stuckS }),
    idle_s: idle,
    uptime_s: alive && status ? Math.max(0, nowS - status.started_ts) : null,
    ask_age_s: askAge,
    verify: extras.verdict ? (extras.verdict.ok ? 'pass' : 'fail') : null,
    generation: spec?.generation ?? status?.generation ?? '',
    ...(status?.ended_ts === undefined ? {} : { ended_ts: status.ended_ts }),
    pending_tells: extras.pendingTells ?? 0,
    ...(extras.place ? { place: extras.place } : {}),
    ...(status?.runner === undefined ? {} : { runner: status.runner }),
    ...(session ? { session: session.id } : {}),
    ...(cut ? { cut } : {}),
  };
}

/** What the records say, corrected by the proof of life: a running status of a dead supervisor is a failure. */
function observedState(
  spec: WorkerSpec | undefined,
  status: WorkerStatus | undefined,
  life: Life | undefined,
): WorkerView['state'] {
  if (status && isEnded(status)) return status.state;
  const lost = spec?.desired === 'stopped' ? 'killed' : 'failed';
  if (life === undefined) return spec?.desired === 'stopped' ? 'killed' : 'pending';
  if (life === 'dead') return lost;
  return status?.state ?? 'pending';
}

interface HealthFacts {
  alive: boolean;
  pending: boolean;
  asking: boolean;
  idle: number | null;
  stuckS: number;
}

/** dead > waiting-ask > stuck > busy; unknown idle is busy. */
function healthOf(facts: HealthFacts): WorkerHealth {
  if (!facts.alive) return facts.pending ? 'busy' : 'dead';
  if (facts.asking) return 'waiting-ask';
  return facts.idle !== null && facts.idle >= facts.stuckS ? 'stuck' : 'busy';
}

/** A worker that holds its id and a place under the cap: alive, or about to begin. */
export const isLive = (view: WorkerView): boolean => view.alive || view.state === 'pending';

export interface StartRequest {
  id: string;
  prompt: string;
  /** Launch command for this worker alone; absent: `worker_command` of the config. */
  command?: string;
  model?: string;
  thinking?: string;
  verify?: string;
  /** Dollars for its whole life. */
  budget_usd?: number;
  /** Absolute path of the git repository in a worktree of which it works. */
  repo?: string;
  reason?: string;
}

export interface StartTerms {
  /** `worker_command` of the config. */
  template: string | undefined;
  fleet: Fleet;
  /** Knob `maxWorkers`; 0 = no cap. */
  maxWorkers: number;
}

/** Every reason against a start, the first in the order in which a user can mend them. Nothing is written before it passes. */
export function startProblem(request: StartRequest, terms: StartTerms): TendError | undefined {
  const { id } = request;
  const badId = workerIdProblem(id);
  if (badId) return badInput(`Cannot start worker ${JSON.stringify(id)}: ${badId}`);
  if (request.prompt.trim() === '')
    return badInput(`Cannot start worker "${id}": its prompt is blank`, `tend worker start ${id} "what it shall do"`);
  if (request.prompt.length > LIMITS.briefChars)
    return badInput(
      `Cannot start worker "${id}": its prompt has ${request.prompt.length} characters, ${LIMITS.briefChars} at most`,
    );
  return templateProblem(request, terms.template) ?? fleetProblem('start', id, terms);
}

/** Why `id` cannot name a worker, or undefined. */
export function workerIdProblem(id: string): string | undefined {
  return (
    idProblem(id) ?? (RESERVED_WORKER_IDS.includes(id) ? 'the id is reserved, it names a part of tend' : undefined)
  );
}

function templateProblem(request: StartRequest, template: string | undefined): TendError | undefined {
  const used = request.command ?? template;
  const what = `Cannot start worker "${request.id}"`;
  if (used === undefined || used.trim() === '')
    return refused('no-worker-command', `${what}: the config names no "worker_command"`, 'tend init');
  if (!used.includes('{{prompt_file}}'))
    return refused(
      'no-prompt-placeholder',
      `${what}: its command ${JSON.stringify(used)} has no {{prompt_file}}, so it would never see its prompt`,
      request.command === undefined ? 'tend init' : 'put {{prompt_file}} into --command',
    );
  return undefined;
}

/** Why no worker of this id may begin beside those that are there. `verb` is what was tried. */
export function fleetProblem(
  verb: string,
  id: string,
  terms: Pick<StartTerms, 'fleet' | 'maxWorkers'>,
): TendError | undefined {
  const what = `Cannot ${verb} worker "${id}"`;
  const unknown = terms.fleet.problems[0];
  if (unknown)
    return refused(
      'fleet-unknown',
      `${what}: it is not known whether worker "${unknown.id}" lives (${unknown.reason})`,
      'tend worker list',
    );
  const live = terms.fleet.views.filter(isLive);
  const same = live.find((view) => view.id === id);
  if (same)
    return refused(
      'worker-exists',
      `${what}: a worker of that id is ${same.alive ? 'alive' : 'about to start'}`,
      `tend kill ${id}`,
    );
  if (terms.maxWorkers > 0 && live.length >= terms.maxWorkers)
    return refused(
      'worker-cap',
      `${what}: ${live.length} workers are alive, ${terms.maxWorkers} at most are allowed`,
      'tend worker list',
    );
  return undefined;
}

/** What a start should say without refusing: settings that the template has no place for. */
export function startWarnings(request: StartRequest, template: string): string[] {
  const used = request.command ?? template;
  return (['model', 'thinking'] as const)
    .filter((name) => request[name] !== undefined && !used.includes(`{{${name}}}`))
    .map((name) => `--${name} ${request[name]} is ignored: the worker command has no {{${name}}}`);
}
