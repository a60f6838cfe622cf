/** Slack's Web API: one call, and what it came to. The token travels in a header and stands in no message. */
import { isObject, parseJson } from '../../../lib/json.js';
import type { Trouble } from '../channel.js';
import { post } from '../http.js';

export type ApiReply = { state: 'ok'; data: Record<string, unknown> } | Trouble;

export interface SlackApi {
  /** A method that writes takes JSON; one that reads takes form fields (`form`). */
  call(method: string, params: Readonly<Record<string, unknown>>, as?: 'form'): Promise<ApiReply>;
}

/** Errors that pass by themselves. */
const PASSING =
  /^(ratelimited|rate_limited|internal_error|fatal_error|service_unavailable|request_timeout|message_limit_exceeded)$/;
/** Errors of this one message. */
const UNFIT =
  /^(invalid_blocks|invalid_blocks_format|msg_too_long|msg_blocks_too_long|no_text|too_many_attachments|invalid_arguments|invalid_metadata_\w+|metadata_\w+|message_not_found|cant_update_message|edit_window_closed|thread_not_found|cannot_reply_to_message|expired_trigger_id|exchanged_trigger_id|trigger_expired|view_\w+)$/;

export function slackApi(terms: { base: string; token: string; signal: AbortSignal; now(): number }): SlackApi {
  return {
    async call(method, params, as) {
      const reply = await post({
        url: `${terms.base}${method}`,
        headers: {
          Authorization: `Bearer ${terms.token}`,
          'Content-Type': as === 'form' ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8',
        },
        body: as === 'form' ? formOf(params) : JSON.stringify(params),
        signal: terms.signal,
        now: terms.now,
      });
      if (reply.state !== 'reply') return { ...reply, why: `${method}: ${reply.why}` };
      const { value } = parseJson(reply.text);
      if (isObject(value) && value['ok'] === true) return { state: 'ok', data: value };
      return troubleOf(method, isObject(value) ? value : { error: `http_${reply.status}` });
    },
  };
}

const formOf = (params: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

function troubleOf(method: string, data: Record<string, unknown>): Trouble {
  const error = /^\w{1,60}$/.test(String(data['error'])) ? String(data['error']) : 'unknown_error';
  const meta = isObject(data['response_metadata']) ? data['response_metadata']['messages'] : undefined;
  const said = Array.isArray(meta) && typeof meta[0] === 'string' ? ` (${meta[0].slice(0, 120)})` : '';
  const needed =
    error === 'missing_scope' && typeof data['needed'] === 'string' ? ` (needed: ${data['needed'].slice(0, 60)})` : '';
  const why = `${method}: Slack says ${error}${needed}${said}`;
  if (PASSING.test(error)) return { state: 'busy', why };
  return { state: UNFIT.test(error) ? 'refused' : 'broken', why };
}
