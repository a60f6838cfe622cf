/** Slack by an incoming webhook: it writes and hears nothing, so there are no buttons and no replies. */
import { clip, oneLine } from '../../../lib/clip.js';
import type { Channel, Outcome } from '../channel.js';
import { post } from '../http.js';
import { TEST_TEXT, TEST_TITLE } from '../wording.js';
import { askMessage } from './blocks.js';

export interface WebhookTerms {
  url: string;
  signal: AbortSignal;
  now(): number;
}

export function slackWebhook(terms: WebhookTerms): Channel {
  return {
    name: 'slack-webhook',
    async push(push) {
      const message = askMessage(push, false);
      const outcome = await send(terms, message);
      // Its blocks did not please: the bare text is better than nothing.
      return outcome.state === 'refused' ? send(terms, { text: clip(message.text, 1_000) }) : outcome;
    },
    test: () => send(terms, { text: `${TEST_TITLE}. ${TEST_TEXT}` }),
  };
}

async function send({ url, signal, now }: WebhookTerms, message: object): Promise<Outcome> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  const reply = await post({ url, headers, body: JSON.stringify(message), signal, now });
  if (reply.state !== 'reply') return reply;
  if (reply.status === 200) return { state: 'sent' };
  const why = `the webhook answered ${reply.status}: ${oneLine(reply.text, 120)}`;
  // 400 is about the message; 403, 404 and 410 about the webhook.
  return reply.status === 400 && !/user_not_found|channel/.test(reply.text)
    ? { state: 'refused', why }
    : { state: 'broken', why };
}
