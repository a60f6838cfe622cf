/** The asks at the limits of goals and workers: one per limit, recognised by its reference; an answer may be acted on any number of times. */
import type { Answer, Ask } from '../model/ask.js';
import type { Instant } from '../model/instant.js';
import { isBudgetReference, readBudgetAnswer } from '../policy/budget.js';
import { readWorkerAnswer, type Scope, type ScopeAsk, scopeOf, withGoalLimit } from '../policy/scope-budget.js';
import { raiseAsk } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { goalKey, readPolicy, writePolicy } from '../store/policy.js';
import { raiseSpend } from '../store/spend.js';
import { readWorker, setWorkerBudget, unwantWorker } from '../store/workers.js';
import { asksOfLimit } from './limit-asks.js';

/** Raises the ask unless this very limit has had one, waiting or over; returns the new one. */
export async function ensureScopeAsk(disk: Disk, draft: ScopeAsk, now: Instant): Promise<Ask | undefined> {
  const { count, unread } = await asksOfLimit(disk, draft.reference, (text) => isRead(draft.reference, text));
  if (count > 0) return undefined;
  return raiseAsk(disk, unread === undefined ? draft : { ...draft, prompt: `${unread}\n\n${draft.prompt}` }, now);
}

/** A raise to what the limit is already, or less, would leave everything standing still: it is asked about again. */
function isRead(reference: string | undefined, text: string): boolean {
  const scope = scopeOf(reference);
  const isMore = (to: number | undefined): boolean => to === undefined || scope === undefined || to > scope.limitUsd;
  if (scope?.of === 'worker') {
    const said = readWorkerAnswer(text);
    return said?.state === 'raise' ? isMore(said.toUsd) : said !== undefined;
  }
  const said = readBudgetAnswer(text);
  return said?.state === 'today' ? isMore(said.amount) : said !== undefined;
}

/** Whether an ask in the budget's name was raised by the budget, for the day, a goal or a worker: then it reads the answer, whatever it says. */
export const isOfBudget = ({ reference }: Pick<Ask, 'reference'>): boolean =>
  scopeOf(reference) !== undefined || isBudgetReference(reference);

/** Whether an answer to an ask in the budget's name is the budget's to act on; anything else is for the decider to read. */
export const isForBudget = (ask: Pick<Ask, 'reference'>, answer: Pick<Answer, 'outcome' | 'answer'>): boolean =>
  answer.outcome !== 'answered' || isOfBudget(ask) || isRead(ask.reference, answer.answer);

export type ScopeEffect = 'raised' | 'stopped' | 'waits' | 'not-understood';

/** Makes the answer true. `keep`: older versions that are kept of a goal that is changed. */
export function applyScopeAnswer(
  disk: Disk,
  { scope, ask, answer }: { scope: Scope; ask: Ask; answer: Answer },
  { now, keep }: { now: Instant; keep: number },
): ScopeEffect {
  const text = answer.outcome === 'answered' ? answer.answer : 'wait';
  if (answer.outcome === 'answered' && !isRead(ask.reference, text)) return 'not-understood';
  return scope.of === 'goal' ? applyGoal(disk, { scope, ask, text }, { now, keep }) : applyWorker(disk, scope, text);
}

function applyGoal(
  disk: Disk,
  { scope, ask, text }: { scope: Extract<Scope, { of: 'goal' }>; ask: Ask; text: string },
  { now, keep }: { now: Instant; keep: number },
): ScopeEffect {
  const said = readBudgetAnswer(text);
  if (!said) return 'not-understood';
  if (said.state === 'wait') return 'waits';
  if (said.state === 'today') {
    const usd = said.amount === undefined ? scope.limitUsd : said.amount - scope.limitUsd;
    // Twice in the ledger counts once: both rows bear the ask's id.
    raiseSpend(disk, { day: scope.day, ask: ask.id, goal: scope.goal, usd, tokens: 0 }, now);
    return 'raised';
  }
  const key = goalKey(scope.goal);
  const read = readPolicy(disk, key);
  const next = read.state === 'present' ? withGoalLimit(read.text, said.amount ?? scope.baseUsd * 2) : undefined;
  if (next === undefined) return 'waits';
  writePolicy(disk, key, next, { now, keep });
  return 'raised';
}

function applyWorker(disk: Disk, scope: Extract<Scope, { of: 'worker' }>, text: string): ScopeEffect {
  const said = text === 'wait' ? undefined : readWorkerAnswer(text);
  const record = readWorker(disk, scope.id);
  // The worker of that name is another one by now: nothing is left to decide.
  if (record?.spec?.generation !== scope.generation) return 'waits';
  if (!said) return text === 'wait' ? 'waits' : 'not-understood';
  if (said.state === 'stop') {
    unwantWorker(disk, record, 'its budget is used up');
    return 'stopped';
  }
  setWorkerBudget(disk, record, Math.max(record.spec.budget_usd ?? 0, said.toUsd ?? scope.limitUsd * 2));
  return 'raised';
}
