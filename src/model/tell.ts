import * as z from 'zod/mini';

/** Front matter of `tells/<worker>-<n>.md`; the body is the message. Consumed ones move to `tells/consumed/`. */
export const tellHeadSchema = z.object({
  format: z.number(),
  id: z.string(),
  worker: z.string(),
  generation: z.optional(z.string()),
  ts: z.number(),
  by: z._default(z.string(), 'unknown'),
});
export interface Tell extends z.infer<typeof tellHeadSchema> {
  message: string;
}
