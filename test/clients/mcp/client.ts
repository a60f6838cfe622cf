/** The protocol's own client, over a real `tend mcp` of the build. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type CallToolResult, ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { BIN } from '../../contract/tend-process.js';

export interface Terms {
  env: Record<string, string | undefined>;
  /** What the human does in a dialog; without it the client has none. */
  dialog?: (message: string) => ElicitResult | Promise<ElicitResult>;
  /** How the server is started, in place of the program itself. */
  command?: readonly [string, ...string[]];
}

export type Connected = Awaited<ReturnType<typeof connect>>;

export async function connect({ env, dialog, command = [process.execPath, BIN, 'mcp'] }: Terms) {
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: dialog ? { elicitation: { form: {} } } : {} },
  );
  if (dialog)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => Promise.resolve(dialog(String(params.message))));
  const [file, ...args] = command;
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const transport = new StdioClientTransport({ command: file, args, env: Object.fromEntries(given), stderr: 'pipe' });
  let stderr = '';
  transport.stderr?.on('data', (text: Buffer) => (stderr += text.toString('utf8')));
  await client.connect(transport);
  const call = async (name: string, given: Record<string, unknown> = {}): Promise<CallToolResult> =>
    (await client.callTool({ name, arguments: given })) as CallToolResult;
  return {
    client,
    pid: transport.pid,
    call,
    /** What a tool says that must succeed. */
    must: async (name: string, given: Record<string, unknown> = {}): Promise<string> => {
      const result = await call(name, given);
      if (result.isError) throw new Error(`${name} failed: ${said(result)}`);
      return said(result);
    },
    stderr: () => stderr,
    close: () => client.close(),
  };
}

/** All text of a result. */
export const said = ({ content }: CallToolResult): string =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
