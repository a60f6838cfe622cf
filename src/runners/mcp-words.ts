/** Words of a command line that tells an agent CLI of an MCP server. Pure. */
import { shellQuote } from '../lib/shell-quote.js';
import type { McpServer } from './runner.js';

/** `-e A=b -- tend mcp` with each word quoted for the shell; `flag` is what the CLI calls its variables. */
export function serverWords({ command, env }: McpServer, flag: string): string {
  const variables = Object.entries(env).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [...variables, '--', ...command].map(shellQuote).join(' ');
}
