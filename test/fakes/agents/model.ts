/**
 * A model endpoint on 127.0.0.1 for the real agent CLIs. What it answers follows from the conversation that a request carries, not
 * from how often it was asked: a retry gets the same answer again. A conversation is a decision of the pulse, or a worker's, whose
 * brief names it; requests without tools (titles, summaries) are neither.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { schemaOf, schemaProblem } from './schemas.js';
import {
  type Api,
  anthropic,
  type Body,
  chat,
  errorBody,
  type Item,
  obedient,
  responses,
  type Step,
  toolNames,
} from './wire.js';

/** One request as it came. */
export interface Seen {
  api: Api | undefined;
  path: string;
  /** Worker id, or `decider`; undefined for side requests. */
  by: string | undefined;
  /** Tool results in the conversation so far: which step it is at. */
  turn: number;
  tools: string[];
  model: string | undefined;
  /** What the model has said in it so far: a CLI may tell it to go on without a tool in between. */
  said: number;
  /** It holds the model to a schema. */
  schema: boolean;
  /** All text of the user's side. */
  text: string;
  /** Everything that was sent: system text, descriptions of tools and all. */
  whole: string;
}

export type FakeModel = Awaited<ReturnType<typeof startFakeModel>>;

const WIRE = { anthropic, responses, chat } as const;
const NOOP: Step = { text: JSON.stringify({ action: 'noop', reason: 'nothing to do' }) };

export async function startFakeModel() {
  const seen: Seen[] = [];
  /** Scripts of decisions to come; a decision under way keeps its own. */
  const decisions: Step[][] = [];
  const workers = new Map<string, Step[]>();
  const underWay = new Map<string, Step[]>();
  let always: Step | undefined;
  let takesSchemas = true;

  const stepOf = (request: Seen): Step => {
    if (request.by === undefined) return { text: 'an aside', usage: { input: 10, output: 2 } };
    if (always) return always;
    if (request.by !== 'decider') return at(workers.get(request.by) ?? [{ text: 'I have no script.' }], request.turn);
    // Later requests of a conversation begin with what the first one said.
    if (request.turn > 0 || request.said > 0) {
      const begun = [...underWay].findLast(([text]) => request.text.startsWith(text));
      return at(begun?.[1] ?? [NOOP], request.turn || request.said);
    }
    const script = decisions.shift() ?? underWay.get(request.text) ?? [NOOP];
    underWay.delete(request.text);
    underWay.set(request.text, script);
    return at(script, 0);
  };

  const server = createServer((req, res) => {
    void bodyOf(req).then((body) => {
      const request = read(req, body);
      seen.push(request);
      const refused = request.schema && !takesSchemas ? NO_SCHEMAS : schemaProblem(body);
      if (refused !== undefined) return void refuse(res, refused);
      answer(res, request, body, request.api ? stepOf(request) : { status: 404 });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    /** What the next decision does, step by step; the last is its final message. Without one it is a noop. */
    decide: (...steps: (Step | Move)[]) =>
      decisions.push(steps.map((step) => (isMove(step) ? { text: JSON.stringify(step) } : step))),
    /** What a worker of this id does; the last step is its final message. */
    work: (id: string, ...steps: Step[]) => workers.set(id, steps),
    /** Every conversation gets this instead, until `undefined` ends it. */
    always: (step: Step | undefined) => {
      always = step;
    },
    /** A provider that knows no schemas: each request with one is refused. */
    refuseSchemas: () => {
      takesSchemas = false;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        // Closed before: then there is nothing to wait for.
        server.close(() => resolve());
      }),
  };
}

/** Anything that is to arrive as the final message of a decision. */
export type Move = { action: string; [field: string]: unknown };
const isMove = (step: Step | Move): step is Move => 'action' in step;

const at = (steps: Step[], turn: number): Step => steps[Math.min(turn, steps.length - 1)] ?? NOOP;

async function bodyOf(req: IncomingMessage): Promise<Body | undefined> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  try {
    return JSON.parse((req.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8')) as Body;
  } catch {
    return undefined;
  }
}

function read(req: IncomingMessage, body: Body | undefined): Seen {
  const path = (req.url ?? '/').split('?')[0]!;
  const api = req.method !== 'POST' ? undefined : apiOf(path);
  const items = body?.messages ?? (Array.isArray(body?.input) ? body.input : []);
  const text = items
    .filter((item) => item.role === 'user')
    .map((item) => textOf(item))
    .join('\n');
  const tools = toolNames(body);
  // A brief that is too long for a command line is named by its file.
  const worker = (/You are worker `([^`]+)`/.exec(text) ?? /\/workers\/([^/\s]+)\/prompt-/.exec(text))?.[1];
  const by = tools.length === 0 ? undefined : (worker ?? 'decider');
  return {
    api,
    path,
    by,
    turn: items.reduce((sum, item) => sum + results(item), 0),
    tools,
    model: body?.model,
    said: items.filter((item) => item.role === 'assistant').length,
    schema: schemaOf(body) !== undefined,
    text,
    whole: JSON.stringify(body ?? null),
  };
}

const apiOf = (path: string): Api | undefined =>
  path.endsWith('/chat/completions')
    ? 'chat'
    : path.endsWith('/responses')
      ? 'responses'
      : path.endsWith('/messages')
        ? 'anthropic'
        : undefined;

const textOf = ({ content }: Item): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');

/** Results of tools in one item, in the words of each API. */
const results = (item: Item): number => {
  if (item.role === 'tool' || item.type === 'function_call_output') return 1;
  return Array.isArray(item.content) ? item.content.filter((part) => part.type === 'tool_result').length : 0;
};

const NO_SCHEMAS = 'json_schema is not supported by this model';

const refuse = (res: ServerResponse, message: string) =>
  res
    .writeHead(400, { 'content-type': 'application/json' })
    .end(JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message, param: null, code: null } }));

function answer(res: ServerResponse, { api }: Seen, body: Body | undefined, step: Step): void {
  if (step.hang) return;
  const json = (status: number, value: object) =>
    res.writeHead(status, { 'content-type': 'application/json', ...step.headers }).end(JSON.stringify(value));
  if (!api || !body || step.status) return void json(step.status ?? 400, errorBody(api ?? 'chat', step.status ?? 400));
  const built = WIRE[api](obedient(step, body), body);
  if (step.cut && !body.stream) return void res.destroy();
  if (!body.stream) return void json(200, built.json);
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const events = step.cut ? built.sse.slice(0, Math.ceil(built.sse.length / 2)) : built.sse;
  for (const { event, data } of events) {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    res.write(`${event ? `event: ${event}\n` : ''}data: ${text}\n\n`);
  }
  // The half that was written must be on its way before the socket goes.
  if (step.cut) setTimeout(() => res.destroy(), 50);
  else res.end();
}
