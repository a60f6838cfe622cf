/** What the verbs of the relay take from the command line, and what they say when there is nowhere to push to. */
import { type NotifySettings, readNotifySettings } from '../../contract/notify/settings.js';
import type { Context, Flag, VerbInput } from '../../contract/verb.js';
import { badInput } from '../../model/error.js';
import { CHANNEL_NAMES } from './channels.js';

export const CHANNEL_FLAGS = {
  exec: {
    type: 'string',
    value: 'CMD',
    about: 'run this for each push; the ask is in TEND_ASK_… and, as JSON, on stdin, run in the data dir',
  },
  desktop: { type: 'boolean', about: 'show desktop notifications (notify-send, osascript)' },
  to: { type: 'strings', value: 'NAMES', about: 'only these of the channels that are set up', choices: CHANNEL_NAMES },
} as const satisfies Record<string, Flag>;

export interface Wanted {
  settings: NotifySettings;
  only: readonly string[] | undefined;
}

export function readWanted({ flags }: VerbInput, context: Context): Wanted {
  const { quiet, exec, to } = flags;
  const settings = readNotifySettings(context, {
    ...(typeof quiet === 'string' ? { quiet } : {}),
    ...(typeof exec === 'string' ? { exec } : {}),
    desktop: flags['desktop'] === true,
  });
  return { settings, only: Array.isArray(to) ? to.map(String) : undefined };
}

/** What sets each channel up. */
const SET_UP_BY: Readonly<Record<string, string>> = {
  desktop: '--desktop',
  exec: '--exec CMD',
  ntfy: 'TEND_NTFY_URL',
  slack: 'TEND_SLACK_BOT_TOKEN with TEND_SLACK_CHANNEL',
  'slack-webhook': 'TEND_SLACK_WEBHOOK_URL and no bot token, which goes before it',
};

/** Throws an input error where nothing is set up, and where a channel of `only` is not: who named it counts on it. */
export function requireChannels(open: readonly { name: string }[], only: readonly string[] | undefined): void {
  const missing = (only ?? []).filter((name) => !open.some((channel) => channel.name === name));
  if (missing.length > 0) {
    const cures = missing.map((name) => `${JSON.stringify(name)} (set up by ${SET_UP_BY[name]})`).join(', ');
    throw badInput(`Cannot push asks to what is not set up: ${cures}`, 'tend notify --help');
  }
  if (open.length > 0) return;
  throw badInput(
    'Cannot push asks: no channel is set up; set TEND_SLACK_WEBHOOK_URL, TEND_SLACK_BOT_TOKEN or TEND_NTFY_URL, write "notify" into the config, or use --desktop or --exec',
    'tend notify --help',
  );
}
