/** `tend mcp`: the contract for agents that serve the human, as a Model Context Protocol server. Loads its library when it serves. */
import type { Verb } from '../../contract/verb.js';
import { badInput } from '../../model/error.js';

export const verb: Verb = {
  path: ['mcp'],
  group: 'other',
  about: 'Serve the verbs to an agent over the Model Context Protocol, on stdin and stdout',
  details:
    'An agent session that you talk to (Claude Code, Codex, any MCP client) starts it and gets the verbs as tools, state, asks, goals, ' +
    'PLAYBOOK and journal as resources, and prompts for a concierge, an interview and a morning report. "tend mcp --setup" prints how each ' +
    'client is told of it.\n\n' +
    'A yes to an approval is asked of you by tend itself, in a dialog of the client, with the exact move; a client without such dialogs is told ' +
    'the command that you can type. With "mcp": {"approvals": "relay"} in the config the agent may pass your yes on.\n\n' +
    'In the session of a worker it serves "ask" and "told" and nothing else.',
  rest: { kind: 'none' },
  flags: {
    setup: { type: 'boolean', about: 'print how each agent CLI is told of this server, and serve nothing' },
    json: { type: 'boolean', about: 'with --setup: print {clients: [{runner, how}], server: {name, command, env}}' },
  },
  examples: [
    { line: 'tend mcp --setup', about: 'how your agent gets to know it' },
    { line: 'tend mcp', about: 'what the client starts by itself' },
  ],
  exits: { 1: 'stdin is a terminal: an agent must start it' },
  async run({ flags }, context) {
    if (flags['setup'] === true) {
      const { mcpSetup } = await import('../../contract/agent-setup.js');
      const { renderSetup } = await import('./setup.js');
      const setup = mcpSetup(context);
      return { text: renderSetup(setup), json: setup };
    }
    if (flags['json'] === true)
      throw badInput(
        'Cannot serve with --json: it belongs to --setup, the protocol is JSON by itself',
        'tend mcp --setup --json',
      );
    const { serve } = await import('./serve.js');
    await serve(context);
    return { text: '', ownsStdout: true };
  },
};
