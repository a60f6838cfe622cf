/** The asks at the limits of goals and workers: one per limit, recognised by its reference; an answer may be acted on any number of times. */
import type { Answer, Ask } from '../model/ask.js';
import { askHeadSchema } from '../model/ask-schema.js';
import type { Instant } from '../model/instant.js';
import { readBudgetAnswer } from '../policy/budget.js';
import { readWorkerAnswer, type Scope, type ScopeAsk, scopeOf, withGoalLimit } from '../policy/scope-budget.js';
import { idsIn, raiseAsk } from '../store/asks.js';
import { readMarkdown } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import { goalKey, readPolicy, writePolicy } from '../store/policy.js';
import { raiseSpend } from '../store/spend.js';
import { readWorker, setWorkerBudget, unwantWorker } from '../store/workers.js';

/** Raises the ask unless this very limit has had one, waiting or over; returns the new one. */
export async function ensureScopeAsk(disk: Disk, draft: ScopeAsk, now: Instant): Promise<Ask | undefined> {
  for (const dir of ['asks', 'asks/archive'] as const) {
    for (const id of idsIn(disk, dir).filter((name) => /^budget-\d+$/.test(name))) {
      const read = await readMarkdown(disk, `${dir}/${id}.md`, askHeadSchema);
      if (read.state === 'present' && read.value.head.reference === draft.reference) return undefined;
    }
  }
  return raiseAsk(disk, draft, now);
}

/** Whether this answer to a budget's ask says what the budget understands; anything else is for the decider to read. */
export function isForBudget(ask: Pick<Ask, 'reference'>, answer: Pick<Answer, 'outcome' | 'answer'>): boolean {
  if (answer.outcome !== 'answered') return true;
  const read = scopeOf(ask.reference)?.of === 'worker' ? readWorkerAnswer : readBudgetAnswer;
  return read(answer.answer) !== undefined;
}

export type ScopeEffect = 'raised' | 'stopped' | 'waits' | 'not-understood';

/** Makes the answer true. `keep`: older versions that are kept of a goal that is changed. */
export function applyScopeAnswer(
  disk: Disk,
  { scope, ask, answer }: { scope: Scope; ask: Ask; answer: Answer },
  { now, keep }: { now: Instant; keep: number },
): ScopeEffect {
  const text = answer.outcome === 'answered' ? answer.answer : 'wait';
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
    // Twice in the ledger counts once: both rows bear the ask's id.
    raiseSpend(disk, { day: scope.day, ask: ask.id, goal: scope.goal, usd: scope.limitUsd, tokens: 0 }, now);
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
