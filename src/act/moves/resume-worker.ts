/**
 * Lets a worker that is dead go on in its session, as a new run of its own. Nothing does that by itself: a decider chooses it for one that was
 * cut, a few times at most, and a human for any. What the old run has cost is settled before the new one begins.
 */
import { askLife, stopLife } from '../../host/worker-life.js';
import { nonce } from '../../lib/hash.js';
import { refused, TendError } from '../../model/error.js';
import { fleetProblem, isEnded } from '../../model/fleet.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { WorkerResume } from '../../model/worker.js';
import { cutBy, type KnownSession, sessionOf } from '../../model/worker-cut.js';
import { endWords } from '../../model/worker-end.js';
import { consumeAnswer } from '../../store/asks.js';
import { logEvent } from '../../store/events.js';
import { lifeHandle, observeLife, readFleet } from '../../store/fleet.js';
import { readWorkerUsage } from '../../store/worker-money.js';
import { openAsks, resumePrompt, resumeWorker } from '../../store/worker-resume.js';
import { seedPrompt } from '../../store/worker-start.js';
import { mendStatus, readWorker, type WorkerRecord } from '../../store/workers.js';
import { type ActDeps, done, type MoveContext, type MoveKind } from '../move-kind.js';
import { lifeCost, settleWorker } from '../worker-spend.js';
import { repoFor } from './start-worker.js';

export const resumeWorkerMove: MoveKind<'resume_worker'> = {
  summary: (move) => `resume-worker ${move.id}${move.reason ? ` · ${move.reason}` : ''}`,
  goal: (move) => move.id,
  execute: async (context, move) => {
    const { deps, at, repeated } = context;
    const before = repeated ? readWorker(deps.disk, move.id)?.spec : undefined;
    if (before?.resume && before.ts >= unixSeconds(at)) {
      takeAnswers(deps, move.id, before.resume.answered, at);
      return done('resumed before the crash');
    }
    const { record, session } = await requireDead(context, move.id);
    await requirePlace(deps, record, at);
    const why = cutBy(record) ?? 'it had ended';
    const ended = await endOf(deps, record, at);
    const asks = await openAsks(deps.disk, move.id);
    const answered = asks.filter((ask) => ask.end).map((ask) => ask.id);
    const resume = { ...accountOf(deps, ended, session, at), answered };
    const template = seedPrompt(deps.seeds, 'resume.md');
    const prompt = resumePrompt({ template, id: move.id, why, asks, word: move.prompt });
    resumeWorker(deps.disk, ended, { now: at, generation: nonce(8), prompt, resume, asks });
    takeAnswers(deps, move.id, answered, at);
    return done(`session ${session.id} of ${session.runner}, ${why}`);
  },
};

/** A worker of which nothing lives and whose session is known; refuses all else in words. */
async function requireDead(
  { deps, by }: MoveContext,
  id: string,
): Promise<{ record: WorkerRecord; session: KnownSession }> {
  const what = `Cannot resume worker "${id}"`;
  const anew = `tend worker start ${id} "what it shall do"`;
  const record = readWorker(deps.disk, id);
  if (!record?.spec) throw refused('no-worker', `${what}: no such worker`, 'tend worker list --all');
  const { problem, status } = record;
  const life = problem ? 'unknown' : await observeLife(record, askLife);
  if (life === 'unknown') {
    const reason = problem ? `"${problem.key}": ${problem.reason}` : 'its control socket cannot be asked';
    throw refused('worker-unknown', `${what}: it is not known whether it lives: ${reason}`, 'tend status');
  }
  if (life !== 'dead')
    throw refused(
      'worker-exists',
      `${what}: it ${life ? 'is alive' : 'is about to start'}`,
      `tend tell ${id} "what it shall do"`,
    );
  const session = sessionOf(record);
  if (!session)
    throw refused('no-session', `${what}: its agent CLI has told no session with which it could go on`, anew);
  if (status?.no_resume !== undefined) throw refused('no-resume', `${what}: ${status.no_resume}`, anew);
  if (by === 'pulse') requireCut(what, record, session);
  return { record, session };
}

/** What a decider may do by itself: a human's word needs neither. */
function requireCut(what: string, record: WorkerRecord, { resumed }: KnownSession): void {
  if (cutBy(record) === undefined)
    throw refused(
      'not-cut',
      `${what}: its session was not cut, it ${endWords(record.status?.state)}`,
      'tend worker list --all',
    );
  if (resumed >= LIMITS.workerResumes)
    throw refused(
      'resume-limit',
      `${what}: it was resumed ${resumed} times, ${LIMITS.workerResumes} at most without the human`,
      `tend worker resume ${record.id}`,
    );
}

/** Under the cap of workers, and in the worktree that it had. */
async function requirePlace(deps: ActDeps, { id, spec }: WorkerRecord, now: Instant): Promise<void> {
  const { maxWorkers, workerStuckS: stuckS } = deps.knobs;
  const fleet = await readFleet(deps.disk, { now, stuckS, askLife });
  const problem = fleetProblem('resume', id, { fleet, maxWorkers });
  if (problem) throw problem;
  if (spec?.repo !== undefined) await repoFor(deps, id, spec.repo);
}

/** The record with its end in it. Nothing of the old run may live when the new one begins: they share their session and their place. */
async function endOf({ disk }: ActDeps, record: WorkerRecord, now: Instant): Promise<WorkerRecord> {
  const { id } = record;
  if (isEnded(record.status)) return record;
  const generation = record.spec?.generation ?? '';
  const { survivors } = await stopLife(lifeHandle(record), generation);
  if (survivors.length > 0)
    throw new TendError(
      'failed',
      `Cannot resume worker "${id}": processes ${survivors.join(', ')} of it survived KILL`,
      {
        code: 'worker-survived',
        hint: `ps -o pid,stat,args -p ${survivors.join(',')}`,
      },
    );
  mendStatus(disk, record, 'its supervisor died (crash or reboot)', now);
  const after = readWorker(disk, id);
  if (after?.spec?.generation === generation && isEnded(after.status)) return after;
  throw refused('worker-changed', `Cannot resume worker "${id}": it was changed meanwhile`, 'tend worker list --all');
}

/** Settles the run that has ended, and what the next one begins with. */
function accountOf(
  { disk, knobs }: ActDeps,
  record: WorkerRecord,
  { id: session, runner, first, resumed }: KnownSession,
  now: Instant,
): Omit<WorkerResume, 'answered'> {
  const cost = lifeCost(disk, record, knobs);
  settleWorker(disk, record, cost, now);
  const since =
    readWorkerUsage(disk, record.id, record.status?.generation ?? '')?.session ?? record.spec?.resume?.since;
  return {
    session,
    runner,
    first,
    count: resumed + 1,
    usd: (record.spec?.resume?.usd ?? 0) + cost.usd,
    ...(since ? { since } : {}),
  };
}

/** After the commit: who dies before leaves answers that are still offered. */
function takeAnswers({ disk }: ActDeps, id: string, asks: readonly string[], now: Instant): void {
  for (const ask of asks) {
    try {
      consumeAnswer(disk, ask, `asker:${id}`, now);
    } catch (error) {
      if (!(error instanceof TendError) || error.code === 'fenced') throw error;
      logEvent(disk, now, 'answer.untaken', { ask, error: error.message });
    }
  }
}
