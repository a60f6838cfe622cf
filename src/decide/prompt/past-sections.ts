/** What happened before this beat. Times are given as times, not as ages, so that the same past gives the same bytes. */
import { localMinute } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import { fenced, inline } from './fence.js';
import type { PromptInput } from './prompt-input.js';
import type { Section } from './section.js';

export function journal({ journal: lines }: PromptInput): Section {
  const shown = lines.slice(-LIMITS.journalTail).map((line) => `- ${inline(line, LIMITS.journalLineChars)}`);
  return { title: 'RECENT JOURNAL', lead: shown.length > 0 ? shown.join('\n') : '(empty)' };
}

/** Names the goal that has waited longest; one that was never acted on has waited longest of all, ties go by name. */
export function fairness({ world, memory }: PromptInput): Section[] {
  const waited = world.goals
    .map((goal) => ({
      id: goal.id,
      ts: Object.hasOwn(memory.goalActivity, goal.id) ? memory.goalActivity[goal.id]! : 0,
    }))
    .sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1));
  const first = waited[0];
  if (!first) return [];
  const since = first.ts === 0 ? 'it was never acted on' : `last acted on ${localMinute(first.ts * 1_000)}`;
  return [
    {
      title: 'FAIRNESS',
      lead: `The goal that has waited longest is "${inline(first.id)}" (${since}). Prefer it, or say in "journal" why another comes first.`,
    },
  ];
}

/** Shown once: the pulse forgets it when the next decision takes effect. */
export function shellOutput({ memory: { lastShell } }: PromptInput): Section[] {
  if (!lastShell) return [];
  const code = lastShell.exit_code === null ? 'ended by a signal or a deadline' : `exit code ${lastShell.exit_code}`;
  return [
    {
      title: 'RUN_SHELL OUTPUT of your last command, shown once',
      lead: [
        `command: ${inline(lastShell.cmd, LIMITS.promptShellCommandChars)}`,
        `${code}, the end of its output:`,
        fenced(lastShell.output, LIMITS.outputTailBytes, `the run ${inline(lastShell.run)} below runs/`),
      ].join('\n'),
    },
  ];
}

export function lastFailure({ memory: { lastFailure: failure, backoff } }: PromptInput): Section[] {
  if (!failure) return [];
  const fails = backoff?.fails ?? 1;
  const where = failure.run ? `the run ${inline(failure.run)} below runs/` : 'tend status';
  return [
    {
      title: 'LAST FAILURE',
      lead: [
        `The last beat failed at ${localMinute(failure.ts * 1_000)} (${inline(failure.code)}, ${fails} in a row):`,
        fenced(failure.error, LIMITS.promptFailureChars, where),
        'Do not repeat the same move unchanged: correct it, choose another, or ask the human.',
      ].join('\n'),
    },
  ];
}
