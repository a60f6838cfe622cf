/** What a supervisor answers on its beacon. Requests are data from any process of this user: each field is checked. */

import { serveViewer } from '../../../host/attach-wire.js';
import type { BeaconHandler } from '../../../host/beacon.js';
import { now } from '../../../host/clock.js';
import type { Json } from '../../../lib/json.js';
import { messageOf } from '../../../model/error.js';
import type { WorkerSession } from './session.js';

type Request = { [key: string]: Json };

/** One handler per `op`; `attach` takes the connection over. */
export function requestHandler(session: WorkerSession): BeaconHandler {
  return (request, socket) => {
    switch (request['op']) {
      case 'status':
        return { status: { ...session.status } as Json };
      case 'screenshot':
        return session.screen().then((screen) => ({ screen: screen as unknown as Json }));
      case 'send':
        return send(session, request);
      case 'resize':
        session.resize(Number(request['columns']), Number(request['rows']));
        return { resized: true };
      case 'stop':
        void session.stop(typeof request['reason'] === 'string' ? request['reason'] : 'it was told to stop');
        return { stopping: true };
      case 'attach':
        serveViewer(socket, session);
        return undefined;
      default:
        return { error: `unknown op ${JSON.stringify(request['op'] ?? null)}` };
    }
  };
}

/** A request that waited in the queue of a stopped supervisor is not carried out when its sender has given up. */
async function send(session: WorkerSession, request: Request): Promise<Json> {
  const { text, enter, until } = request;
  if (typeof text !== 'string') return { error: 'text is missing' };
  if (typeof until === 'number' && now() > until) return { error: 'it came too late' };
  try {
    await session.send(text, enter !== false);
    return { sent: true };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
