import type { NotifyDesk } from '../../contract/notify/desk.js';
import type { NotifySettings } from '../../contract/notify/settings.js';
import type { Channel } from './channel.js';

export interface ChannelTerms {
  settings: NotifySettings;
  desk: Pick<NotifyDesk, 'now' | 'ticks' | 'run' | 'findProgram'>;
  signal: AbortSignal;
}

type Make = (terms: ChannelTerms) => Promise<Channel | undefined>;

/** Every channel by its name; a new one is one file and one line here. Undefined where the settings say nothing of it. */
const CHANNELS: Readonly<Record<string, Make>> = {
  desktop: async ({ settings, desk }) =>
    settings.desktop ? (await import('./desktop.js')).desktopChannel(desk) : undefined,
  exec: async ({ settings: { exec }, desk }) =>
    exec === undefined ? undefined : (await import('./exec.js')).execChannel(desk, exec),
  ntfy: async ({ settings: { ntfy }, desk: { now }, signal }) =>
    ntfy && (await import('./ntfy.js')).ntfyChannel({ settings: ntfy, signal, now }),
  slack: async ({ settings: { slack }, desk: { now, ticks }, signal }) =>
    slack?.bot &&
    (await import('./slack/app.js')).slackApp({ settings: { ...slack, bot: slack.bot }, signal, now, ticks }),
  'slack-webhook': async ({ settings: { slack }, desk: { now }, signal }) =>
    slack?.webhook !== undefined && !slack.bot
      ? (await import('./slack/webhook.js')).slackWebhook({ url: slack.webhook, signal, now })
      : undefined,
};

export const CHANNEL_NAMES: readonly string[] = Object.keys(CHANNELS);

/** The channels that the settings name, of these `only` those wanted. */
export async function openChannels(terms: ChannelTerms, only: readonly string[] | undefined): Promise<Channel[]> {
  const made = await Promise.all(
    Object.entries(CHANNELS).map(([name, make]) =>
      only === undefined || only.includes(name) ? make(terms) : undefined,
    ),
  );
  return made.filter((channel) => channel !== undefined);
}
