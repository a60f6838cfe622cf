/**
 * One scripted step → the bytes of each model API: Anthropic Messages, OpenAI Responses, OpenAI Chat Completions; streamed (SSE) or
 * as one JSON body. It shows protocol behaviour, not a model's.
 */
import { ANSWER_TOOL, obeying, schemaOf } from './schemas.js';

export interface Step {
  /** Reasoning before the answer. */
  thinking?: string;
  text?: string;
  /** It says its text in words also where the request holds it to a schema. */
  inWords?: boolean;
  /** A command for whichever shell tool the request offers; text instead when it offers none, as a model would say. */
  shell?: string;
  /** Any other tool call, also of a tool that was not offered. */
  tool?: { name: string; input: object /** Of an MCP server, in the responses API. */; namespace?: string };
  usage?: { input?: number; output?: number; cacheRead?: number; cacheWrite?: number };
  /** The stop reason of a cut answer instead of the natural one. */
  stop?: 'length';
  /** Answers with this HTTP status instead. */
  status?: number;
  headers?: Record<string, string>;
  /** 200, half of the events, then the socket is dropped. */
  cut?: boolean;
  /** The request is taken and never answered. */
  hang?: boolean;
}

export type Api = 'anthropic' | 'responses' | 'chat';

/** The parts of a request that matter here; everything else is passed over. */
export interface Body {
  model?: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: { name?: string; type?: string; input_schema?: Record<string, unknown>; function?: { name?: string } }[];
  /** Of the Responses API. */
  text?: { format?: { type?: string; name?: string; strict?: boolean; schema?: Record<string, unknown> } };
  messages?: Item[];
  input?: Item[] | string;
  system?: unknown;
  instructions?: unknown;
}
export interface Item {
  role?: string;
  type?: string;
  content?: string | { type?: string; text?: string }[];
}

export interface Answer {
  json: object;
  sse: { event?: string; data: object | string }[];
}

let serial = 0;
const id = (prefix: string): string => `${prefix}_fake${String(++serial).padStart(6, '0')}`;
const usageOf = (step: Step) => ({ input: 100, output: 20, cacheRead: 0, cacheWrite: 0, ...step.usage });
/** Several deltas, as a real stream has them. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,24}/gu) ?? [''];

/** Names and arguments of the shell tools that the real CLIs offer. */
const SHELLS: Record<string, (command: string) => object> = {
  Bash: (command) => ({ command, description: 'scripted command' }), // claude
  bash: (command) => ({ command, description: 'scripted command' }), // opencode, pi
  exec_command: (cmd) => ({ cmd }), // codex (unified exec)
  shell_command: (command) => ({ command }), // codex (older)
};

/** Tool names of a request, whatever its API. */
export const toolNames = (body: Body | undefined): string[] =>
  (body?.tools ?? []).map((tool) => tool.name ?? tool.function?.name ?? tool.type ?? '');

/** The step as a model takes it that obeys the schema of its request: in the tool for answers, or as text of that shape. */
export function obedient(step: Step, body: Body): Step {
  const schema = schemaOf(body);
  if (!schema || step.inWords || step.tool || step.shell !== undefined || step.text === undefined) return step;
  const move = objectIn(step.text);
  if (!move) return step;
  const { text: _words, ...rest } = step;
  const said = obeying(schema, move) as object;
  return body.text?.format
    ? { ...rest, text: JSON.stringify(said) }
    : { ...rest, tool: { name: ANSWER_TOOL, input: said } };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function toolCall(step: Step, body: Body): Step['tool'] | undefined {
  if (step.tool) return step.tool;
  if (step.shell === undefined) return undefined;
  const offered = toolNames(body);
  const found = Object.entries(SHELLS).find(([name]) => offered.includes(name));
  // A model that is set on it calls a tool by its name also where nobody offered one.
  const [name, build] = found ?? ['Bash', SHELLS['Bash']!];
  return { name, input: build(step.shell) };
}

export function anthropic(step: Step, body: Body): Answer {
  const call = toolCall(step, body);
  const u = usageOf(step);
  const usage = {
    input_tokens: u.input,
    cache_creation_input_tokens: u.cacheWrite,
    cache_read_input_tokens: u.cacheRead,
    output_tokens: u.output,
  };
  const content: ({ type: string } & Record<string, unknown>)[] = [
    ...(step.thinking ? [{ type: 'thinking', thinking: step.thinking, signature: 'ZmFrZQ==' }] : []),
    ...(step.text === undefined ? [] : [{ type: 'text', text: step.text }]),
    ...(call ? [{ type: 'tool_use', id: id('toolu'), name: call.name, input: call.input }] : []),
  ];
  const stop = step.stop === 'length' ? 'max_tokens' : call ? 'tool_use' : 'end_turn';
  const message = {
    id: id('msg'),
    type: 'message',
    role: 'assistant',
    model: body.model,
    content,
    stop_sequence: null,
  };
  const json = { ...message, stop_reason: stop, usage };
  const events: ({ type: string } & Record<string, unknown>)[] = [
    {
      type: 'message_start',
      message: { ...json, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
  ];
  content.forEach((block, index) => {
    const { empty, deltas } = blockEvents(block);
    events.push({ type: 'content_block_start', index, content_block: empty });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  });
  const end = { stop_reason: stop, stop_sequence: null };
  events.push({ type: 'message_delta', delta: end, usage: { output_tokens: u.output } }, { type: 'message_stop' });
  return { json, sse: events.map((data) => ({ event: data.type, data })) };
}

function blockEvents(block: { type: string } & Record<string, unknown>): { empty: object; deltas: object[] } {
  if (block.type === 'text')
    return {
      empty: { type: 'text', text: '' },
      deltas: pieces(String(block['text'])).map((text) => ({ type: 'text_delta', text })),
    };
  if (block.type === 'tool_use') {
    const parts = pieces(JSON.stringify(block['input']));
    return {
      empty: { ...block, input: {} },
      deltas: parts.map((part) => ({ type: 'input_json_delta', partial_json: part })),
    };
  }
  const thoughts = pieces(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking }));
  return {
    empty: { type: 'thinking', thinking: '', signature: '' },
    deltas: [...thoughts, { type: 'signature_delta', signature: block['signature'] }],
  };
}

export function responses(step: Step, body: Body): Answer {
  const call = toolCall(step, body);
  const u = usageOf(step);
  const message = {
    type: 'message',
    id: id('msg'),
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: step.text, annotations: [] }],
  };
  const output: Record<string, unknown>[] = [
    ...(step.thinking
      ? [{ type: 'reasoning', id: id('rs'), summary: [{ type: 'summary_text', text: step.thinking }] }]
      : []),
    ...(step.text === undefined ? [] : [message]),
    ...(call
      ? [
          {
            type: 'function_call',
            id: id('fc'),
            call_id: id('call'),
            name: call.name,
            ...(call.namespace ? { namespace: call.namespace } : {}),
            arguments: JSON.stringify(call.input),
            status: 'completed',
          },
        ]
      : []),
  ];
  const base = { id: id('resp'), object: 'response', created_at: 1_700_000_000, model: body.model };
  const usage = {
    input_tokens: u.input,
    input_tokens_details: { cached_tokens: u.cacheRead },
    output_tokens: u.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: u.input + u.output,
  };
  const isCut = step.stop === 'length';
  const end = isCut ? { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } } : {};
  const done = { ...base, status: 'completed', ...end, output, usage };
  const events: ({ type: string } & Record<string, unknown>)[] = [
    { type: 'response.created', response: { ...base, status: 'in_progress', output: [] } },
    ...output.flatMap((item, index) => itemEvents(item, index)),
    { type: isCut ? 'response.incomplete' : 'response.completed', response: done },
  ];
  return {
    json: done,
    sse: events.map((data, index) => ({ event: data.type, data: { sequence_number: index, ...data } })),
  };
}

function itemEvents(item: Record<string, unknown>, index: number): ({ type: string } & Record<string, unknown>)[] {
  const at = { item_id: item['id'], output_index: index };
  const added = { type: 'response.output_item.added', output_index: index };
  const done = { type: 'response.output_item.done', output_index: index, item };
  if (item['type'] === 'message') {
    const [part] = item['content'] as { text: string }[];
    const text = part?.text ?? '';
    const inPart = { ...at, content_index: 0 };
    return [
      { ...added, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...inPart, part: { type: 'output_text', text: '', annotations: [] } },
      ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...inPart, delta })),
      { type: 'response.output_text.done', ...inPart, text },
      { type: 'response.content_part.done', ...inPart, part },
      done,
    ];
  }
  if (item['type'] === 'function_call') {
    const text = String(item['arguments']);
    return [
      { ...added, item: { ...item, status: 'in_progress', arguments: '' } },
      ...pieces(text).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
      { type: 'response.function_call_arguments.done', ...at, arguments: text },
      done,
    ];
  }
  return [{ ...added, item: { ...item, summary: [] } }, done];
}

export function chat(step: Step, body: Body): Answer {
  const call = toolCall(step, body);
  const u = usageOf(step);
  const base = { id: id('chatcmpl'), created: 1_700_000_000, model: body.model };
  const usage = {
    prompt_tokens: u.input,
    completion_tokens: u.output,
    total_tokens: u.input + u.output,
    prompt_tokens_details: { cached_tokens: u.cacheRead },
  };
  const finish = step.stop === 'length' ? 'length' : call ? 'tool_calls' : 'stop';
  const calls = call && [
    {
      index: 0,
      id: id('call'),
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.input) },
    },
  ];
  const chunk = (delta: object, reason: string | null = null) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const events: (object | string)[] = [
    chunk({ role: 'assistant', content: '' }),
    ...(step.thinking ? pieces(step.thinking).map((text) => chunk({ reasoning_content: text })) : []),
    ...(step.text === undefined ? [] : pieces(step.text).map((content) => chunk({ content }))),
    ...(calls ? [chunk({ tool_calls: calls })] : []),
    chunk({}, finish),
    ...(body.stream_options?.include_usage ? [{ ...base, object: 'chat.completion.chunk', choices: [], usage }] : []),
    '[DONE]',
  ];
  const message = { role: 'assistant', content: step.text ?? null, ...(calls ? { tool_calls: calls } : {}) };
  const json = { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage };
  return { json, sse: events.map((data) => ({ data })) };
}

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** A plausible body of an HTTP error. */
export function errorBody(api: Api, status: number): object {
  const type = ERROR_TYPES[status] ?? 'api_error';
  const message = `scripted ${type}`;
  if (api === 'anthropic') return { type: 'error', error: { type, message }, request_id: id('req') };
  return { error: { message, type, param: null, code: type } };
}
