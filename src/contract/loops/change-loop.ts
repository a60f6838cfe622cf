/**
 * A human's change of one loop: read, decide by the pure rule, write by compare-and-swap, and again when somebody else was first.
 * So each call has its own effect or is refused; none undoes what it has not seen.
 */
import { now } from '../../host/clock.js';
import { refused, TendError } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import type { LoopState } from '../../model/loop.js';
import type { LifeResult } from '../../runs/rules/life.js';
import type { Disk } from '../../store/disk.js';
import { type BrokenLoop, casState, readLoop, requireLoop, type SoundLoop } from '../../store/loops.js';
import type { Flag, VerbResult } from '../verb.js';
import { publicSpec } from '../views/loops.js';

/** Changes that may come between our look and our write before we give up: each of them was somebody's success. */
const ROUNDS = 100;

export const JSON_FLAG: Readonly<Record<string, Flag>> = {
  json: { type: 'boolean', alias: 'j', about: 'print the loop as JSON' },
};

export interface LoopChange {
  /** `pause`: for the words of a refusal. */
  verb: string;
  /** Pure, or doing what must come before the write; called again after a lost race. */
  decide(loop: SoundLoop, at: Instant): LifeResult;
}

/** Changes the loop that `word` names, and says what it is now. */
export function changeLoop(disk: Disk, word: string, change: LoopChange): VerbResult {
  const { id } = requireSound(disk, requireLoop(disk, word, { verb: change.verb, changes: true }), change.verb);
  for (let round = 0; round < ROUNDS; round++) {
    const entry = readLoop(disk, id);
    if (!entry)
      throw refused('not-found', `Cannot ${change.verb} ${JSON.stringify(word)}: loop not found`, 'tend loops list');
    const loop = requireSound(disk, entry, change.verb);
    const at = now();
    const { state, refusal } = change.decide(loop, at);
    if (refusal) throw refused('conflict', `${refusal.message} (loop ${id})`, refusal.hint.replaceAll('ID', id));
    if (state === loop.loopState || casState(disk, id, loop.loopState, state)) return changed(disk, loop, state);
  }
  throw refused(
    'conflict',
    `Cannot ${change.verb} loop "${id}": others change it all the time`,
    `tend loops show ${id}`,
  );
}

/** The spec may have been written by `decide`, so it is read again. */
function changed(disk: Disk, { id, spec }: SoundLoop, state: LoopState): VerbResult {
  const entry = readLoop(disk, id);
  const json = publicSpec(entry?.state === 'ok' ? entry.spec : spec, state);
  return { text: `${id} ${state.status}`, json };
}

function requireSound(disk: Disk, entry: SoundLoop | BrokenLoop, verb: string): SoundLoop {
  if (entry.state === 'ok') return entry;
  const what = `Cannot ${verb} loop "${entry.id}": it is ${entry.state}: ${entry.reason}`;
  throw new TendError(entry.state === 'invalid' ? 'refused' : 'environment', what, {
    code: entry.state === 'invalid' ? 'invalid' : 'unreadable',
    hint: `ls -l ${disk.path(`schedules/${entry.id}`)}`,
  });
}
