/**
 * Every loop, for whoever asks again and again: one is read anew only when its files may be others than at the last time. A beat asks
 * for all of them, and to parse hundreds that stand still was most of what an idle pulse did.
 */
import type { Disk } from './disk.js';
import { type LoopEntry, loopIds, readLoop, type SoundLoop, specKey, stateDir, stateKey } from './loops.js';
import { settledStamp } from './settled-stamp.js';

/** So often each is read anew: no stamp tells of a damaged revision above the present one that somebody mended in place. */
const WHOLE_MS = 600_000;

/** A loop, and the stamps of what it was read from. */
interface Known {
  entry: SoundLoop;
  definition: string;
  revision: string;
}

/** At each call what `readLoops` gives. Throws when `schedules/` cannot be listed. */
export function rememberedLoops(disk: Disk): () => LoopEntry[] {
  const known = new Map<string, Known>();
  let wholeAt = performance.now();
  return () => {
    const ids = loopIds(disk);
    const isWhole = performance.now() - wholeAt >= WHOLE_MS;
    if (isWhole) wholeAt = performance.now();
    const here = new Set(isWhole ? [] : ids);
    for (const id of known.keys()) if (!here.has(id)) known.delete(id);
    return ids.flatMap((id) => remembered(disk, id, known) ?? []);
  };
}

function remembered(disk: Disk, id: string, known: Map<string, Known>): LoopEntry | undefined {
  // Before the reading: what is remembered under it is at least as new.
  const definition = definitionStamp(disk, id);
  const before = known.get(id);
  if (before && before.definition === definition && before.revision === revisionStamp(disk, before.entry))
    return before.entry;
  known.delete(id);
  const entry = readLoop(disk, id);
  if (entry?.state !== 'ok' || definition === undefined) return entry;
  const revision = revisionStamp(disk, entry);
  if (revision !== undefined) known.set(id, { entry, definition, revision });
  return entry;
}

/** The spec, and the names of the revisions. */
function definitionStamp(disk: Disk, id: string): string | undefined {
  const [spec, states] = [settledStamp(disk, specKey(id)), settledStamp(disk, stateDir(id))];
  return spec === undefined || states === undefined ? undefined : `${spec} ${states}`;
}

const revisionStamp = (disk: Disk, { id, loopState }: SoundLoop): string | undefined =>
  settledStamp(disk, stateKey(id, loopState.rev));
