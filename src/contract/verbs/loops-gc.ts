import { now } from '../../host/clock.js';
import { resolveKnobs } from '../../model/knobs.js';
import { count, GC_KINDS, type GcCounts, type GcKind, gcSteps, noCounts, take } from '../../runs/gc.js';
import { loadConfig } from '../../store/config.js';
import type { Verb } from '../verb.js';

/** Without --apply it reads only. The pulse does the same once an hour. */
export const verb: Verb = {
  path: ['loops', 'gc'],
  group: 'loops',
  about: 'Say what of the ledger may go, and with --apply let it go',
  details:
    'Planned times that were settled more than a day ago are folded: their rows and outputs are in the ledger, and their own files go. Outputs, rows and removed ' +
    'loops past their retention are removed (knobs ledger.* and TEND_LEDGER_*). What is under way, waits for its next attempt or for you, or is named by an open ' +
    'ask stays. A running pulse does this once an hour.',
  flags: {
    apply: { type: 'boolean', about: 'do it; without this nothing is changed' },
    json: { type: 'boolean', alias: 'j', about: 'print {applied, plan, result}: of each kind {n, bytes}' },
  },
  exitStyle: 'loops',
  human: true,
  examples: [
    { line: 'tend loops gc', about: 'what would go' },
    { line: 'tend loops gc --apply', about: 'let it go now' },
  ],
  async run({ flags }, { disk, env, profile, warn, signal }) {
    const { knobs } = resolveKnobs(env, loadConfig(profile.configPath).raw);
    const applied = flags['apply'] === true;
    const plan = noCounts();
    const result = noCounts();
    for (const step of gcSteps(disk, knobs, { now: now(), problem: warn })) {
      if (signal.aborted) break;
      if (!step) continue;
      count(plan, step);
      if (applied && take(step, warn)) count(result, step);
    }
    return { text: text(applied ? result : plan, applied), json: { applied, plan, ...(applied ? { result } : {}) } };
  },
};

const WORDS: Record<GcKind, string> = {
  fold: 'settled slots folded',
  rows: 'days of rows removed',
  outputs: 'run directories removed',
  trash: 'removed loops deleted',
  temp: 'directories cleared of old temp files',
};

function text(counts: GcCounts, applied: boolean): string {
  const lines = GC_KINDS.map((kind) => {
    const { n, bytes } = counts[kind];
    return `${String(n).padStart(6)}  ${WORDS[kind]}${bytes > 0 ? `, ${bytes} bytes` : ''}`;
  });
  return [...lines, ...(applied ? [] : ['nothing was changed; --apply does it'])].join('\n');
}
