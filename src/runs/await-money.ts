/**
 * Right before an agent is started or a model is called: is there money of the day for it? What the pulse runs waits, its human is
 * asked once for each limit, and it goes on by itself when more is allowed or the day turns. What a human runs by hand is refused in
 * words. Nothing is remembered on disk, so a death while it waits changes nothing.
 */
import { now, pause } from '../host/clock.js';
import { messageOf, refused, TendError } from '../model/error.js';
import { type Instant, localDay } from '../model/instant.js';
import type { LoopSpec } from '../model/loop.js';
import type { Step, Workflow } from '../model/workflow.js';
import type { Disk } from '../store/disk.js';
import { type DayLimit, dayLimit } from './day-money.js';
import type { RunDeps } from './performer.js';

/** Between two looks while it waits: an answer takes effect with a beat, which is no more often. */
const LOOK_MS = 2_000;

export interface MoneyWait {
  /** Who waits, for the log. */
  who: string;
  signal: AbortSignal;
  /** Called when it begins to wait, with the limit in words, and with undefined when it goes on. */
  onWait?(why: string | undefined): void;
}

/** Resolves to undefined when there is money for one more run, else to why there will be none: refused by hand, or told to stop. */
export async function awaitMoney(deps: RunDeps, { who, signal, onWait }: MoneyWait): Promise<string | undefined> {
  const ask = limitAsker(deps, who);
  for (let waits = false; ; waits = true) {
    const limit = deps.mayOverspend ? undefined : dayLimit(deps, now());
    if (!limit) {
      if (waits) onWait?.(undefined);
      return undefined;
    }
    if (!deps.askForMoney) return limitWords(limit);
    if (signal.aborted) return `it was stopped while it waited for money: ${limit.verdict.reason}`;
    if (!waits) onWait?.(limit.verdict.reason);
    await ask(limit);
    await pause(LOOK_MS, signal);
  }
}

/** Asks the human once for each limit: of another day, or after a raise that was not enough, it is another one. */
export function limitAsker(deps: RunDeps, who: string): (limit: DayLimit) => Promise<void> {
  let asked: string | undefined;
  return async (limit) => {
    const which = `${localDay(now())} ${limit.spend.raises}`;
    if (which === asked) return;
    deps.log(
      'warn',
      'money.limit',
      `no agent is started and no model is called: ${limit.verdict.reason}; ${who} waits`,
    );
    try {
      await deps.askForMoney?.(limit);
      asked = which;
    } catch (error) {
      if (!(error instanceof TendError) || error.code === 'fenced') throw error;
      deps.log('error', 'money.ask', `cannot ask the human: ${messageOf(error)}`);
    }
  };
}

/** Why nothing that costs money is started by hand, with what allows it. */
export const limitWords = ({ verdict }: DayLimit): string =>
  `the budget of the day has no room for one more run of an agent or a model (${verdict.reason}); ` +
  `see: tend spend; more for one command: ${verdict.of === 'usd' ? 'TEND_MAX_DAILY_USD' : 'TEND_MAX_DAILY_TOKENS'}=N before it`;

/** Throws `budget` when a human's own run would cost money that the day has not. `doing`: what they want, e.g. `run "nightly"`. */
export function requireMoney(deps: RunDeps, doing: string): void {
  const limit = deps.mayOverspend || deps.askForMoney ? undefined : dayLimit(deps, now());
  if (limit) throw refused('budget', `Cannot ${doing}: ${limitWords(limit)}`, 'tend spend');
}

type Spender = Pick<LoopSpec, 'target' | 'goal'>;

/**
 * Whether a run of this target starts an agent or asks a model. `isResumed`: it waited for a human and is taken up again, so only an
 * objective goes on. What cannot be read is told by the run itself.
 */
export async function spendsMoney(disk: Disk, { target, goal }: Spender, isResumed = false): Promise<boolean> {
  if (goal || target.type !== 'workflow') return goal !== undefined || target.type === 'agent';
  // Loaded here: it is not on the path of a plain command.
  const { readWorkflowRecord } = await import('../store/workflows.js');
  const read = readWorkflowRecord(disk, target.workflowId);
  return read.state === 'present' && (isResumed ? read.value.goal !== undefined : doesFlowSpend(read.value));
}

/** The same of a workflow. `isOver`: steps that will not run any more. */
export const doesFlowSpend = (
  { goal, steps }: Pick<Workflow, 'steps'> & Partial<Pick<Workflow, 'goal'>>,
  isOver: (step: Step) => boolean = () => false,
): boolean =>
  goal !== undefined ||
  steps.some((step) => !isOver(step) && (step.goal !== undefined || step.target.type === 'agent'));

/** The limit that keeps a human's own run of this from being started; undefined when nothing does. */
export async function limitByHand(
  deps: RunDeps & { now(): Instant },
  of: Spender,
  isResumed = false,
): Promise<DayLimit | undefined> {
  if (deps.mayOverspend || deps.askForMoney || !(await spendsMoney(deps.disk, of, isResumed))) return undefined;
  return dayLimit(deps, deps.now());
}
