/**
 * Servers that speak OpenRouter's protocol leave out what its SDK insists on (the role of a message, one of the token counts). What
 * is missing and can be known is filled in before the SDK looks, and no answer is read beyond a limit.
 */
import { isObject, parseJson } from '../../lib/json.js';

/** A plan of 32 nodes with the longest objectives is below 1 MiB; what is longer is no answer to our question. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

export const tolerantFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const text = await bounded(response);
  const headers = new Headers(response.headers);
  // The text is decoded and may have another length.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name);
  const { value } = parseJson(text);
  const body = response.ok && isObject(value) ? JSON.stringify(completed(value)) : text;
  return new Response(body === '' ? null : body, { status: response.status, statusText: response.statusText, headers });
};

async function bounded(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`the answer is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function completed(answer: Record<string, unknown>): Record<string, unknown> {
  const { choices, usage } = answer;
  return {
    ...answer,
    ...(Array.isArray(choices) ? { choices: choices.map(withRole) } : {}),
    ...(isObject(usage) ? { usage: withCounts(usage) } : {}),
  };
}

const withRole = (choice: unknown): unknown =>
  isObject(choice) && isObject(choice['message'])
    ? { ...choice, message: { ...choice['message'], role: 'assistant' } }
    : choice;

function withCounts(usage: Record<string, unknown>): Record<string, unknown> {
  const count = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
  const [input, output, total] = [count('prompt_tokens'), count('completion_tokens'), count('total_tokens')];
  return { ...usage, prompt_tokens: input, completion_tokens: output, total_tokens: total || input + output };
}
