/** What people have laid down: the instructions, the constitution, the PLAYBOOK, the goals. Changes seldom, so it stands first. */
import { LIMITS } from '../../model/limits.js';
import { digestLine, isAsBefore, titleOf } from './digests.js';
import { fenced, inline } from './fence.js';
import { moveShapes } from './moves.js';
import type { PromptInput } from './prompt-input.js';
import type { Section } from './section.js';

/** Only where there is a stronger model: nobody shall ask for what does not exist. */
const STRONGER =
  ' A third, `"stronger":true`, says that this decision is too hard or too costly to get wrong for you: your move is dropped, and a stronger model is asked the same.';

export function instructions(input: PromptInput): Section {
  const values: Record<string, string> = {
    moves: moveShapes(),
    data_dir: inline(input.dataDir, 4_096),
    stronger: input.canAskStronger ? STRONGER : '',
  };
  const lead = input.instructions.replace(/\{\{([a-z_]+)\}\}/g, (found, name: string) => values[name] ?? found);
  return { title: 'INSTRUCTIONS', lead: lead.trim() };
}

export const constitution = (input: PromptInput): Section => ({
  title: 'CONSTITUTION',
  lead: input.constitution.trim(),
});

export function playbook({ world: { playbook: read } }: PromptInput): Section {
  const title = 'PLAYBOOK';
  if (read.problem !== undefined)
    return { title, lead: `(cannot be read: ${inline(read.problem)}; do not rewrite it)` };
  if (read.text === undefined || read.text.trim() === '') return { title, lead: '(there is none)' };
  return { title, lead: fenced(read.text, LIMITS.promptPlaybookChars, 'PLAYBOOK.md') };
}

export function goals(input: PromptInput): Section {
  const { world } = input;
  if (world.goals.length === 0) return { title: 'GOALS', lead: '(there are none)' };
  return {
    title: 'GOALS',
    where: 'goals/',
    items: world.goals.map((goal) => {
      const name = inline(goal.id);
      const body =
        goal.text === undefined
          ? `(cannot be read: ${inline(goal.problem ?? 'unknown reason')}; do not rewrite it)`
          : isAsBefore(input, `goal:${goal.id}`)
            ? digestLine(goal.text, `goals/${name}.md`, titleOf(goal.text))
            : fenced(goal.text, LIMITS.promptGoalChars, `goals/${name}.md`);
      return { name: `goal:${goal.id}`, text: `--- goal ${name}\n${body}` };
    }),
  };
}
