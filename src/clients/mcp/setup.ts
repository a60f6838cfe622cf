/** How MCP clients are told of `tend mcp`, for people. Pure. */
import type { mcpSetup } from '../../contract/agent-setup.js';

export function renderSetup({ clients, server }: ReturnType<typeof mcpSetup>): string {
  const width = Math.max(...clients.map(({ runner }) => runner.length));
  const rows = clients.map(
    ({ runner, how }) =>
      `${runner.padEnd(width)}  ${how ?? 'no MCP client; "tend init --concierge yes" gives it the skill'}`,
  );
  const { name, command, env } = server;
  const [program, ...args] = command;
  const entry = { command: program, args, ...(Object.keys(env).length > 0 ? { env } : {}) };
  return [...rows, '', 'Any other client:', JSON.stringify({ mcpServers: { [name]: entry } }, null, 2)].join('\n');
}
