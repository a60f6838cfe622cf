/** How each agent CLI is told of `tend mcp`. Pure but for the runners' own words. */
import type { Profile } from '../host/profile.js';
import { RUNNERS } from '../runners/registry.js';
import type { McpServer, Runner } from '../runners/runner.js';

export interface McpSetup {
  runner: string;
  /** A command to type, or what to put into which file. Null: it is no MCP client. */
  how: string | null;
}

/** The server as clients start it. They do not hand their own environment on, so a profile that is not the default one is named. */
export const mcpServer = ({ dataDir, isDefault }: Profile): McpServer => ({
  name: 'tend',
  command: ['tend', 'mcp'],
  env: isDefault ? {} : { TEND_DATA_DIR: dataDir },
});

/** A row for each agent CLI of which it is known. */
export function mcpSetups(profile: Profile): McpSetup[] {
  const server = mcpServer(profile);
  return Object.values<Runner>(RUNNERS).flatMap(({ name, mcpSetup, skillsDir }) =>
    mcpSetup || skillsDir ? [{ runner: name, how: mcpSetup?.(server) ?? null }] : [],
  );
}
