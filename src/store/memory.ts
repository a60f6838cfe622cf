/** `pulse/memory.json`, what a beat knows of earlier beats. One file, replaced whole, so that no two parts of it disagree. */
import { TendError } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { type Memory, memorySchema } from '../model/memory.js';
import { FORMAT } from '../model/record.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { quarantine } from './quarantine.js';

export const MEMORY = 'pulse/memory.json';

/** The memory of a pulse that has never beaten. */
export const emptyMemory = (): Memory => ({ format: FORMAT, decides: [], rules: {}, flaps: {}, goalActivity: {} });

/**
 * Absent: empty. Corrupt: moved to quarantine and replaced by an empty memory that waits as after several failures, because
 * how often the last beats failed is unknown; `problem` says so. Unreadable or newer: throws, for a beat without its memory
 * could spend without limit.
 */
export function readMemory(disk: Disk, now: Instant): { memory: Memory; problem?: string } {
  const read = readJson(disk, MEMORY, memorySchema);
  if (read.state === 'present') return { memory: read.value };
  if (read.state === 'absent') return { memory: emptyMemory() };
  if (read.state !== 'corrupt') {
    throw new TendError('environment', `Cannot read "${MEMORY}": ${read.reason}`, {
      code: 'memory-unreadable',
      hint: 'tend status',
    });
  }
  // No policy hash is known, so none can differ and cut this wait short.
  const backoff = { fails: LIMITS.backoffCorruptFails, ts: unixSeconds(now), policyHash: '' };
  const memory: Memory = { ...emptyMemory(), backoff };
  const kept = quarantine(disk, MEMORY, read.reason, now);
  // Written at once: if we died with the name absent, the next beat would take it for a first one and not wait.
  writeMemory(disk, memory);
  return { memory, problem: `"${MEMORY}" was unreadable (${read.reason}) and is kept as "${kept ?? 'nothing'}"` };
}

/** Replaces the memory; the same content writes nothing. `fence` throws when the caller is no longer the pulse. */
export function writeMemory(disk: Disk, memory: Memory, fence: () => void = () => undefined): void {
  const text = jsonRecord(memory);
  const before = disk.read(MEMORY);
  if (before.state === 'present' && before.text === text) return;
  fence();
  disk.replace(MEMORY, text);
}
