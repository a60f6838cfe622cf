/** Slack as an app: messages with buttons, updated when the ask ends; replies come back through Socket Mode and become answers. */
import type { Book } from '../../../contract/notify/desk.js';
import type { SlackSettings } from '../../../contract/notify/settings.js';
import type { AskStory } from '../../../contract/views/asks.js';
import { isObject } from '../../../lib/json.js';
import type { Place } from '../../../model/notify.js';
import type { Channel, Listening, Outcome, Push } from '../channel.js';
import { TEST_TEXT, TEST_TITLE } from '../wording.js';
import { type SlackApi, slackApi } from './api.js';
import { againText, askMessage, endedMessage, fitsWhole } from './blocks.js';
import { handleEnvelope, type InboxTerms, onThreadMessage } from './inbox.js';
import { keepSocket, trySocket } from './socket.js';

export interface AppTerms {
  settings: SlackSettings & { bot: NonNullable<SlackSettings['bot']> };
  signal: AbortSignal;
  now(): number;
  ticks(): number;
}

/** Messages of a channel or a thread that one look fetches: the most Slack recommends. */
const PAGE = 200;
/** A message that we may have sent is looked for from so long before the claim: clocks differ. */
const CLOCK_SKEW_S = 120;
const EVENT_TYPE = 'tend_ask';

export function slackApp(terms: AppTerms): Channel {
  const { settings, signal, now } = terms;
  const api = slackApi({ base: settings.api, token: settings.bot.token, signal, now });
  // Without somebody who may answer, or a way back, a button would be a promise that nobody keeps.
  const canAnswer = settings.appToken !== undefined && settings.users.length > 0;
  return {
    name: 'slack',
    push: (push) =>
      push.root ? again(api, push, settings.users) : first(api, settings.bot.channel, { push, canAnswer }),
    find: (push, since) => find(api, push, since, settings.bot.channel),
    end: (story, place) => end(api, story, place),
    ...(settings.appToken === undefined ? {} : { listen: (listening) => listen(terms, api, listening) }),
    test: () => test(terms, api),
  };
}

/** The message of an ask, with what `find` knows it by. Blocks that do not please Slack are left away: the text alone is better than nothing. */
async function first(
  api: SlackApi,
  channel: string,
  { push, canAnswer }: { push: Push; canAnswer: boolean },
): Promise<Outcome> {
  const { ask, step } = push;
  const metadata = { event_type: EVENT_TYPE, event_payload: { ask: ask.id, step } };
  const message = askMessage(push, canAnswer);
  const sent = await api.call('chat.postMessage', {
    channel,
    ...message,
    metadata,
    unfurl_links: false,
    unfurl_media: false,
  });
  if (sent.state === 'refused' && /block|too_long/.test(sent.why)) {
    const bare = await api.call('chat.postMessage', { channel, text: message.text, metadata });
    return bare.state === 'ok' ? placed(bare.data) : bare;
  }
  if (sent.state !== 'ok') return sent;
  return placed(sent.data, fitsWhole(ask) ? ask.proposal?.digest : undefined);
}

function placed({ channel, ts }: Record<string, unknown>, digest?: string): Outcome {
  if (typeof channel !== 'string' || typeof ts !== 'string') return { state: 'sent' };
  return { state: 'sent', place: { channel, ts, ...(digest === undefined ? {} : { digest }) } };
}

async function again(api: SlackApi, push: Push, users: readonly string[]): Promise<Outcome> {
  const { channel, ts } = push.root!;
  const text = againText(push, users);
  const sent = await api.call('chat.postMessage', { channel, thread_ts: ts, reply_broadcast: true, text });
  return sent.state === 'ok' ? { state: 'sent' } : sent;
}

/** Our own message with this ask and step, if it arrived although nobody noted it. Needs the scope to read the channel; without it nothing is found. */
async function find(
  api: SlackApi,
  { ask, step, root }: Push,
  since: number,
  channel: string,
): Promise<Place | undefined> {
  if (root) return undefined;
  const oldest = Math.max(0, since - CLOCK_SKEW_S);
  const params = { channel, oldest, limit: PAGE, include_all_metadata: true };
  const found = await api.call('conversations.history', params, 'form');
  if (found.state !== 'ok' || !Array.isArray(found.data['messages'])) return undefined;
  for (const message of found.data['messages']) {
    const meta = isObject(message) && isObject(message['metadata']) ? message['metadata'] : {};
    const about = isObject(meta['event_payload']) ? meta['event_payload'] : {};
    if (meta['event_type'] !== EVENT_TYPE || about['ask'] !== ask.id || about['step'] !== step) continue;
    const outcome = placed(
      { channel, ts: (message as Record<string, unknown>)['ts'] },
      fitsWhole(ask) ? ask.proposal?.digest : undefined,
    );
    return outcome.state === 'sent' ? outcome.place : undefined;
  }
  return undefined;
}

async function end(api: SlackApi, story: AskStory, { channel, ts }: Place): Promise<Outcome> {
  const told = await api.call('chat.update', { channel, ts, ...endedMessage(story) });
  return told.state === 'ok' ? { state: 'sent' } : told;
}

async function listen(terms: AppTerms, api: SlackApi, listening: Listening): Promise<void> {
  const { settings, signal, now, ticks } = terms;
  const { desk, book, warn } = listening;
  const inbox: InboxTerms = {
    desk,
    api,
    users: settings.users,
    askAt: (channel, ts) => askAt(book, channel, ts),
    placeOf: (ask) => book.pushed.get(ask)?.place,
    tellOnce: book.tellOnce,
    warn,
  };
  const connections = slackApi({ base: settings.api, token: settings.appToken ?? '', signal, now });
  await keepSocket({
    open: () => connections.call('apps.connections.open', {}),
    handle: (envelope) => handleEnvelope(inbox, envelope),
    connected: () => void catchUp(api, inbox, listening).catch((error: unknown) => warn(`slack: ${String(error)}`)),
    warn,
    pause: desk.pause,
    ticks,
    signal,
  });
}

function askAt(book: Book, channel: string, ts: string): { ask: string; place: Place } | undefined {
  for (const [ask, { place }] of book.pushed) if (place?.ts === ts && place.channel === channel) return { ask, place };
  return undefined;
}

/** Replies that were written while nobody listened: the threads of asks that still wait are read once for each connection. */
async function catchUp(api: SlackApi, inbox: InboxTerms, { desk, book, signal }: Listening): Promise<void> {
  for (const { id } of await desk.asks()) {
    const place = book.pushed.get(id)?.place;
    if (signal.aborted) return;
    if (!place) continue;
    const { channel, ts } = place;
    const read = await api.call('conversations.replies', { channel, ts, limit: PAGE }, 'form');
    // Without the scope to read, replies are heard live alone.
    if (read.state === 'broken') return;
    if (read.state !== 'ok' || !Array.isArray(read.data['messages'])) continue;
    for (const message of read.data['messages']) {
      if (!isObject(message) || message['ts'] === ts) continue;
      const handled = await onThreadMessage(inbox, { ...message, channel });
      await handled.after?.();
    }
  }
}

async function test({ settings, signal, now, ticks }: AppTerms, api: SlackApi): Promise<Outcome> {
  const sent = await api.call('chat.postMessage', {
    channel: settings.bot.channel,
    text: `${TEST_TITLE}. ${TEST_TEXT}`,
  });
  if (sent.state !== 'ok') return sent;
  if (settings.appToken === undefined) return { state: 'sent' };
  const connections = slackApi({ base: settings.api, token: settings.appToken, signal, now });
  const problem = await trySocket({ open: () => connections.call('apps.connections.open', {}), ticks, signal });
  if (problem !== undefined) return { state: 'broken', why: `messages arrive, replies are not heard: ${problem}` };
  return { state: 'sent' };
}
