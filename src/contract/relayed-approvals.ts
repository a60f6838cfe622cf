/** Whether an agent that serves the human may pass a yes on by its own word. */
import { loadConfig } from '../store/config.js';
import type { Context } from './verb.js';

/** True when the config says `mcp.approvals: "relay"`. Throws for a config that cannot be read: what it allows is not known then. */
export const mayRelayApprovals = ({ profile }: Pick<Context, 'profile'>): boolean =>
  loadConfig(profile.configPath).config.mcp?.approvals === 'relay';
