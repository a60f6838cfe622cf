/** What people read of an import. Pure. */
import { exactly, indented } from '../../lib/terminal-safe.js';
import type { ItemDone, Outcome } from '../../ops/import/apply.js';
import type { ImportPlan } from '../../ops/import/plan.js';

export interface ImportShown {
  source: string;
  done: readonly ItemDone[];
  plan: ImportPlan;
  dryRun: boolean;
  /** Shown in full. */
  programs: readonly ItemDone[];
}

/** Longest list of one outcome; what is there already and what is the same is a number anyway. */
const ROWS_MAX = 200;

export function renderImport({ source, done, plan, dryRun, programs }: ImportShown): string {
  const of = (outcome: Outcome) => done.filter((one) => one.outcome === outcome);
  const rows = (['failed', 'kept', 'replaced', 'made'] as const).flatMap((outcome) =>
    listed(of(outcome), outcome, dryRun),
  );
  const counts = (['made', 'replaced', 'same', 'kept', 'failed'] as const)
    .filter((outcome) => of(outcome).length > 0)
    .map((outcome) => `${of(outcome).length} ${WORDS[outcome]}`);
  return [
    ...rows,
    ...(plan.left.length > 0
      ? [
          'Not taken over:',
          ...plan.left.map(({ from, reason }) => `  ${indented(from, ' ')}: ${indented(reason, '    ')}`),
        ]
      : []),
    ...(plan.notes.length > 0 ? ['Notes:', ...plan.notes.map((note) => `  ${indented(note, '    ')}`)] : []),
    ...(programs.length > 0 ? ['Programs, as they would run:', ...codeLines(programs)] : []),
    `${dryRun ? 'a dry run; it would be' : 'imported'} from ${indented(source, ' ')}: ${counts.join(', ') || 'nothing'}`,
  ].join('\n');
}

const WORDS: Readonly<Record<Outcome, string>> = {
  made: 'made',
  same: 'there already',
  replaced: 'replaced',
  kept: 'kept as they are here',
  failed: 'failed',
};

function listed(some: readonly ItemDone[], outcome: Outcome, dryRun: boolean): string[] {
  const shown = some.slice(0, ROWS_MAX).map(({ item, reason }) => {
    const notes = [reason, ...(item.changed ?? []), ...(item.code ? [`a program (${item.code})`] : [])].filter(
      (note) => note !== undefined,
    );
    return `  ${dryRun && outcome === 'made' ? 'make' : outcome}  ${indented(item.key, ' ')}${notes.length > 0 ? `   ${indented(notes.join('; '), '    ')}` : ''}`;
  });
  return some.length > shown.length ? [...shown, `  … and ${some.length - shown.length} more`] : shown;
}

/** Each program with every character that cannot be seen named: what is read is what would run. */
export const codeLines = (programs: readonly ItemDone[]): string[] =>
  programs.flatMap(({ item }) => [
    `${item.key}:`,
    ...exactly(String(item.content))
      .trimEnd()
      .split('\n')
      .map((line) => `  │ ${line}`),
  ]);
