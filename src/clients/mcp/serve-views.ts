/** Resources with their news, and prompts. */
import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { followNews } from '../../contract/follow-news.js';
import { messageOf, TendError } from '../../model/error.js';
import { PROMPTS } from './prompts.js';
import { idsOf, listResources, readResource, TEMPLATES } from './resources.js';
import { loadVerb, type Serving } from './serving.js';
import { type Subscriptions, subscriptions } from './subscriptions.js';

/** As the protocol names it; the library has no name for it. */
const NOT_FOUND = -32002;
/** The most that the protocol lets a completion have. */
const COMPLETIONS_MAX = 100;

/** Answers `resources/…` and completes ids; tells what changed from the moment that the client is ready. */
export function serveResources(serving: Serving): void {
  const { server, context, calls } = serving;
  const watched = watch(serving);
  server.setRequestHandler(ListResourcesRequestSchema, async () => {
    const resources = await calls.add(listResources(loadVerb, context));
    watched.listed(resources.map(({ uri }) => uri));
    return { resources };
  });
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }) => ({
    contents: [await calls.add(read(params.uri, serving))],
  }));
  server.setRequestHandler(SubscribeRequestSchema, async ({ params }) => {
    await calls.add(watched.add(params.uri));
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    watched.drop(params.uri);
    return {};
  });
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const ids = ref.type === 'ref/resource' ? await calls.add(idsOf(ref.uri, loadVerb, context)) : [];
    const all = ids.filter((id) => id.startsWith(argument.value));
    return {
      completion: { values: all.slice(0, COMPLETIONS_MAX), total: all.length, hasMore: all.length > COMPLETIONS_MAX },
    };
  });
}

async function read(uri: string, { context }: Serving) {
  try {
    const found = await readResource(uri, loadVerb, context);
    if (found) return found;
  } catch (error) {
    if (!(error instanceof TendError)) throw error;
    const hint = error.hint === undefined ? '' : `; try: ${error.hint}`;
    throw new McpError(error.kind === 'environment' ? ErrorCode.InternalError : NOT_FOUND, messageOf(error) + hint, {
      uri,
    });
  }
  throw new McpError(NOT_FOUND, `there is no resource ${JSON.stringify(uri)}; known: resources/list`, { uri });
}

/** Follows the profile from the moment that the client is ready until it is gone. */
function watch(serving: Serving): Subscriptions {
  const { server, context, gone } = serving;
  const lost = (): void => {};
  const watched = subscriptions(
    {
      text: (uri) => read(uri, serving).then(({ text }) => text, messageOf),
      addresses: () =>
        listResources(loadVerb, context).then(
          (all) => all.map(({ uri }) => uri),
          (error: unknown) => [messageOf(error)],
        ),
    },
    {
      updated: (uri) => void server.sendResourceUpdated({ uri }).catch(lost),
      listChanged: () => void server.sendResourceListChanged().catch(lost),
    },
  );
  server.oninitialized = () => {
    void follow();
  };
  const follow = async (): Promise<void> => {
    for await (const _ of followNews(context, AbortSignal.any([gone, context.signal]))) await watched.look();
  };
  return watched;
}

export function servePrompts({ server, context }: Serving): void {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: Object.entries(PROMPTS).map(([name, { title, description, arguments: args }]) => ({
      name,
      title,
      description,
      ...(args ? { arguments: args.map((one) => ({ ...one })) } : {}),
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = Object.hasOwn(PROMPTS, params.name) ? PROMPTS[params.name] : undefined;
    if (!prompt) throw new McpError(ErrorCode.InvalidParams, `there is no prompt ${JSON.stringify(params.name)}`);
    const text = prompt.text(context, params.arguments ?? {});
    return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
}
