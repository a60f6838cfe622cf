/**
 * Where asks are to be pushed and when: environment over config, secrets fetched from where the config says they are. Nothing
 * here takes a secret from argv, and no error quotes one.
 */
import { type DayRange, parseDayRange } from '../../lib/day-range.js';
import type { Urgency } from '../../model/ask.js';
import { badInput, TendError } from '../../model/error.js';
import { resolveKnobs } from '../../model/knobs.js';
import { notifySchema, type SecretSource } from '../../model/notify.js';
import { check } from '../../model/record.js';
import { loadConfig } from '../../store/config.js';
import { readSecretFile } from '../../store/secret-file.js';
import type { Context } from '../verb.js';

export interface SlackSettings {
  /** Incoming webhook; used when there is no bot. */
  webhook?: string;
  bot?: { token: string; channel: string };
  /** App-level token: replies and buttons come back through Socket Mode. */
  appToken?: string;
  /** Ids of those who may answer. */
  users: readonly string[];
  /** Base of the Web API, ends in "/". */
  api: string;
}

export interface NtfySettings {
  /** Base of the server without "/" at the end. */
  server: string;
  topic: string;
  token?: string;
  click?: string;
}

export interface NotifySettings {
  quiet?: DayRange;
  /** Seconds until an ask of that urgency is pushed again; 0 = never. */
  again: Readonly<Record<Urgency, number>>;
  /** Most pushes of one ask to one channel. */
  pushes: number;
  slack?: SlackSettings;
  ntfy?: NtfySettings;
  desktop: boolean;
  exec?: string;
}

/** What the command line may say: nothing of it is secret. */
export interface NotifyFlags {
  quiet?: string;
  exec?: string;
  desktop: boolean;
}

const SLACK_API = 'https://slack.com/api/';
const NTFY_URL = 'ntfy (TEND_NTFY_URL or notify.ntfy.url)';

/** Throws an input error for what a flag says, an environment error for what the config, a variable or a secret's file says. */
export function readNotifySettings(context: Context, flags: NotifyFlags): NotifySettings {
  const { config, raw, path } = loadConfig(context.profile.configPath);
  const checked = check(notifySchema, config.notify ?? {});
  if (checked.problems) throw badConfig(path, checked.problems.map((problem) => `notify.${problem}`).join('; '));
  const own = checked.value;
  const { knobs, warnings } = resolveKnobs(context.env, raw);
  for (const warning of warnings) context.warn(warning);
  const find = finder(context, path);
  const quiet = flags.quiet ?? own.quiet;
  const range = quiet === undefined ? undefined : parseDayRange(quiet);
  if (quiet !== undefined && !range)
    throw badInput(
      `Cannot keep quiet in ${JSON.stringify(quiet)}: two times of the day are wanted`,
      'tend notify --quiet 22:00-07:00',
    );
  const slack = slackOf(own.slack ?? {}, find, path);
  const ntfy = ntfyOf(own.ntfy ?? {}, find);
  const exec = flags.exec ?? own.exec;
  return {
    ...(range ? { quiet: range } : {}),
    again: { high: knobs.notifyAgainHighS, normal: knobs.notifyAgainNormalS, low: knobs.notifyAgainLowS },
    pushes: knobs.notifyPushes,
    ...(slack ? { slack } : {}),
    ...(ntfy ? { ntfy } : {}),
    desktop: flags.desktop || own.desktop === true,
    ...(exec === undefined || exec.trim() === '' ? {} : { exec }),
  };
}

type Find = (variable: string, key: string, source: SecretSource | string | undefined) => string | undefined;

/** The variable that is ours, else where the config points. A variable that the config names and that is not set is an error. */
const finder =
  ({ env }: Context, path: string): Find =>
  (variable, key, source) => {
    const own = env[variable]?.trim();
    if (own) return own;
    if (source === undefined || typeof source === 'string') return source;
    if ('file' in source) return readSecretFile(source.file);
    const value = env[source.env]?.trim();
    if (!value) throw badConfig(path, `notify.${key}: variable "${source.env}" is not set`);
    return value;
  };

type SlackConfig = NonNullable<NonNullable<ReturnType<typeof notifySchema.parse>>['slack']>;

function slackOf(own: SlackConfig, find: Find, path: string): SlackSettings | undefined {
  const webhook = find('TEND_SLACK_WEBHOOK_URL', 'slack.webhook', own.webhook);
  const token = find('TEND_SLACK_BOT_TOKEN', 'slack.bot_token', own.bot_token);
  const appToken = find('TEND_SLACK_APP_TOKEN', 'slack.app_token', own.app_token);
  const channel = find('TEND_SLACK_CHANNEL', 'slack.channel', own.channel);
  const users = find('TEND_SLACK_USERS', 'slack.users', own.users?.join(','));
  const api = find('TEND_SLACK_API_URL', 'slack.api', own.api) ?? SLACK_API;
  if (webhook === undefined && token === undefined) {
    if (appToken !== undefined)
      throw badConfig(path, 'notify.slack: an app token alone writes nothing, bot_token is missing');
    return undefined;
  }
  if (webhook !== undefined) requireUrl(webhook, 'the Slack webhook (TEND_SLACK_WEBHOOK_URL or notify.slack.webhook)');
  requireUrl(api, 'the Slack API (TEND_SLACK_API_URL or notify.slack.api)');
  if (token !== undefined && channel === undefined)
    throw badConfig(
      path,
      'notify.slack.channel is missing: which channel does the bot write to? ($TEND_SLACK_CHANNEL)',
    );
  return {
    ...(webhook === undefined ? {} : { webhook }),
    ...(token === undefined || channel === undefined ? {} : { bot: { token, channel } }),
    ...(appToken === undefined ? {} : { appToken }),
    users: (users ?? '').split(/[\s,]+/).filter((id) => id !== ''),
    api: api.endsWith('/') ? api : `${api}/`,
  };
}

function ntfyOf(
  own: { url?: string | SecretSource | undefined; token?: SecretSource | undefined; click?: string | undefined },
  find: Find,
): NtfySettings | undefined {
  const url = find('TEND_NTFY_URL', 'ntfy.url', own.url);
  if (url === undefined) return undefined;
  const token = find('TEND_NTFY_TOKEN', 'ntfy.token', own.token);
  const parsed = parseUrl(url);
  const topic = parsed?.pathname.replace(/\/+$/, '').split('/').at(-1) ?? '';
  // A token over plain HTTP could be read on the way; a topic without one is between its user and their network.
  if (token !== undefined) requireUrl(url, NTFY_URL);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !/^[-_A-Za-z0-9]{1,64}$/.test(topic))
    throw badUrl(NTFY_URL, 'server and topic are wanted, like https://ntfy.sh/a-name-nobody-guesses');
  const below = parsed.pathname.replace(/\/+$/, '').slice(0, -topic.length - 1);
  return {
    server: `${parsed.origin}${below}`,
    topic,
    ...(token === undefined ? {} : { token }),
    ...(own.click === undefined ? {} : { click: own.click }),
  };
}

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** Secrets travel encrypted, or not at all; on this machine itself nobody listens. */
function requireUrl(text: string, what: string): void {
  const url = parseUrl(text);
  const isLocal = url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || isLocal) return;
  throw badUrl(what, 'it must begin with https://');
}

/** A URL may be a secret: the error says where it came from, and not what it is. */
const badUrl = (what: string, why: string): TendError =>
  new TendError('environment', `Cannot use the URL of ${what}: ${why}`, {
    code: 'bad-config',
    hint: 'tend notify --help',
  });

const badConfig = (path: string, why: string): TendError =>
  new TendError('environment', `Cannot use config "${path}": ${why}`, {
    code: 'bad-config',
    hint: 'tend notify --help',
  });
