/**
 * What people say to a message of ours, turned into answers. Only those on the list are heard; everybody else is told so, once,
 * and it is recorded. An answer is on the disk before Slack is told that it arrived.
 */
import type { NotifyDesk } from '../../../contract/notify/desk.js';
import type { AskView } from '../../../contract/views/asks.js';
import { isObject, parseJson } from '../../../lib/json.js';
import { messageOf } from '../../../model/error.js';
import type { Place } from '../../../model/notify.js';
import type { SlackApi } from './api.js';
import { ACTION_PREFIX, answerModal } from './blocks.js';
import type { Envelope, Handled } from './socket.js';
import { escapeText, plainText } from './text.js';

export interface InboxTerms {
  desk: Pick<NotifyDesk, 'answer' | 'story' | 'event'>;
  api: SlackApi;
  users: readonly string[];
  /** The ask whose first message stands there. */
  askAt(channel: string, ts: string): { ask: string; place: Place } | undefined;
  placeOf(ask: string): Place | undefined;
  /** True for the one who tells this word's author why it was refused. */
  tellOnce(word: string): boolean;
  warn(text: string): void;
}

/** A word of a person: an answer, and where they are told when it is refused. */
interface Word {
  ask: string;
  text: string;
  by: string;
  digest?: string | undefined;
  /** A name for this very word, so that its refusal is told once. */
  name: string;
  place: Place | undefined;
}

/** What one envelope asks of us. Never rejects: what cannot be handled is warned about, and acknowledged. */
export async function handleEnvelope(terms: InboxTerms, { type, payload }: Envelope): Promise<Handled> {
  try {
    if (type === 'events_api') return await onEvent(terms, payload);
    if (type !== 'interactive') return {};
    if (payload['type'] === 'block_actions') return await onButton(terms, payload);
    if (payload['type'] === 'view_submission') return await onModal(terms, payload);
    return {};
  } catch (error) {
    terms.warn(`slack: a reply could not be handled: ${messageOf(error)}`);
    return {};
  }
}

async function onEvent(terms: InboxTerms, payload: Record<string, unknown>): Promise<Handled> {
  return isObject(payload['event']) ? onThreadMessage(terms, payload['event']) : {};
}

/** A message in the thread of one of ours, from an event or from a look at the thread. Bots, edits and everything else is left alone. */
export async function onThreadMessage(terms: InboxTerms, message: Record<string, unknown>): Promise<Handled> {
  const { type, subtype, bot_id: bot, user, text, channel, ts, thread_ts: thread } = message;
  if (type !== 'message' || bot !== undefined || (subtype !== undefined && subtype !== 'thread_broadcast')) return {};
  if ([user, text, channel, ts, thread].some((part) => typeof part !== 'string')) return {};
  const at = terms.askAt(String(channel), String(thread));
  if (!at) return {};
  const words = plainText(String(text)).trim();
  if (words === '') return {};
  return take(terms, {
    ask: at.ask,
    text: words,
    by: String(user),
    digest: at.place.digest,
    name: `${String(channel)}-${String(ts)}`,
    place: at.place,
  });
}

async function onButton(terms: InboxTerms, payload: Record<string, unknown>): Promise<Handled> {
  const action = Array.isArray(payload['actions']) ? payload['actions'][0] : undefined;
  if (!isObject(action) || !String(action['action_id']).startsWith(ACTION_PREFIX)) return {};
  const value = parseJson(String(action['value'])).value;
  const by = isObject(payload['user']) ? payload['user']['id'] : undefined;
  if (!isObject(value) || typeof value['ask'] !== 'string' || typeof by !== 'string') return {};
  const ask = value['ask'];
  const word = { ask, by, name: `${by}-${String(action['action_ts'])}`, place: placeIn(payload) ?? terms.placeOf(ask) };
  if (typeof value['yes'] === 'string') return take(terms, { ...word, text: 'yes', digest: value['yes'] });
  if (typeof value['option'] === 'number') {
    const option = (await terms.desk.story(ask)).options?.[value['option']];
    return option === undefined ? {} : take(terms, { ...word, text: option });
  }
  const kind = value['no'] === true ? 'no' : 'write';
  if (!terms.users.includes(by)) return refuseStranger(terms, { ...word, text: kind === 'no' ? 'Deny' : 'Answer' });
  return { after: () => openModal(terms, kind, { ...word, text: '' }, payload['trigger_id']) };
}

async function openModal(terms: InboxTerms, kind: 'no' | 'write', word: Word, trigger: unknown): Promise<void> {
  const story = await terms.desk.story(word.ask);
  if (story.state !== 'pending') return tell(terms, word, `${story.id} was ${story.state} already.`);
  const opened = await terms.api.call('views.open', { trigger_id: trigger, view: answerModal(story as AskView, kind) });
  if (opened.state !== 'ok')
    await tell(
      terms,
      word,
      `The window could not be opened. Reply here instead${kind === 'no' ? ', with no and the reason' : ''}.`,
    );
}

async function onModal(terms: InboxTerms, payload: Record<string, unknown>): Promise<Handled> {
  const view = isObject(payload['view']) ? payload['view'] : {};
  const kind = String(view['callback_id']).slice(ACTION_PREFIX.length);
  const meta = parseJson(String(view['private_metadata'])).value;
  const by = isObject(payload['user']) ? payload['user']['id'] : undefined;
  if (
    (kind !== 'no' && kind !== 'write') ||
    !isObject(meta) ||
    typeof meta['ask'] !== 'string' ||
    typeof by !== 'string'
  )
    return {};
  const typed = plainText(typedIn(view)).trim();
  const word: Word = {
    ask: meta['ask'],
    text: kind === 'no' ? `no ${typed}`.trim() : typed,
    by,
    name: `view-${String(view['id'])}`,
    place: terms.placeOf(meta['ask']),
  };
  if (!terms.users.includes(by)) return refuseStranger(terms, word);
  const relayed = await terms.desk.answer({ ask: word.ask, text: word.text, by, channel: 'slack' });
  if (relayed.state === 'recorded') return {};
  return { ack: { response_action: 'errors', errors: { text: relayed.why.slice(0, 1_000) } } };
}

/** The one input of the window: `state.values.<block>.<action>.value`. */
function typedIn(view: Record<string, unknown>): string {
  const values = isObject(view['state']) ? view['state']['values'] : undefined;
  const block = isObject(values) ? values['text'] : undefined;
  const input = isObject(block) ? block['text'] : undefined;
  return isObject(input) && typeof input['value'] === 'string' ? input['value'] : '';
}

async function take(terms: InboxTerms, word: Word): Promise<Handled> {
  if (!terms.users.includes(word.by)) return refuseStranger(terms, word);
  const { ask, text, by, digest } = word;
  const relayed = await terms.desk.answer({
    ask,
    text,
    by,
    channel: 'slack',
    ...(digest === undefined ? {} : { digest }),
  });
  if (relayed.state === 'recorded') {
    terms.desk.event('notify-answered', { ask, by, channel: 'slack' });
    return {};
  }
  // After the end people talk on in the thread: each of them is told once that it does not count any more.
  const name = relayed.ended ? `${ask}-${by}` : word.name;
  return {
    after: async () => {
      if (!terms.tellOnce(name)) return;
      terms.desk.event('notify-refused', { ask, by, channel: 'slack', why: relayed.why });
      await tell(terms, word, relayed.why);
    },
  };
}

/** Somebody who is not on the list: their word changes nothing, they are told, and it is on record. After the end nobody is lectured. */
async function refuseStranger(terms: InboxTerms, word: Word): Promise<Handled> {
  const story = await terms.desk.story(word.ask);
  if (story.state !== 'pending') return {};
  return {
    after: async () => {
      if (!terms.tellOnce(word.name)) return;
      terms.desk.event('notify-refused', {
        ask: word.ask,
        by: word.by,
        channel: 'slack',
        why: 'not on the list of those who may answer',
      });
      await tell(
        terms,
        word,
        `<@${word.by}> may not answer ${word.ask}, so nothing was recorded. Who may is set in the config of tend: notify.slack.users.`,
        true,
      );
    },
  };
}

async function tell({ api, warn }: InboxTerms, { place, ask }: Word, text: string, isMarkup = false): Promise<void> {
  if (!place) return;
  const { channel, ts } = place;
  const said = await api.call('chat.postMessage', { channel, thread_ts: ts, text: isMarkup ? text : escapeText(text) });
  if (said.state !== 'ok') warn(`slack: nobody could be told about ${ask}: ${said.why}`);
}

/** The message that the button stands in. */
function placeIn(payload: Record<string, unknown>): Place | undefined {
  const box = isObject(payload['container']) ? payload['container'] : {};
  const { channel_id: channel, message_ts: ts } = box;
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : undefined;
}
