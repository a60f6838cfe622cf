/** What the relay of asks is told by `config.json`, and what it keeps of its pushes. Checked by the relay alone, so that a typing error in it cannot stop the pulse. */
import * as z from 'zod/mini';

/** Where a secret is to be found. The config never holds the secret itself: it is read, copied and shown. */
export type SecretSource = { env: string } | { file: string };

const isSource = (value: unknown): value is SecretSource => {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  const [name, word] = entries[0] ?? [];
  return entries.length === 1 && (name === 'env' || name === 'file') && typeof word === 'string' && word !== '';
};

const secret = z.optional(
  z.custom<SecretSource>(isSource, 'wanted is {"env": "NAME"} or {"file": "/path"}, never the secret itself'),
);

/** A number; `resolveKnobs` reads it and says what is wrong with it. */
const knob = z.optional(z.unknown());

/** `notify` of the config. Unknown words are errors: a channel that was spelt wrong would push nothing, and say nothing. */
export const notifySchema = z.strictObject({
  quiet: z.optional(z.string()),
  again_high: knob,
  again_normal: knob,
  again_low: knob,
  pushes: knob,
  desktop: z.optional(z.boolean()),
  /** Shell text, run once for each push. */
  exec: z.optional(z.string()),
  slack: z.optional(
    z.strictObject({
      /** URL of an incoming webhook. */
      webhook: secret,
      bot_token: secret,
      app_token: secret,
      /** Id or name of the channel that the bot writes to. */
      channel: z.optional(z.string()),
      /** User ids of those who may answer. */
      users: z.optional(z.array(z.string())),
      /** Base of the Web API. */
      api: z.optional(z.string()),
    }),
  ),
  ntfy: z.optional(
    z.strictObject({
      /** Server and topic: `https://ntfy.sh/topic`. The topic is as good as a password. */
      url: z.optional(z.union([z.string(), z.custom<SecretSource>(isSource)])),
      token: secret,
      /** Page that a tap opens; `{id}` stands for the ask. */
      click: z.optional(z.string()),
    }),
  ),
});
export type NotifyConfig = z.infer<typeof notifySchema>;

/** Where a message stands: ids of a chat, meaningful to the channel that made them. */
export const placeSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  /** Digest of the move that the message shows whole; a yes under it is about nothing else. */
  digest: z.optional(z.string()),
});
export type Place = z.infer<typeof placeSchema>;

/** `notify/<channel>/claims/…` and `notify/<channel>/sent/…`. */
export const pushRecordSchema = z.object({
  format: z.number(),
  ask: z.string(),
  /** 0 is the first push of an ask, each further one an escalation. */
  step: z.number(),
  /** Unix seconds. */
  ts: z.number(),
  place: z.optional(placeSchema),
  /** Why the channel will never take it. */
  failed: z.optional(z.string()),
});
export type PushRecord = z.infer<typeof pushRecordSchema>;

/** `notify/holder.json`: which process holds which epoch of the lock, and the nonce of its beacon. */
export const notifyHolderSchema = z.object({
  format: z.number(),
  pid: z.number(),
  epoch: z.number(),
  waiter: z.string(),
});
