/** What the agent CLI of a human needs to serve its human: the words of the concierge, and how it is told of `tend mcp`. */
import { shippedSkill } from '../ops/concierge.js';
import { type McpSetup, mcpServer, mcpSetups } from '../ops/mcp-setup.js';
import type { Context } from './verb.js';

export type { McpSetup };

/** The skill's text without its front matter. */
export const conciergeText = ({ seeds }: Pick<Context, 'seeds'>): string =>
  shippedSkill(seeds).replace(/^---\n[\s\S]*?\n---\n+/, '');

/** A row for each agent CLI, and the server itself for any other client. */
export const mcpSetup = ({
  profile,
}: Pick<Context, 'profile'>): {
  clients: McpSetup[];
  server: ReturnType<typeof mcpServer>;
} => ({
  clients: mcpSetups(profile),
  server: mcpServer(profile),
});
