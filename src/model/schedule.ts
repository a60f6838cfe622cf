import * as z from 'zod/mini';

/** `schedules/<name>.json`: a reminder that becomes due. One-shot: `due_ts`; periodic: `every_s` from `anchor_ts`. Unix seconds. */
export const scheduleSchema = z.object({
  format: z.number(),
  name: z.string(),
  due_ts: z.optional(z.number()),
  every_s: z.optional(z.number()),
  anchor_ts: z.number(),
  note: z.optional(z.string()),
});
export type Schedule = z.infer<typeof scheduleSchema>;
