/**
 * Who blocks on an ask? The asking process lights a beacon before it publishes the ask, under a nonce that the ask records.
 * So an ask whose beacon is dead has no asker any more: its successor may take it over, and nobody waits for its end.
 */
import { join } from 'node:path';
import { nonce as newNonce } from '../lib/hash.js';
import { askBeacon, lightBeacon, sweepBeacon } from './beacon.js';
import type { Env } from './env.js';
import { runtimeDir } from './runtime-dir.js';

export interface Waiter {
  nonce: string;
  close(): void;
}

/** `a-<16 hex digits>.sock`: the nonce names the socket, so no two processes ever want the same one. */
const socketOf = (env: Env, dataDir: string, nonce: string): string =>
  join(runtimeDir(env, dataDir), `a-${nonce}.sock`);

/** Lights this process's beacon. Throws where no private directory for sockets can be had. */
export async function lightWaiter(env: Env, dataDir: string): Promise<Waiter> {
  const nonce = newNonce(8);
  const beacon = await lightBeacon(socketOf(env, dataDir, nonce), nonce, () => ({ blocks: true }));
  return { nonce, close: () => beacon.close() };
}

export type WaiterLife = 'alive' | 'dead' | 'unknown';

/** A stopped asker counts as alive. The socket file of a dead one is removed: its nonce never comes back. */
export async function waiterLife(env: Env, dataDir: string, nonce: string): Promise<WaiterLife> {
  if (!/^[0-9a-f]{16}$/.test(nonce)) return 'unknown';
  const path = socketOf(env, dataDir, nonce);
  const sight = await askBeacon(path, nonce);
  if (sight.state === 'dead') sweepBeacon(path);
  return sight.state === 'silent' ? 'alive' : sight.state;
}
