/** ntfy: published as JSON, since header fields take no Unicode. A repeat carries the same sequence id, so a newer server replaces the first one instead of adding to it. */
import type { NtfySettings } from '../../contract/notify/settings.js';
import { clip, oneLine } from '../../lib/clip.js';
import { hash32 } from '../../lib/hash.js';
import type { Urgency } from '../../model/ask.js';
import type { Channel, Outcome, Push } from './channel.js';
import { post } from './http.js';
import { bodyOf, TEST_TEXT, TEST_TITLE, titleOf } from './wording.js';

/** ntfy takes 4,096 bytes of text and makes an attachment of more; a character has up to three bytes in UTF-8, four as a pair. */
const BODY_CHARS = 1_300;
const TITLE_CHARS = 200;
const PRIORITY: Readonly<Record<Urgency, number>> = { low: 2, normal: 3, high: 5 };
const QUOTED_CHARS = 120;

export interface NtfyTerms {
  settings: NtfySettings;
  signal: AbortSignal;
  now(): number;
}

export function ntfyChannel(terms: NtfyTerms): Channel {
  const { settings } = terms;
  return {
    name: 'ntfy',
    push: (push) => send(terms, messageOf(push, settings.click)),
    test: () => send(terms, { title: TEST_TITLE, message: TEST_TEXT, priority: 3, tags: ['tend'] }),
  };
}

function messageOf(push: Push, click: string | undefined): object {
  const { ask, urgency, step, repeat } = push;
  const url = click?.replaceAll('{id}', encodeURIComponent(ask.id));
  return {
    title: clip(titleOf(push), TITLE_CHARS),
    message: bodyOf(push, BODY_CHARS),
    priority: PRIORITY[urgency],
    tags: [urgency === 'high' ? 'rotating_light' : 'raising_hand', ask.kind, ...(repeat ? ['repeat'] : [])],
    sequence_id: hash32(`${ask.id}~${step}`),
    ...(url === undefined ? {} : { click: url, actions: [{ action: 'view', label: 'Open', url }] }),
  };
}

async function send({ settings, signal, now }: NtfyTerms, message: object): Promise<Outcome> {
  const reply = await post({
    url: `${settings.server}/`,
    headers: {
      'Content-Type': 'application/json',
      ...(settings.token === undefined ? {} : { Authorization: `Bearer ${settings.token}` }),
    },
    body: JSON.stringify({ topic: settings.topic, ...message }),
    signal,
    now,
  });
  if (reply.state !== 'reply') return reply;
  if (reply.status === 200) return { state: 'sent' };
  const why = `the server answered ${reply.status}: ${oneLine(reply.text, QUOTED_CHARS)}`;
  // 401, 403: token or topic; 404: no such server. The rest is about this one message.
  return [301, 302, 307, 308, 401, 403, 404].includes(reply.status)
    ? { state: 'broken', why }
    : { state: 'refused', why };
}
