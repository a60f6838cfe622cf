/**
 * Socket Mode: a WebSocket that Slack opens on request, renews every few hours and may drop at any time. The new one stands
 * before the old one is let go, an envelope that comes twice is handled once, and each is acknowledged within three seconds.
 */
import { WebSocket } from 'ws';
import { isObject, parseJson } from '../../../lib/json.js';
import type { ApiReply } from './api.js';

/** Slack waits three seconds for the acknowledgement and sends the envelope again after that. */
const ACK_WITHIN_MS = 2_500;
/** For the connection and its greeting. */
const HELLO_WITHIN_MS = 15_000;
/** A sign of life is asked for so often; without any in three such times the connection is dead, whatever the kernel thinks. */
const PING_EVERY_MS = 10_000;
const SILENCE_MAX_MS = 30_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** A connection that lived so long was one; Slack renews them after hours. */
const STOOD_MS = 10_000;
/** While nobody has mended a wrong token. */
const BROKEN_MS = 60_000;
/** Ids of envelopes that are remembered. */
const SEEN_MAX = 1_000;

export interface Envelope {
  type: string;
  payload: Record<string, unknown>;
}

/** What goes back with the acknowledgement, and what is done after it. */
export interface Handled {
  ack?: object;
  after?: () => Promise<void>;
}

export interface SocketTerms {
  /** `apps.connections.open`. */
  open(): Promise<ApiReply>;
  handle(envelope: Envelope): Promise<Handled>;
  /** A connection has been greeted: whatever was said while there was none is to be fetched. */
  connected(): void;
  warn(text: string): void;
  pause(ms: number): Promise<void>;
  ticks(): number;
  signal: AbortSignal;
}

interface Link {
  /** `renew`: it lives on for a moment and a new one is wanted. */
  over: Promise<'renew' | 'closed'>;
  close(): void;
}

/** Keeps a connection until the signal aborts; never rejects for what the network does. */
export async function keepSocket(terms: SocketTerms): Promise<void> {
  const once = handleOnce(terms.handle);
  let fails = 0;
  let old: Link | undefined;
  while (!terms.signal.aborted) {
    const link = await connect(terms, once);
    if (!('over' in link)) {
      fails += 1;
      if (terms.signal.aborted) break;
      if (fails === 1 || link.isBroken) terms.warn(`slack: ${link.why}; replies are not heard meanwhile`);
      await terms.pause(link.isBroken ? BROKEN_MS : Math.max(backoffMs(fails), link.afterMs ?? 0));
      continue;
    }
    const since = terms.ticks();
    old?.close();
    terms.connected();
    const why = await link.over;
    old = why === 'renew' ? link : undefined;
    // One that ends as soon as it stands is no success: calling again at once would go on for ever.
    fails = terms.ticks() - since > STOOD_MS ? 0 : fails + 1;
    if (fails > 0) await terms.pause(backoffMs(fails));
  }
  old?.close();
}

const backoffMs = (fails: number): number =>
  Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(fails - 1, 20)) * (0.5 + Math.random() / 2);

/** Connects once, for a look whether it can be done; the reason when it cannot. */
export async function trySocket(terms: Pick<SocketTerms, 'open' | 'ticks' | 'signal'>): Promise<string | undefined> {
  const link = await connect({ ...terms, handle: async () => ({}) }, async () => ({}));
  if (!('over' in link)) return link.why;
  link.close();
  return undefined;
}

type Failure = { why: string; isBroken: boolean; afterMs?: number };
type Dialling = Pick<SocketTerms, 'open' | 'handle' | 'ticks' | 'signal'>;

async function connect(terms: Dialling, handle: SocketTerms['handle']): Promise<Link | Failure> {
  const opened = await terms.open();
  if (opened.state !== 'ok')
    return {
      why: opened.why,
      isBroken: opened.state !== 'busy',
      ...('afterMs' in opened && opened.afterMs !== undefined ? { afterMs: opened.afterMs } : {}),
    };
  const { url } = opened.data;
  if (typeof url !== 'string' || !/^wss?:\/\//.test(url)) return { why: 'Slack gave no address', isBroken: true };
  return dial(url, terms, handle);
}

function dial(url: string, { ticks, signal }: Dialling, handle: SocketTerms['handle']): Promise<Link | Failure> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { handshakeTimeout: HELLO_WITHIN_MS });
    let end: (why: 'renew' | 'closed') => void = () => {};
    const over = new Promise<'renew' | 'closed'>((settle) => {
      end = settle;
    });
    let lastSign = ticks();
    const sign = () => {
      lastSign = ticks();
    };
    const pulse = setInterval(() => {
      if (ticks() - lastSign > SILENCE_MAX_MS) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.ping();
    }, PING_EVERY_MS);
    const giveUp = setTimeout(() => socket.terminate(), HELLO_WITHIN_MS);
    const onAbort = () => socket.terminate();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    socket.on('ping', sign).on('pong', sign);
    socket.on('error', () => {}); // "close" follows, and the reason may quote the address.
    socket.on('close', () => {
      clearInterval(pulse);
      clearTimeout(giveUp);
      signal.removeEventListener('abort', onAbort);
      end('closed');
      resolve({ why: 'the connection was not accepted', isBroken: false });
    });
    socket.on('message', (data) => {
      sign();
      const { value } = parseJson(String(data));
      if (!isObject(value)) return;
      if (value['type'] === 'hello') {
        clearTimeout(giveUp);
        resolve({ over, close: () => socket.close() });
      } else if (value['type'] === 'disconnect') {
        // Socket Mode was switched off: a new connection will say so. All else means that this one ends soon.
        end('renew');
      } else void answer(socket, value, handle);
    });
  });
}

async function answer(socket: WebSocket, value: Record<string, unknown>, handle: SocketTerms['handle']): Promise<void> {
  const id = value['envelope_id'];
  if (typeof id !== 'string') return;
  const payload = isObject(value['payload']) ? value['payload'] : {};
  let isSaid = false;
  const ack = (more?: object) => {
    if (isSaid || socket.readyState !== WebSocket.OPEN) return;
    isSaid = true;
    const reply = more && value['accepts_response_payload'] === true ? { payload: more } : {};
    socket.send(JSON.stringify({ envelope_id: id, ...reply }));
  };
  const latest = setTimeout(ack, ACK_WITHIN_MS);
  try {
    const handled = await handle({ type: String(value['type']), payload: { ...payload, envelope_id: id } });
    ack(handled.ack);
    await handled.after?.();
  } finally {
    clearTimeout(latest);
  }
}

/** The second delivery of an envelope, on this connection or the next, gets the answer of the first and does nothing more. */
function handleOnce(handle: SocketTerms['handle']): SocketTerms['handle'] {
  const seen = new Map<string, Promise<Handled>>();
  return async (envelope) => {
    const id = String(envelope.payload['event_id'] ?? envelope.payload['envelope_id']);
    const before = seen.get(id);
    if (before !== undefined) {
      const { ack } = await before;
      return ack === undefined ? {} : { ack };
    }
    const work = handle(envelope);
    seen.set(id, work);
    const oldest = seen.keys().next().value;
    if (seen.size > SEEN_MAX && oldest !== undefined) seen.delete(oldest);
    return work;
  };
}
