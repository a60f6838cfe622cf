/** A data dir, a model server on loopback that answers by a script, and hands that do what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectiveConfig, Target } from '../../../src/model/loop.js';
import type { ModelTiming } from '../../../src/runs/objective/model-call.js';
import { withObjective } from '../../../src/runs/objective/with-objective.js';
import type { Performed, RunDeps, RunIdentity } from '../../../src/runs/performer.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';

export const KEY = 'sk-or-test-0123456789abcdef';

/** One request as the server saw it. */
export interface Asked {
  path: string;
  key: string | undefined;
  body: {
    model: string;
    temperature: number;
    messages: { role: string; content: unknown }[];
    response_format?: { type: string };
  };
  /** System and user text as one. */
  text: string;
}

export type Said =
  | { json: unknown; tokens?: number; cost?: number }
  | { text: string; tokens?: number }
  | { status: number; body?: string }
  /** As the body stands, also where a provider would never write it. */
  | { raw: string }
  | 'hang'
  | 'drop';

export interface ModelServer {
  url: string;
  asked: Asked[];
  close(): void;
}

/** Answers by `say`; what it gives for a plan and an audit is told apart by the request's text. */
export async function modelServer(say: (asked: Asked, n: number) => Said): Promise<ModelServer> {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const body = JSON.parse(text) as Asked['body'];
      const one: Asked = {
        path: request.url ?? '',
        key: request.headers.authorization,
        body,
        text: body.messages.map(({ content }) => textOf(content)).join('\n'),
      };
      asked.push(one);
      const said = say(one, asked.length);
      if (said === 'hang') return;
      if (said === 'drop') return request.socket.destroy();
      if ('status' in said)
        return response
          .writeHead(said.status, { 'content-type': 'application/json' })
          .end(said.body ?? '{"error":{"message":"no"}}');
      if ('raw' in said) return response.writeHead(200, { 'content-type': 'application/json' }).end(said.raw);
      const content = 'json' in said ? JSON.stringify(said.json) : said.text;
      const cost = 'cost' in said && said.cost !== undefined ? { cost: said.cost } : {};
      // As few fields as a server that speaks the protocol has been seen to give.
      const answer = { choices: [{ message: { content } }], usage: { total_tokens: said.tokens ?? 10, ...cost } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : (content as { text?: string }[]).map((part) => part.text ?? '').join('\n');

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const isAudit = ({ text }: Asked): boolean => text.includes('You audit whether a goal was reached');

export const plan = (
  ...nodes: { key: string; objective?: string; dependsOn?: string[]; priority?: number; tokenBudget?: number }[]
): { nodes: unknown[] } => ({
  nodes: nodes.map((node) => ({ objective: `do ${node.key}`, ...node })),
});
export const ACHIEVED = {
  achieved: true,
  status: null,
  evidence: ['it is there'],
  unmetRequirements: [],
  adversarialReview: 'looked for gaps and found none',
};
export const notYet = (...unmetRequirements: string[]): object => ({ ...ACHIEVED, achieved: false, unmetRequirements });

export const done = (stdout = 'ok', stderr = ''): Performed => ({
  status: 'succeeded',
  exitCode: 0,
  durationMs: 1,
  stdout,
  stderr,
});
export const broke = (error: string): Performed => ({
  status: 'failed',
  exitCode: 1,
  durationMs: 1,
  stdout: '',
  stderr: error,
  error,
});

export interface Setting {
  root: string;
  disk: Disk;
  /** Nodes that ran, in order. */
  ran: RunIdentity[];
  suffixes: string[];
  /** Milliseconds of the pauses between tries. */
  pauses: number[];
  /** How the target ends for a node; absent: well. */
  hands: (identity: RunIdentity) => Performed | Promise<Performed>;
  env: Record<string, string | undefined>;
  timing: ModelTiming;
  /** What else whoever runs it brings, e.g. the pulse's way to ask for money. */
  more: Partial<RunDeps>;
  deps(disk?: Disk): RunDeps;
  run(
    config?: Partial<ObjectiveConfig>,
    how?: { identity?: RunIdentity; token?: string; signal?: AbortSignal; disk?: Disk; target?: Target },
  ): Promise<Performed>;
  read<T>(key: string): T;
  close(): void;
}

export const IDENTITY: RunIdentity = {
  loopId: '0123456789ab',
  loopName: 'nightly',
  runId: '0123456789ab-20260101T000000000Z',
  attempt: 1,
};

export function setting(url: string): Setting {
  const root = mkdtempSync(join(tmpdir(), 'tend-objective-'));
  const disk = localDisk(root);
  const one: Setting = {
    root,
    disk,
    ran: [],
    suffixes: [],
    pauses: [],
    hands: () => done(),
    env: { PATH: process.env['PATH'], HOME: root, OPENROUTER_API_KEY: KEY, TEND_GOAL_BASE_URL: url },
    timing: {
      pause: (ms) => {
        one.pauses.push(ms);
        return Promise.resolve();
      },
      limitMs: 30_000,
    },
    more: {},
    deps: (over = disk) => ({
      disk: over,
      profile: { dataDir: root, configPath: join(root, 'config.json'), isDefault: false },
      env: one.env,
      bin: '/nonexistent/tend',
      log: () => undefined,
      ...one.more,
    }),
    run(config = {}, how = {}) {
      const request = {
        identity: how.identity ?? IDENTITY,
        token: how.token ?? 'token-1',
        signal: how.signal ?? new AbortController().signal,
        ...(how.target ? { target: how.target } : {}),
      };
      const perform = async (identity: RunIdentity, suffix: string): Promise<Performed> => {
        one.ran.push(identity);
        one.suffixes.push(suffix);
        return one.hands(identity);
      };
      return withObjective(
        one.deps(how.disk),
        { objective: 'the house is clean', ...config },
        request,
        perform,
        one.timing,
      );
    },
    read: <T>(key: string): T => {
      const read = disk.read(key);
      if (read.state !== 'present') throw new Error(`${key} is ${read.state}`);
      return JSON.parse(read.text) as T;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
  return one;
}
