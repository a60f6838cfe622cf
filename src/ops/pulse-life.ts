/** Is the pulse of this data dir alive? Asked of its beacon, whatever files or pids say. */
import { askBeacon } from '../host/beacon.js';
import type { Json } from '../lib/json.js';
import type { Disk } from '../store/disk.js';
import { type Holder, readHolder } from '../store/holder.js';
import { isLockFresh } from '../store/lock.js';

export interface PulseLife {
  alive: boolean;
  /** `silent`: there, but it does not answer (stopped, or very busy). `unknown`: it could not be asked. */
  state: 'alive' | 'dead' | 'silent' | 'unknown';
  pid: number | null;
  /** It answers, and was told to end: it does so after what it is at. */
  isEnding?: boolean;
  holder?: Holder;
  /** What the pulse says of itself, when it answered. */
  answer?: { [key: string]: Json };
  reason?: string;
}

/** One connect and one line, normally under a millisecond; `timeoutMs` bounds a pulse that is stopped. */
export async function pulseLife(
  disk: Disk,
  timeoutMs = 1_000,
  request: { [key: string]: Json } = { op: 'ping' },
): Promise<PulseLife> {
  const holder = readHolder(disk);
  if (holder.state === 'absent') return { alive: false, state: 'dead', pid: null };
  if (holder.state !== 'present') return { alive: false, state: 'unknown', pid: null, reason: holder.reason };
  const { value } = holder;
  const sight = await askBeacon(value.socket, value.nonce, request, timeoutMs);
  switch (sight.state) {
    case 'alive':
      return {
        alive: true,
        state: 'alive',
        pid: value.pid,
        isEnding: sight.answer['ending'] === true,
        holder: value,
        answer: sight.answer,
      };
    case 'silent':
      return { alive: true, state: 'silent', pid: value.pid, holder: value };
    case 'dead':
      // Its socket's name was removed under it, while its lock still shows signs of life: there, but out of reach.
      if (sight.gone && isLockFresh(disk, 'pulse', value.epoch))
        return { alive: true, state: 'silent', pid: value.pid, holder: value };
      return { alive: false, state: 'dead', pid: null };
    case 'unknown':
      return { alive: false, state: 'unknown', pid: value.pid, holder: value, reason: sight.reason };
  }
}
