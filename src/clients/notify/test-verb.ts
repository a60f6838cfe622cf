import { trialDesk } from '../../contract/notify/desk.js';
import type { Verb } from '../../contract/verb.js';
import { CHANNEL_FLAGS, readWanted, requireChannels } from './flags.js';

/** A message that is about nothing, on every channel: so that one learns about a wrong token by day and not by a missed ask. */
export const verb: Verb = {
  path: ['notify', 'test'],
  group: 'human',
  about: 'Send a test message on each channel and report what came of it',
  flags: { ...CHANNEL_FLAGS, json: { type: 'boolean', about: 'print [{channel, ok, why}]' } },
  examples: [{ line: 'tend notify test --desktop', about: 'the channels of the config, and the desktop' }],
  exits: { 1: 'a channel did not take it' },
  human: true,
  async run(input, context) {
    const { settings, only } = readWanted(input, context);
    const { openChannels } = await import('./channels.js');
    const channels = await openChannels({ settings, desk: trialDesk(context), signal: context.signal }, only);
    requireChannels(channels, only);
    const rows = await Promise.all(
      channels.map(async (channel) => {
        const outcome = await channel.test();
        const ok = outcome.state === 'sent';
        return { channel: channel.name, ok, why: outcome.state === 'sent' ? 'sent' : outcome.why };
      }),
    );
    const text = rows.map(({ channel, ok, why }) => `${ok ? '✓' : '✗'} ${channel}: ${why}`).join('\n');
    return { text, json: rows, ...(rows.every(({ ok }) => ok) ? {} : { exit: 1 }) };
  },
};
