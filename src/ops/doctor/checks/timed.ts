/** Timed loops and workflows: could each start now, did they end well, is anything left behind, is there what they need? */
import { whichProgram } from '../../../host/which.js';
import { zoneDataVersion } from '../../../host/zone-data.js';
import { shellQuote } from '../../../lib/shell-quote.js';
import { findRuns } from '../../../store/run-index.js';
import { type Check, type Finding, fail, note, ok, warn } from '../check.js';

export const loopsCheck: Check = {
  id: 'loops',
  about: 'each timed loop that is active could start now',
  look: async (world) => {
    const loops = await world.loops();
    const found = loops.flatMap(({ id, name, state, problem }): Finding[] => {
      if (problem === undefined) return [];
      const cure = `tend loops show ${shellQuote(id)}`;
      return [
        state === 'broken'
          ? warn(`loop "${name}" (${id}) cannot be read: ${problem}`, cure)
          : fail(`loop "${name}" (${id}): ${problem}`, cure),
      ];
    });
    return found.length > 0 ? found : [ok(loops.length === 0 ? 'there is none' : `${loops.length} active`)];
  },
};

const DAY_MS = 86_400_000;
const BAD = ['failed', 'timed_out', 'abandoned'] as const;
/** More than this in a day is told as a number that is too small. */
const COUNTED = 1_000;

export const loopRunsCheck: Check = {
  id: 'loop-runs',
  about: 'no run of a loop failed since yesterday',
  look: ({ disk, now }) => {
    const rows = BAD.flatMap(
      (status) => findRuns(disk, { kind: 'loop', status, since: now - DAY_MS }, { limit: COUNTED, now }).rows,
    );
    if (rows.length === 0) return [ok('none')];
    const loops = [...new Set(rows.map(({ loop, loop_name: name }) => name ?? loop ?? '?'))];
    const more = loops.length > NAMES_SHOWN ? ` and ${loops.length - NAMES_SHOWN} more` : '';
    const named = loops.slice(0, NAMES_SHOWN).join(', ');
    return [
      warn(
        `${rows.length} failed since yesterday: ${named}${more}`,
        'tend runs --kind loop --status failed --since 1d',
      ),
    ];
  },
};
const NAMES_SHOWN = 5;

export const accountsCheck: Check = {
  id: 'accounts',
  about: 'the program "accounts" is there for loops that name a profile',
  look: async (world) => {
    const path = whichProgram('accounts', world.env, world.disk.root);
    if (path !== undefined) return [ok(path)];
    const wanting = (await world.loops()).filter(({ wantsAccounts }) => wantsAccounts);
    return wanting.length === 0
      ? [note('"accounts" is not on PATH; no loop names a profile')]
      : [
          warn(
            `"accounts" is not on PATH, and ${wanting.map(({ name }) => `"${name}"`).join(', ')} name a profile`,
            'install it, or take the profile out of the loop',
          ),
        ];
  },
};

export const orphansCheck: Check = {
  id: 'orphans',
  about: 'no workflow run was left by whatever drove it',
  look: ({ orphans }) => {
    const found = orphans().map((id) =>
      warn(
        `workflow run "${id}" is unfinished and nothing drives it`,
        `tend workflows recover ${shellQuote(id)} --resume`,
      ),
    );
    return found.length > 0 ? found : [ok('none')];
  },
};

export const goalKeyCheck: Check = {
  id: 'goal-key',
  about: 'there is a key for the model that plans goals of loops',
  look: async (world) => {
    const wanting = (await world.loops()).filter(({ wantsKey }) => wantsKey);
    if (wanting.length === 0) return [ok('no loop has a goal that needs one')];
    if (world.env['OPENROUTER_API_KEY']) return [ok('OPENROUTER_API_KEY is set')];
    return [
      warn(
        `${wanting.map(({ name }) => `"${name}"`).join(', ')}: a goal is planned by a model, and OPENROUTER_API_KEY is not set`,
        'export OPENROUTER_API_KEY=…   # or --goal-model runner:claude',
      ),
    ];
  },
};

/** Rules of zones change several times a year; two years old means that some zone is wrong by now. */
const OLD_YEARS = 2;

export const tzCheck: Check = {
  id: 'tz',
  about: 'the rules of time zones are of these years',
  look: ({ now }) => judgeZoneData(zoneDataVersion(), now),
};

/** Pure. `version` is like `2025b`; undefined: this program does not say. */
export function judgeZoneData(version: string | undefined, now: number): Finding[] {
  const year = Number(/^(\d{4})/.exec(version ?? '')?.[1]);
  if (Number.isNaN(year)) return [note('this Node does not say how old its rules of time zones are')];
  const age = new Date(now).getFullYear() - year;
  return age <= OLD_YEARS
    ? [ok(version ?? '')]
    : [warn(`the rules of time zones are those of ${version}: cron may fire at a wrong hour`, 'install a newer Node')];
}
