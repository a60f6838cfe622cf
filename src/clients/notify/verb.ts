import { type NotifyDesk, openDesk, trialDesk } from '../../contract/notify/desk.js';
import type { NotifySettings } from '../../contract/notify/settings.js';
import type { Context, Verb, VerbResult } from '../../contract/verb.js';
import { refused } from '../../model/error.js';
import type { Channel } from './channel.js';
import { CHANNEL_FLAGS, readWanted, requireChannels } from './flags.js';
import type { LaneReport } from './lane.js';

/** Carries asks to where the human is, and their answers back. It decides nothing: an answer goes through the verb `answer`. */
export const verb: Verb = {
  path: ['notify'],
  group: 'human',
  about: 'Push each new ask to Slack, ntfy, the desktop or a command, and relay the answers',
  details:
    'Runs until it is stopped; --once sends what is due and ends, for cron. Each ask is pushed once to each channel, then again as it waits ' +
    '(knobs notify.again_high and on), each time more urgently. What was pushed is kept, so a restart sends nothing twice; when it died ' +
    'between sending and noting that, the message is sent again and says so.\n\n' +
    'Channels come from "notify" in the config or from the environment. slack: TEND_SLACK_BOT_TOKEN (or {"env": "NAME"}, {"file": "/path"} in notify.slack.bot_token) ' +
    'with TEND_SLACK_CHANNEL; with TEND_SLACK_APP_TOKEN and TEND_SLACK_USERS buttons, threads and windows answer, for those users alone. ' +
    'slack-webhook: TEND_SLACK_WEBHOOK_URL. ntfy: TEND_NTFY_URL (https://server/topic) and TEND_NTFY_TOKEN. Secrets are never taken from the command line.',
  flags: {
    once: { type: 'boolean', about: 'send what is due now, then end' },
    quiet: {
      type: 'string',
      value: 'FROM-UNTIL',
      about: 'hours of the day in which only urgent asks are pushed, such as 22:00-07:00',
    },
    ...CHANNEL_FLAGS,
    json: { type: 'boolean', about: 'print [{channel, sent, held, problems}] at the end' },
  },
  examples: [
    { line: 'tend notify --desktop --quiet 22:00-07:00', about: 'until Ctrl-C' },
    { line: `tend notify --once --exec 'mail -s "$TEND_ASK_TITLE" me@example.org'`, about: 'from cron' },
    { line: 'tend notify test', about: 'does everything reach me?' },
  ],
  exits: { 1: 'something could not be sent (--once), or another "tend notify" is at work' },
  human: true,
  async run(input, context) {
    const { settings, only } = readWanted(input, context);
    const end = new AbortController();
    const stop = () => end.abort();
    context.signal.addEventListener('abort', stop, { once: true });
    let lost: Error | undefined;
    const [{ openChannels }, { tendLane }] = await Promise.all([import('./channels.js'), import('./lane.js')]);
    const channels = await openChannels({ settings, desk: trialDesk(context), signal: end.signal }, only);
    requireChannels(channels, only);
    const desk = await openDesk(context, () => {
      lost = refused('notify-runs', 'Stopped pushing asks: another "tend notify" has taken over', 'tend notify test');
      stop();
    });
    try {
      const once = input.flags['once'] === true;
      const work = { tendLane, channels, settings, desk, once, signal: end.signal };
      const reports = await relay(work, context);
      if (lost) throw lost;
      return resultOf(reports);
    } finally {
      stop();
      desk.close();
      context.signal.removeEventListener('abort', stop);
    }
  },
};

interface Relaying {
  tendLane: typeof import('./lane.js').tendLane;
  channels: readonly Channel[];
  settings: NotifySettings;
  desk: NotifyDesk;
  once: boolean;
  signal: AbortSignal;
}

/** A lane for each channel, and for those that hear as well an ear, until the signal aborts or `once` has nothing left to do. */
async function relay({ tendLane, channels, ...work }: Relaying, { warn, print }: Context): Promise<LaneReport[]> {
  const { desk, once, signal } = work;
  const ears: Promise<void>[] = [];
  const lanes = channels.map((channel) => {
    const book = desk.book(channel.name);
    if (!once && channel.listen) ears.push(channel.listen({ desk, book, warn, signal }));
    return tendLane(channel, { ...work, book, warn, print: once ? () => {} : print });
  });
  if (!once) print(`pushing asks to ${channels.map((channel) => channel.name).join(', ')}; Ctrl-C ends it`);
  const reports = await Promise.all(lanes);
  await Promise.all(ears);
  return reports;
}

function resultOf(reports: readonly LaneReport[]): VerbResult {
  const lines = reports.map(({ channel, sent, held, problems }) => {
    const parts = [
      `${sent.length} sent`,
      ...(held > 0 ? [`${held} held until the quiet hours end`] : []),
      ...problems.map((problem) => `failed: ${problem}`),
    ];
    return `${channel}: ${parts.join(', ')}`;
  });
  const isWell = reports.every(({ problems }) => problems.length === 0);
  return { text: lines.join('\n'), json: [...reports], ...(isWell ? {} : { exit: 1 }) };
}
