/** The one repair call: the same prompt, and behind it what was wrong with the answer to it. */
import { LIMITS } from '../../model/limits.js';
import { fenced, inline } from './fence.js';

/** Enough to see the slip; a longer answer is mostly prose. */
const ANSWER_CHARS = 8_192;
const PROBLEMS_MAX = 20;

export function repairPrompt(prompt: string, problems: readonly string[], answer: string): string {
  return [
    prompt,
    '=== REPAIR ===',
    'Your answer to this prompt could not be used:',
    ...problems.slice(0, PROBLEMS_MAX).map((problem) => `- ${inline(problem, LIMITS.journalLineChars)}`),
    'You answered:',
    fenced(answer, ANSWER_CHARS, 'output.log of this run'),
    'Answer again with exactly one JSON object of the shapes above and nothing behind it. There is no third try.',
    '',
  ].join('\n');
}
