/** The beat: sense, and only when something that matters changed decide, and act on one move. One key, `world`. */

import { type DecideResult, isOnlyAboutModels } from '../../decide/decide.js';
import { ruleProblemText } from '../../decide/goal-rules.js';
import { backoffSeconds } from '../../decide/wake.js';
import type { Controller } from '../../kernel/controller.js';
import type { Log } from '../../kernel/log.js';
import type { Problems } from '../../kernel/problems.js';
import { TendError } from '../../model/error.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { Memory } from '../../model/memory.js';
import { later, type Outcome, settled, waiting } from '../../model/outcome.js';
import { logEvent } from '../../store/events.js';
import { readMemory, writeMemory } from '../../store/memory.js';
import { rememberedLoops } from '../../store/remembered-loops.js';
import { reanchorSchedules } from '../../store/schedules.js';
import { decideAndAct } from './apply.js';
import type { Beat } from './beat.js';
import { endBudgetAsks } from './budget-answers.js';
import { adopt, endApprovals, freeDeadLeases } from './end-open.js';
import { worldEvents } from './keys.js';
import { askAtLimits } from './limit-asks.js';
import { type Machine, observe } from './observe.js';
import { nextBeatAt, planApprovals } from './plan.js';
import { settingsReader } from './settings.js';

export interface PulseDeps extends Machine {
  seeds: string;
  log: Log;
  /** What a human should know, shown by `tend status`; each beat is a round. */
  problems: Problems;
}

/** How soon a broken config is looked at again; it may lie outside of what is watched. */
const CONFIG_RECHECK_MS = 10_000;

export function pulseController(deps: PulseDeps): Controller<'world'> {
  const settings = settingsReader(deps.env, deps.profile.configPath);
  const first = { forced: true };
  const schemaRefusals = new Set<string>();
  const loops = rememberedLoops(deps.disk);
  const rules = ruleReports(deps);
  const memory = memoryReports(deps);
  const sawGate = gateReports(deps);
  /** Why changes are seen late, as long as they are. */
  let late: string | undefined;
  const warn = (text: string | undefined) => {
    late = text;
    if (text === undefined) return deps.log('info', 'watch.restored', 'files are watched again');
    deps.problems.say(text);
    deps.log('warn', 'watch.degraded', text);
    logEvent(deps.disk, Date.now(), 'watch.degraded', { text });
  };
  return {
    name: 'pulse',
    keys: (signal) => worldEvents(deps.disk, LIMITS.pollMs, signal, warn),
    async reconcile(_key, at): Promise<Outcome> {
      const read = settings();
      if ('broken' in read) return waiting(`the config to be mended: ${read.broken}`, at + CONFIG_RECHECK_MS);
      const endRound = deps.problems.begin();
      for (const text of [...(late === undefined ? [] : [late]), ...read.problems]) deps.problems.say(text);
      sawGate(read.loaded.config.gate?.allow ?? [], at);
      try {
        const one = { ...deps, at, settings: read, forced: first.forced, schemaRefusals, loops };
        return await beat(deps, one, { looked: () => (first.forced = false), rules, memory });
      } catch (error) {
        // Told to end in the middle of a look: nothing has failed, the next pulse looks anew.
        if (deps.abort.aborted && error instanceof TendError && error.code === 'aborted')
          return settled('told to stop');
        throw error;
      } finally {
        endRound();
      }
    },
  };
}

/** What outlives a beat: that the forced first look was had, what is wrong with the rules, and that the memory was lost. */
interface Kept {
  looked(): void;
  rules(result: DecideResult): void;
  memory(memory: Memory, problem: string | undefined): void;
}

/** A lost memory is noticed once, and makes the pulse wait as after many failures: the reason is shown as long as it waits. */
function memoryReports(deps: PulseDeps): Kept['memory'] {
  let known: string | undefined;
  return (memory, problem) => {
    known = problem ?? (memory.backoff ? known : undefined);
    if (known !== undefined) deps.problems.say(known);
  };
}

/**
 * Rules are read only when something changed, but what is wrong with them stays wrong: it is said in the log when it is new, and
 * shown by every beat until the rules have been read again.
 */
function ruleReports(deps: PulseDeps): Kept['rules'] {
  let known: string[] = [];
  return (result) => {
    const wereRead = result.state !== 'idle' || isOnlyAboutModels(result.gate);
    const current = wereRead ? result.ruleProblems.map(ruleProblemText) : known;
    for (const text of current) {
      deps.problems.say(text);
      if (!known.includes(text)) deps.log('warn', 'rule.problem', text);
    }
    known = current;
  };
}

/** What runs unasked is the human's to say, in a file that others can reach: a shape that appears under way is said aloud. */
function gateReports(deps: PulseDeps): (allow: readonly string[], at: Instant) => void {
  let known: readonly string[] | undefined;
  return (allow, at) => {
    const added = known === undefined ? [] : allow.filter((shape) => !known!.includes(shape));
    known = allow;
    if (added.length === 0) return;
    deps.log('warn', 'gate.loosened', `gate.allow now also lets through, unasked: ${added.join(', ')}`);
    logEvent(deps.disk, at, 'gate.loosened', { added });
  };
}

async function beat(deps: PulseDeps, beat: Beat, kept: Kept): Promise<Outcome> {
  const { disk, at } = beat;
  const { knobs } = beat.settings;
  const remembered = readMemory(disk, at);
  kept.memory(remembered.memory, remembered.problem);
  const memory = await adopt(beat, remembered.memory);
  if (memory !== remembered.memory) writeMemory(disk, memory);
  await freeDeadLeases(beat);
  reanchorSchedules(disk, at);
  if (await endBudgetAsks(beat)) return later(at, 'the budget was raised');

  const observed = await observe({ ...beat, passKeys: beat.settings.loaded.config.pass_keys ?? [] }, knobs, memory, at);
  for (const text of observed.problems) deps.problems.say(text);
  const steps = planApprovals(observed.approvals, observed.world.approvalHash);
  const ended = await endApprovals(beat, steps, observed.world.approvalHash, memory);
  if (ended.acted) return later(at, 'looking again after an answer');

  const decided = await decideAndAct(beat, observed, memory);
  const { result } = decided;
  for (const text of await askAtLimits(beat, observed, wantsModel(result))) deps.problems.say(text);
  kept.rules(result);
  if (result.state !== 'idle' || result.gate === 'unchanged') kept.looked();
  const due = decided.memory.nextWake?.due_ts;
  const next = (heldUntil?: number) =>
    nextBeatAt({
      now: at,
      intervalS: knobs.intervalS,
      ...(due === undefined ? {} : { dueTs: due }),
      ...(heldUntil === undefined ? {} : { heldUntil }),
    });
  switch (result.state) {
    case 'idle': {
      return result.gate === 'breaker' ? waiting(result.why, next()) : later(next(result.until), result.why);
    }
    case 'failed': {
      const { backoff, quota, breaker } = decided.memory;
      // The next look, which calls nobody, says for what and until when it waits.
      if (quota || breaker?.open) return later(at, `${result.code}: ${result.error}`);
      const until = backoff ? (unixSeconds(at) + backoffSeconds(backoff.fails)) * 1000 : undefined;
      return later(next(until), `${result.code}: ${result.error}`);
    }
    case 'move':
      return later(
        next(),
        decided.memory.backoff ? (decided.memory.lastFailure?.error ?? 'failed') : `did ${result.decided.move.action}`,
      );
    default:
      throw result satisfies never;
  }
}

/** It would call a model and does not: at the limit of the day its human is asked now, not when another wait has ended. */
const wantsModel = (result: DecideResult): boolean =>
  result.state === 'idle' && ['budget', 'backoff', 'quota', 'cap'].includes(result.gate);
