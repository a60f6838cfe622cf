/**
 * Answers to the budget's asks become true before a decision: the ledger first, then the config, then the answer is consumed. One that is not
 * understood is consumed as well, and the limit asks again (decide/limit-asks.ts).
 */
import { applyBudgetAnswer, budgetAnswerDone } from '../../decide/budget-ask.js';
import { applyScopeAnswer, isOfBudget } from '../../decide/scope-ask.js';
import { isObject } from '../../lib/json.js';
import { scopeOf } from '../../policy/scope-budget.js';
import { idsIn, isConsumed, readAnswer, readAsk } from '../../store/asks.js';
import { saveConfig } from '../../store/config.js';
import { logEvent } from '../../store/events.js';
import type { Beat } from './beat.js';

/** True when a config was changed: settings are to be read anew. */
export async function endBudgetAsks(beat: Beat): Promise<boolean> {
  let changed = false;
  for (const id of idsIn(beat.disk, 'answers').filter((name) => /^budget-\d+$/.test(name))) {
    const [ask, answer] = [await readAsk(beat.disk, id), await readAnswer(beat.disk, id)];
    if (ask.state !== 'present' || answer.state !== 'present' || isConsumed(beat.disk, id)) continue;
    const scope = scopeOf(ask.value.reference);
    if (scope) {
      const given = { scope, ask: ask.value, answer: answer.value };
      const became = applyScopeAnswer(beat.disk, given, { now: beat.at, keep: beat.settings.knobs.historyKeep });
      if (budgetAnswerDone(beat.disk, ask.value, beat.at)) told(beat, id, answer.value.answer, became);
      continue;
    }
    const effect = applyBudgetAnswer(beat.disk, { ask: ask.value, answer: answer.value }, beat.settings.knobs, beat.at);
    // Somebody else's ask in our name.
    if (effect.state === 'not-understood' && !isOfBudget(ask.value)) continue;
    if (effect.state === 'save-config') {
      saveConfig(beat.settings.loaded.path, withPath(beat.settings.loaded.raw, effect.config.split('.'), effect.value));
      changed = true;
    }
    if (budgetAnswerDone(beat.disk, ask.value, beat.at)) told(beat, id, answer.value.answer, effect.state);
  }
  return changed;
}

function told(beat: Beat, ask: string, answer: string, effect: string): void {
  beat.log('ok', 'budget.answered', `budget: ${answer.trim()}`, { ask });
  logEvent(beat.disk, beat.at, 'budget.answered', { ask, effect });
}

function withPath(
  raw: Record<string, unknown>,
  [key, ...more]: readonly string[],
  value: number,
): Record<string, unknown> {
  if (key === undefined) return raw;
  if (more.length === 0) return { ...raw, [key]: value };
  const inner = raw[key];
  return { ...raw, [key]: withPath(isObject(inner) ? inner : {}, more, value) };
}
