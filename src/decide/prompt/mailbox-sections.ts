/** What waits for the human, and what the human has said. An answer is shown until a decision that has seen it takes effect. */
import { LIMITS } from '../../model/limits.js';
import { fenced, inline } from './fence.js';
import type { HumanAnswer, PendingAsk, PromptInput } from './prompt-input.js';
import type { Item, Section } from './section.js';

export function pendingAsks({ inbox }: PromptInput): Section {
  const items: Item[] = [
    ...inbox.pending.map((ask) => ({ name: `ask:${ask.id}`, text: pending(ask) })),
    ...inbox.problems.map(({ id, reason }) => ({
      name: `ask:${id}`,
      text: `--- ask ${inline(id)} cannot be read: ${inline(reason, LIMITS.journalLineChars)}`,
    })),
  ];
  return { title: 'PENDING ASKS', where: 'asks/', ...(items.length > 0 ? { items } : { lead: '(none)' }) };
}

const LIFE = {
  live: 'LIVE: its worker waits for the answer',
  stranded: 'STRANDED: who asked is gone',
  standing: 'STANDING: raised by tend itself',
} as const;

function pending(ask: PendingAsk): string {
  return [
    `--- ask ${inline(ask.id)} from ${inline(ask.worker)} (${ask.kind}, ${ask.urgency}) [${LIFE[ask.life]}]`,
    ...(ask.reference === undefined ? [] : [`reference: ${inline(ask.reference, LIMITS.journalLineChars)}`]),
    ...(ask.options?.length ? [`options: ${ask.options.map((option) => inline(option)).join(' | ')}`] : []),
    ...(ask.move === undefined ? [] : [`a yes runs: ${inline(ask.move, LIMITS.promptShellCommandChars)}`]),
    fenced(ask.prompt, LIMITS.promptAskChars, `asks/${inline(ask.id)}.md`),
  ].join('\n');
}

export function answers({ inbox }: PromptInput): Section {
  if (inbox.answers.length === 0) return { title: 'ANSWERS FROM THE HUMAN', lead: '(none since the last decision)' };
  const items = inbox.answers.map((answer) => ({ name: `answer:${answer.id}`, text: answered(answer) }));
  return { title: 'ANSWERS FROM THE HUMAN', where: 'answers/', items };
}

function answered(answer: HumanAnswer): string {
  const who = `${inline(answer.worker)} (${answer.kind}${answer.life === 'stranded' ? ', who asked is gone' : ''})`;
  return [
    `--- ask ${inline(answer.id)} from ${who}: ${answer.outcome} by ${inline(answer.by)}`,
    'question:',
    fenced(answer.question, LIMITS.promptAskChars, `asks/${inline(answer.id)}.md`),
    'answer:',
    fenced(answer.answer, LIMITS.promptAskChars, `answers/${inline(answer.id)}.md`),
    ...(answer.effect === undefined ? [] : [`effect: ${inline(answer.effect, LIMITS.promptFailureChars)}`]),
  ].join('\n');
}
