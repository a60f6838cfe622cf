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

export const nowhere = () =>
  badInput(
    'Cannot push asks: no channel is set up; set TEND_SLACK_WEBHOOK_URL, TEND_SLACK_BOT_TOKEN or TEND_NTFY_URL, write "notify" into the config, or use --desktop or --exec',
    'tend notify --help',
  );
