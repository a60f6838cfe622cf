/** A stand-in for ntfy: publishing as JSON, its limits, and a topic that wants a token. */
import { servePosts } from './http.js';

export interface NtfyMessage {
  topic: string;
  title: string;
  message: string;
  priority: number;
  tags: string[];
  click?: string;
  actions?: { action: string; label: string; url: string }[];
  sequence_id?: string;
}

export async function startNtfy({ topic = 'my-topic', token }: { topic?: string; token?: string } = {}) {
  const messages: NtfyMessage[] = [];
  const posts = await servePosts(({ path, headers, body }, response) => {
    const reply = (status: number, data: object) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(data));
    };
    const parsed = ((): NtfyMessage | undefined => {
      try {
        return JSON.parse(body) as NtfyMessage;
      } catch {
        return undefined;
      }
    })();
    if (path !== '/' || !parsed)
      return reply(400, { code: 40024, http: 400, error: 'invalid request: request body must be message JSON' });
    if (!/^[-_A-Za-z0-9]{1,64}$/.test(parsed.topic))
      return reply(400, { code: 40009, http: 400, error: 'invalid request: topic invalid' });
    if (token !== undefined && headers.authorization !== `Bearer ${token}`)
      return reply(403, { code: 40301, http: 403, error: 'forbidden' });
    if (![1, 2, 3, 4, 5].includes(parsed.priority))
      return reply(400, { code: 40007, http: 400, error: 'invalid priority parameter' });
    if ((parsed.actions ?? []).length > 3)
      return reply(400, { code: 40018, http: 400, error: 'actions invalid: too many' });
    // More than this becomes an attachment, which nobody reads on a lock screen.
    if (Buffer.byteLength(parsed.message) > 4_096)
      return reply(413, { code: 41301, http: 413, error: 'attachment too large' });
    messages.push(parsed);
    return reply(200, { id: `m${messages.length}`, event: 'message', topic: parsed.topic });
  });
  return { ...posts, messages, topicUrl: `${posts.url}/${topic}` };
}
