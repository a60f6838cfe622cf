/** `pulse/holder.json`: where the running pulse can be asked. A hint, never a proof: the beacon's answer is the proof. */
import * as z from 'zod/mini';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';

const holderSchema = z.object({
  format: z.number(),
  pid: z.number(),
  epoch: z.number(),
  socket: z.string(),
  nonce: z.string(),
  version: z.string(),
  started_ts: z.number(),
});
export type Holder = z.infer<typeof holderSchema>;

const KEY = 'pulse/holder.json';

export const readHolder = (disk: Disk): Loaded<Holder> => readJson(disk, KEY, holderSchema);
export const writeHolder = (disk: Disk, holder: Omit<Holder, 'format'>): void => disk.replace(KEY, jsonRecord(holder));
