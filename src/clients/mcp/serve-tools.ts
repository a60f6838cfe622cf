/** Tools: the verbs of one table, called as the client asks, with signs of life where that may take long. */
import {
  type CallToolRequest,
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import type { AskStory } from '../../contract/views/asks.js';
import { refused } from '../../model/error.js';
import type { AskHuman } from './approval.js';
import { tellProgress } from './progress.js';
import { loadVerb, type Serving } from './serving.js';
import { type CallResult, callTool, errorResult } from './tool-call.js';
import { inputSchema } from './tool-input.js';
import { HUMAN_TOOLS, SESSION_TOOLS, type Tool, toolName } from './tools.js';

/** A human who reads an exact move may be away; the timer of the library cannot be switched off. A day. */
const DIALOG_MS = 86_400_000;

/** What the library hands to a handler, as far as it is used here. */
interface Extra {
  signal: AbortSignal;
  sendNotification(notification: ServerNotification): Promise<void>;
}

/** Answers `tools/list` and `tools/call`. */
export function serveTools(serving: Serving): void {
  const table = serving.session === undefined ? HUMAN_TOOLS : SESSION_TOOLS;
  const byName = new Map(Object.entries(table).map(([words, tool]) => [toolName(words), { words, tool }]));
  const { server, calls } = serving;
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: await calls.add(Promise.all([...byName].map(([name, { words, tool }]) => describe(name, words, tool)))),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const found = byName.get(params.name);
    if (!found) return notServed(params.name, serving);
    return calls.add(call(serving, { ...found, params, extra }));
  });
}

async function describe(name: string, words: string, tool: Tool) {
  const verb = await loadVerb(words);
  return {
    name,
    title: verb.about,
    description: [`${verb.about}.`, ...(verb.details ? [verb.details] : [])].join('\n\n'),
    inputSchema: { ...inputSchema(verb, tool), required: [...inputSchema(verb, tool).required] },
    ...(tool.answer ? { outputSchema: { ...tool.answer.schema, type: 'object' as const } } : {}),
    annotations: { title: verb.about, ...tool.hints },
  };
}

/** A tool of the human's in a session of tend's is refused in words; any other name is a mistake of the client. */
function notServed(name: string, { session }: Serving): CallResult {
  const isHumans = Object.keys(HUMAN_TOOLS).some((words) => toolName(words) === name);
  if (session !== undefined && isHumans)
    return errorResult(
      refused(
        'not-human',
        `Cannot use "${name}" in session ${JSON.stringify(session)}: only a human may use it, a session asks instead`,
        'the tool "ask"',
      ),
    );
  throw new McpError(ErrorCode.InvalidParams, `there is no tool ${JSON.stringify(name)}; known: tools/list`);
}

interface Wanted {
  words: string;
  tool: Tool;
  params: CallToolRequest['params'];
  extra: Extra;
}

async function call(serving: Serving, { words, tool, params, extra }: Wanted): Promise<CallResult> {
  const { context, gone } = serving;
  const verb = await loadVerb(words);
  // A short call ends by itself, also when the client is gone: somebody may have sent it and closed the pipe.
  const ends = [extra.signal, context.signal, ...(tool.long ? [gone] : [])];
  const signal = AbortSignal.any(ends);
  const token = params._meta?.progressToken;
  const quiet =
    tool.long && token !== undefined
      ? tellProgress((seconds) => {
          const message =
            seconds === 0 ? `${verb.path.join(' ')} waits` : `${verb.path.join(' ')} has waited ${seconds} s`;
          const note = { progressToken: token, progress: seconds, message };
          extra.sendNotification({ method: 'notifications/progress', params: note }).catch(() => {});
        })
      : () => {};
  try {
    const show = async (id: string): Promise<AskStory> => {
      const { json } = await (await loadVerb('ask show')).run({ args: { ask_id: id }, flags: {}, words: [] }, context);
      return json as AskStory;
    };
    return await callTool({
      verb,
      tool,
      given: params.arguments,
      context,
      signal,
      show,
      askHuman: dialog(serving, signal),
    });
  } finally {
    quiet();
  }
}

/** The client's dialog for one line of text; undefined when it has none. */
function dialog({ server }: Serving, signal: AbortSignal): AskHuman {
  if (!server.getClientCapabilities()?.elicitation?.form) return undefined;
  return async (message) => {
    const { action, content } = await server.elicitInput(
      {
        message,
        requestedSchema: {
          type: 'object',
          properties: {
            answer: { type: 'string', title: 'Your answer', description: 'yes, or no and your reason' },
          },
          required: ['answer'],
        },
      },
      { signal, timeout: DIALOG_MS },
    );
    return action === 'accept' ? String(content?.['answer'] ?? '') : undefined;
  };
}
