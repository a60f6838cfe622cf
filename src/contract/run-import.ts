/** What the verbs of `tend import` have in common: programs need the human's word, nothing of the profile is overwritten unasked. */
import { resolve } from 'node:path';
import { now } from '../host/clock.js';
import { badInput, refused, TendError } from '../model/error.js';
import { resolveKnobs } from '../model/knobs.js';
import { applyPlan, type ItemDone } from '../ops/import/apply.js';
import type { ImportPlan } from '../ops/import/plan.js';
import { loadConfig } from '../store/config.js';
import { type ForeignDir, openForeign } from '../store/foreign-dir.js';
import type { Context, Flag, VerbInput, VerbResult } from './verb.js';
import { codeLines, renderImport } from './views/import.js';

export const IMPORT_FLAGS: Readonly<Record<string, Flag>> = {
  'dry-run': { type: 'boolean', about: 'write nothing, and print what would be made, with every program in full' },
  'no-code': { type: 'boolean', about: 'leave programs out: sensors, and goals with rules' },
  force: {
    type: 'boolean',
    about: 'replace goals, sensors, schedules and the PLAYBOOK that differ; the history keeps them',
  },
  yes: { type: 'boolean', alias: 'y', about: 'take its programs over without asking' },
  json: {
    type: 'boolean',
    about: 'print {source, dry_run, items:[{key, from, outcome, reason, code, changed}], left, notes}',
  },
};

export const IMPORT_EXITS = {
  1: 'its programs were not confirmed, and nothing was written; or an item failed',
  130: 'given up in the dialog; nothing was written',
} as const;

/** How a source is told and planned. */
export interface Importer {
  /** Why the directory is not what the verb takes. */
  problem(source: ForeignDir): string | undefined;
  plan(source: ForeignDir): Promise<ImportPlan>;
}

export async function runImport(input: VerbInput, context: Context, importer: Importer): Promise<VerbResult> {
  const { disk } = context;
  const source = openSource(resolve(input.args['dir'] ?? ''), disk.root, importer);
  const whole = await importer.plan(source);
  const plan = input.flags['no-code'] === true ? withoutCode(whole) : whole;
  const { knobs } = resolveKnobs(context.env, loadConfig(context.profile.configPath).raw);
  const terms = { force: input.flags['force'] === true, keep: knobs.historyKeep, now: now() };
  const isDry = input.flags['dry-run'] === true;
  const foreseen = applyPlan(disk, plan, { ...terms, dryRun: true });
  const programs = foreseen.filter(({ item, outcome }) => item.code && (outcome === 'made' || outcome === 'replaced'));
  if (!isDry && programs.length > 0) await confirm(input, context, programs);
  const done = isDry ? foreseen : applyPlan(disk, plan, { ...terms, dryRun: false });
  const failed = done.filter(({ outcome }) => outcome === 'failed').length;
  return {
    text: renderImport({ source: source.root, done, plan, dryRun: isDry, programs: isDry ? programs : [] }),
    json: {
      source: source.root,
      dry_run: isDry,
      items: done.map(({ item, outcome, reason }) => ({
        key: item.key,
        from: item.from,
        outcome,
        reason: reason ?? null,
        code: item.code ?? null,
        changed: item.changed ?? [],
      })),
      left: plan.left,
      notes: plan.notes,
    },
    exit: failed > 0 ? 1 : 0,
  };
}

function openSource(path: string, root: string, importer: Importer): ForeignDir {
  const { dir, problem } = openForeign(path);
  if (!dir) throw badInput(`Cannot import "${path}": ${problem}`, `ls -ld ${path}`);
  if (dir.root === root) throw badInput(`Cannot import "${path}": it is the data dir of this profile itself`);
  const bad = importer.problem(dir);
  if (bad) throw badInput(`Cannot import "${path}": ${bad}`, 'tend help import');
  return dir;
}

const withoutCode = (plan: ImportPlan): ImportPlan => ({
  ...plan,
  items: plan.items.filter(({ code }) => code === undefined),
  left: [
    ...plan.left,
    ...plan.items.flatMap(({ code, from }) => (code ? [{ from, reason: 'left out by --no-code' }] : [])),
  ],
});

/** They run as the user from the next beat on, unasked: only a human's word brings them in. */
async function confirm(input: VerbInput, context: Context, programs: readonly ItemDone[]): Promise<void> {
  if (input.flags['yes'] === true) return;
  const names = programs.map(({ item }) => item.key).join(', ');
  if (context.dialogs?.confirm && context.tty.in && context.tty.out) {
    const question = `Take over ${programs.length === 1 ? 'this program' : `these ${programs.length} programs`}? They run as you, from the next beat on.`;
    if (await context.dialogs.confirm({ title: 'Programs', lines: codeLines(programs), question })) return;
    throw new TendError('aborted', 'Given up: nothing was written', { code: 'aborted' });
  }
  throw refused(
    'not-confirmed',
    `Cannot import it without your word: it brings programs that would run as you, and nothing was written: ${names}`,
    'read them with --dry-run, then type it with --yes, or with --no-code',
  );
}
