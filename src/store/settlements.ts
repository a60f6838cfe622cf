/** `approvals/<ask>.json`: what became of an answered approval. The name can be created once, so a yes cannot both run and expire. */
import { FORMAT } from '../model/record.js';
import { type Settlement, settlementSchema } from '../model/run.js';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { requireSeal, sealJson } from './seal.js';

const settlementKey = (ask: string): string => `approvals/${ask}.json`;

export const readSettlement = (disk: Disk, ask: string): Loaded<Settlement> =>
  requireSeal(disk, settlementKey(ask), readJson(disk, settlementKey(ask), settlementSchema));

/** Claims the fate of an approval; false when it was claimed before, then that claim stands. */
export const publishSettlement = (disk: Disk, settlement: Omit<Settlement, 'format'>): boolean =>
  disk.publish(
    settlementKey(settlement.ask),
    jsonRecord(sealJson(disk, settlementKey(settlement.ask), { format: FORMAT, ...settlement })),
  );
