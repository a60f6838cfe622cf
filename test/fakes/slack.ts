/**
 * A stand-in for Slack on loopback: incoming webhook, Web API and Socket Mode, with their checks and their failures. What a
 * person does (press a button, write in a thread, fill a window) becomes the envelope that Slack would send, again and again until
 * it is acknowledged.
 */
import type { ServerResponse } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { blockProblems, viewProblems } from './block-kit.js';
import { type Posted, servePosts } from './http.js';

export const BOT = 'xoxb-of-the-bot';
export const APP = 'xapp-of-the-app';
export const CHANNEL = 'C0WORK';
const HOOK = '/services/T0/B0/secret-of-the-hook';

export interface SlackMessage {
  channel: string;
  ts: string;
  text: string;
  user?: string;
  bot_id?: string;
  thread_ts?: string;
  reply_broadcast?: boolean;
  blocks?: Record<string, unknown>[];
  metadata?: unknown;
  /** How often it was updated. */
  edits: number;
}

type Json = Record<string, unknown>;
interface Button {
  action_id: string;
  value: string;
  text: { text: string };
}

export type Slack = Awaited<ReturnType<typeof startSlack>>;

/** `ackWithinMs`: how long an envelope waits for its acknowledgement before it is sent again; Slack has 3,000. */
export async function startSlack({ ackWithinMs = 3_000, scopes = ['chat:write', 'channels:history'] } = {}) {
  const messages: SlackMessage[] = [];
  /** Payloads of the webhook that were accepted. */
  const hooked: Json[] = [];
  const views: Json[] = [];
  const acks = new Map<string, Json>();
  const sockets: WebSocket[] = [];
  let serial = 0;
  let delivered = 0;
  const nextTs = () => `${Math.floor(Date.now() / 1000)}.${String(++serial).padStart(6, '0')}`;

  const posts = await servePosts((post, response) =>
    post.path === HOOK ? webhook(post, response) : api(post, response),
  );
  const ws = new WebSocketServer({ server: posts.server });
  ws.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      const ack = JSON.parse(String(data)) as Json & { envelope_id: string };
      acks.set(ack.envelope_id, ack);
    });
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0' } }));
  });

  function webhook({ body }: Posted, response: ServerResponse): void {
    const payload = JSON.parse(body) as Json;
    const problem =
      blockProblems(payload['blocks']).length > 0
        ? 'invalid_blocks'
        : payload['text'] || payload['blocks']
          ? undefined
          : 'no_text';
    if (!problem) hooked.push(payload);
    response.writeHead(problem ? 400 : 200, { 'Content-Type': 'text/html' });
    response.end(problem ?? 'ok');
  }

  function api({ path, headers, body }: Posted, response: ServerResponse): void {
    const method = path.replace('/api/', '');
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const params = (isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)) as Json;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(reply(method, headers.authorization ?? '', params)));
  }

  function reply(method: string, auth: string, params: Json): Json {
    const wrong = (error: string, more: Json = {}) => ({ ok: false, error, ...more });
    if (method === 'apps.connections.open')
      return auth === `Bearer ${APP}` ? { ok: true, url: posts.url.replace('http', 'ws') } : wrong('invalid_auth');
    if (auth !== `Bearer ${BOT}`) return wrong('invalid_auth');
    const problems = blockProblems(params['blocks']);
    if (problems.length > 0) return wrong('invalid_blocks', { response_metadata: { messages: problems } });
    const at = messages.find(({ channel, ts }) => channel === params['channel'] && ts === params['ts']);
    switch (method) {
      case 'chat.postMessage': {
        if (params['channel'] !== CHANNEL) return wrong('channel_not_found');
        const message = { ...(params as unknown as SlackMessage), ts: nextTs(), bot_id: 'B0', user: 'U0BOT', edits: 0 };
        messages.push(message);
        return { ok: true, channel: CHANNEL, ts: message.ts, message };
      }
      case 'chat.update':
        if (!at) return wrong('message_not_found');
        Object.assign(at, params, { edits: at.edits + 1 });
        return { ok: true, channel: CHANNEL, ts: at.ts };
      case 'views.open': {
        const bad = viewProblems(params['view'] as Json);
        if (bad.length > 0) return wrong('invalid_arguments', { response_metadata: { messages: bad } });
        if (params['trigger_id'] !== 'T-fresh') return wrong('expired_trigger_id');
        views.push({ id: `V${views.length}`, ...(params['view'] as Json) });
        return { ok: true, view: views.at(-1) };
      }
      case 'conversations.history':
      case 'conversations.replies': {
        if (!scopes.includes('channels:history')) return wrong('missing_scope', { needed: 'channels:history' });
        const ofThread = ({ ts, thread_ts: thread }: SlackMessage) => ts === params['ts'] || thread === params['ts'];
        const isWanted =
          method === 'conversations.replies' ? ofThread : ({ thread_ts: thread }: SlackMessage) => thread === undefined;
        return {
          ok: true,
          messages: messages.filter(isWanted).map((message) => ({ type: 'message', ...message, channel: undefined })),
        };
      }
      default:
        return wrong('unknown_method');
    }
  }

  /** Sends an envelope until it is acknowledged, as Slack does; gives the acknowledgement. */
  async function deliver(type: string, payload: Json): Promise<Json> {
    const id = `E${++serial}`;
    for (let attempt = 0; attempt < 50; attempt++) {
      const envelope = {
        envelope_id: id,
        type,
        payload,
        accepts_response_payload: type === 'interactive',
        retry_attempt: attempt,
      };
      (await open()).send(JSON.stringify(envelope));
      delivered += 1;
      const ack = await settled(() => acks.get(id), ackWithinMs);
      if (ack) return ack;
    }
    throw new Error(`envelope ${id} was never acknowledged`);
  }

  async function open(): Promise<WebSocket> {
    const socket = await settled(() => sockets.filter((one) => one.readyState === WebSocket.OPEN).at(-1), 30_000);
    if (!socket) throw new Error('no connection');
    return socket;
  }

  const buttonsOf = ({ blocks = [] }: SlackMessage): Button[] =>
    blocks.flatMap((block) => (block['type'] === 'actions' ? (block['elements'] as Button[]) : []));

  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.terminate();
    ws.close();
    await posts.close();
  };

  return {
    ...posts,
    messages,
    hooked,
    views,
    acks,
    sockets,
    close: stop,
    hookUrl: `${posts.url}${HOOK}`,
    /** What tend needs to find us. */
    env: { TEND_SLACK_API_URL: `${posts.url}/api/`, TEND_SLACK_BOT_TOKEN: BOT, TEND_SLACK_CHANNEL: CHANNEL },
    appEnv: { TEND_SLACK_APP_TOKEN: APP, TEND_SLACK_USERS: 'U0ANN, U0BEN' },
    buttonsOf,
    deliver,
    /** How often an envelope was sent, repeats included. */
    delivered: () => delivered,
    open,
    /** First messages, not words in threads. */
    roots: () => messages.filter(({ thread_ts: thread, bot_id: bot }) => thread === undefined && bot !== undefined),
    thread: (ts: string) => messages.filter(({ thread_ts: thread, bot_id: bot }) => thread === ts && bot !== undefined),
    press(user: string, message: SlackMessage, label: string, trigger = 'T-fresh'): Promise<Json> {
      const button = buttonsOf(message).find(({ text }) => text.text === label);
      if (!button)
        throw new Error(`no button ${JSON.stringify(label)}: ${buttonsOf(message).map(({ text }) => text.text)}`);
      return deliver('interactive', {
        type: 'block_actions',
        user: { id: user, username: user.toLowerCase(), team_id: 'T0' },
        trigger_id: trigger,
        container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
        channel: { id: message.channel },
        actions: [{ type: 'button', action_id: button.action_id, value: button.value, action_ts: nextTs() }],
      });
    },
    /** What a person writes into a thread; `unheard`: while nobody was connected. */
    async write(user: string, thread: string, text: string, how?: 'unheard'): Promise<Json> {
      const message = { channel: CHANNEL, ts: nextTs(), thread_ts: thread, user, text, edits: 0 };
      messages.push(message);
      if (how) return {};
      const { edits: _edits, ...event } = { type: 'message', channel_type: 'channel', ...message };
      return deliver('events_api', { type: 'event_callback', event_id: `Ev${message.ts}`, event_time: 0, event });
    },
    submit(user: string, view: Json, text: string): Promise<Json> {
      return deliver('interactive', {
        type: 'view_submission',
        user: { id: user },
        view: { ...view, state: { values: { text: { text: { type: 'plain_text_input', value: text || null } } } } },
      });
    },
    /** Slack renews a connection: a warning first, the end a moment later. */
    async disconnect(reason: 'warning' | 'refresh_requested'): Promise<void> {
      const socket = await open();
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'wss' } }));
      setTimeout(() => socket.close(), 500);
    },
  };
}

async function settled<T>(look: () => T | undefined, withinMs: number): Promise<T | undefined> {
  for (const end = performance.now() + withinMs; performance.now() < end; ) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return look();
}
