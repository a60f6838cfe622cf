import * as z from 'zod/mini';

/** `leases/<name>.json`: who holds a shared resource. `nonce` makes every taking distinct (no ABA). */
export const leaseSchema = z.object({
  format: z.number(),
  name: z.string(),
  /** Worker id, or a name the human gave with `--session`. */
  session: z.string(),
  generation: z.optional(z.string()),
  nonce: z.string(),
  ts: z.number(),
});
export type Lease = z.infer<typeof leaseSchema>;
