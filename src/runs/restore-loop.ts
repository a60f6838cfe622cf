/**
 * Mends a loop whose every state is damaged: a state derived anew is published above them, and what was damaged goes to quarantine after
 * that. Of many processes one publishes, and says so once; a death between the two leaves a sound loop.
 */
import type { Instant } from '../model/instant.js';
import { logEvent } from '../store/events.js';
import { type LoopEntry, readLoop, restoreState } from '../store/loops.js';
import { sealedThrough } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { restoredState } from './rules/restore.js';
import { seenSlots } from './seen-slots.js';

/** The loop as it is, mended where that was needed. Throws what the disk says: then it stays as it was. */
export function soundLoop(deps: AttemptDeps, id: string, now: Instant): LoopEntry | undefined {
  const entry = readLoop(deps.disk, id);
  if (entry === undefined || entry.state === 'ok' || !entry.lost) return entry;
  const { spec, rev } = entry.lost;
  const zone = deps.zone();
  const nothing = restoredState(spec, { rev, seen: [], sealed: Number.NEGATIVE_INFINITY }, { now, zone });
  const seen = seenSlots(deps, spec, nothing, 0);
  const state = restoredState(spec, { rev, seen, sealed: sealedThrough(deps.disk, id) }, { now, zone });
  if (restoreState(deps.disk, id, state, now)) {
    const why = `its state was damaged and is in quarantine; it was derived anew from its runs, and it is ${state.status}`;
    const next = state.status === 'paused' ? `, as nobody can tell what it was: tend loops resume ${id}` : '';
    deps.log('warn', 'loop.restored', `loop "${spec.name}": ${why}${next}`);
    logEvent(deps.disk, now, 'loop.restored', { loop: id, status: state.status });
  }
  return readLoop(deps.disk, id);
}
