/**
 * Who blocks on an ask? The asking process lights a beacon before it publishes the ask, under a nonce that the ask records.
 * So an ask whose beacon is dead has no asker any more: its successor may take it over, and nobody waits for its end.
 */
import { join } from 'node:path';
import { nonce as newNonce } from '../lib/hash.js';
import { askBeacon, lightBeacon, sweepBeacon } from './beacon.js';
import type { Env } from './env.js';
import { runtimeDir, runtimeDirs } from './runtime-dir.js';

export interface Waiter {
  nonce: string;
  close(): void;
}

/** `a-<16 hex digits>.sock`: the nonce names the socket, so no two processes ever want the same one. */
const socketIn = (dir: string, nonce: string): string => join(dir, `a-${nonce}.sock`);

/** Lights this process's beacon. Throws where no private directory for sockets can be had. */
export async function lightWaiter(env: Env, dataDir: string): Promise<Waiter> {
  const nonce = newNonce(8);
  const beacon = await lightBeacon(socketIn(runtimeDir(env, dataDir), nonce), nonce, () => ({ blocks: true }));
  return { nonce, close: () => beacon.close() };
}

export type WaiterLife = 'alive' | 'dead' | 'unknown';

/**
 * A stopped asker counts as alive. The asker may have another environment than ours, so it is dead only when it answers nowhere
 * that it can be. The socket file of a dead one is removed: its nonce never comes back.
 */
export async function waiterLife(env: Env, dataDir: string, nonce: string): Promise<WaiterLife> {
  if (!/^[0-9a-f]{16}$/.test(nonce)) return 'unknown';
  const paths = runtimeDirs(env, dataDir).map((dir) => socketIn(dir, nonce));
  const sights = await Promise.all(paths.map((path) => askBeacon(path, nonce)));
  if (sights.some(({ state }) => state === 'alive' || state === 'silent')) return 'alive';
  if (sights.some(({ state }) => state === 'unknown')) return 'unknown';
  for (const path of paths) sweepBeacon(path);
  return 'dead';
}
