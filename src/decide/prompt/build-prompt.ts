/**
 * The decide prompt: facts → text. Pure, and the same world gives the same bytes up to NOW. Sections stand from the most stable
 * to the most volatile, because a provider's cache keeps a prefix only.
 */
import { localMinute } from '../../model/instant.js';
import { answers, pendingAsks } from './mailbox-sections.js';
import { fairness, journal, lastFailure, shellOutput } from './past-sections.js';
import { constitution, goals, instructions, playbook } from './policy-sections.js';
import type { Prompt, PromptInput } from './prompt-input.js';
import { bytesOf, fitItems, renderSection, type Section } from './section.js';
import { flapping, readings, ruleProblems, whatChanged } from './world-sections.js';

/** Renders all sections. Over `maxBytes` items are left out, each section of them with a line that says so. */
export function buildPrompt(input: PromptInput): Prompt {
  const stable = [instructions(input), constitution(input), playbook(input)];
  const budgeted = [goals(input), readings(input), pendingAsks(input), answers(input)];
  const volatile = [
    journal(input),
    ...fairness(input),
    ...whatChanged(input),
    ...shellOutput(input),
    ...flapping(input),
    ...ruleProblems(input),
    ...lastFailure(input),
  ];
  const head = render(stable);
  const tail = render(volatile) + nowSection(input);
  const shown = shownItems(budgeted, input.maxBytes, bytesOf(head) + bytesOf(tail));
  const middle = budgeted.map((section, index) => renderSection(section, shown[index]));
  const names = budgeted.map((section) => (section.items ?? []).map((item) => item.name));
  return {
    text: head + middle.join('') + tail,
    stablePrefixBytes: bytesOf(head) + bytesOf(middle[0]!),
    truncated: names.flatMap((list, index) => list.slice(shown[index])),
    shownAnswers: names
      .at(-1)!
      .slice(0, shown.at(-1))
      .map((name) => name.slice('answer:'.length)),
  };
}

function shownItems(sections: readonly Section[], maxBytes: number, fixedBytes: number): number[] {
  if (maxBytes === 0) return sections.map((section) => section.items?.length ?? 0);
  // Room is reckoned with every notice in place, so that a prompt with notices is within the limit too.
  const frames = sections.reduce((sum, section) => sum + bytesOf(renderSection(section, 0)), 0);
  return fitItems(sections, maxBytes - fixedBytes - frames);
}

const render = (sections: readonly Section[]): string => sections.map((section) => renderSection(section)).join('');

/** The only part that moves with the clock. */
function nowSection({ now }: PromptInput): string {
  return [
    '=== NOW ===',
    `Local time: ${localMinute(now)} (unix ${Math.floor(now / 1_000)}).`,
    'Decide now. End with exactly one JSON object as your final message and nothing behind it, or write that object to the file named by $TEND_DECISION_FILE. Then stop.',
    '',
  ].join('\n');
}
