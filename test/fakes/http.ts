/** A server on loopback that is asked by POST, and can be told to fail: what the stand-ins for Slack and ntfy have in common. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** `performance.now()` when all of it was there. */
  at: number;
}

/** What a request gets instead of its answer. `cut`: the connection breaks after the request was taken. */
export type Fault = { status: number; headers?: Record<string, string>; body?: string } | 'cut' | 'cut-after';

export interface PostServer {
  server: Server;
  url: string;
  posted: Posted[];
  /** The next requests whose path ends in `path` get these. */
  fail(path: string, ...faults: Fault[]): void;
  close(): Promise<void>;
}

export async function servePosts(answer: (post: Posted, response: ServerResponse) => void): Promise<PostServer> {
  const posted: Posted[] = [];
  const faults: { path: string; fault: Fault }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const post = { path: request.url ?? '', headers: request.headers, body, at: performance.now() };
      posted.push(post);
      const at = faults.findIndex(({ path }) => post.path.endsWith(path));
      const fault = at === -1 ? undefined : faults.splice(at, 1)[0]?.fault;
      if (fault === 'cut') return void request.socket.destroy();
      if (fault === 'cut-after') {
        // Done, and nobody is told.
        response.end = (() => request.socket.destroy()) as never;
        return void answer(post, response);
      }
      if (!fault) return void answer(post, response);
      response.writeHead(fault.status, fault.headers);
      response.end(fault.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    fail: (path, ...more) => void faults.push(...more.map((fault) => ({ path, fault }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
