/**
 * The fleet for a client that stays: told at once and whenever something that it shows has moved. File events say when to look;
 * behind them stands a slow poll that compares times and reads only what moved, so that an idle client costs next to nothing.
 */
import { pause, sleep } from '../../host/clock.js';
import type { Ask } from '../../model/ask.js';
import { messageOf } from '../../model/error.js';
import type { Mailbox } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { watchKeys } from '../../store/watch.js';
import type { Context } from '../verb.js';
import { type AskView, askView } from '../views/asks.js';
import { type FleetPulse, type FleetSight, NOTHING_SEEN } from '../views/fleet-screen.js';
import type { rememberCrew } from './crew-memory.js';
import { movedAt, rememberMailbox } from './mailbox-memory.js';

/** Records of a worker raise no event here (its transcript would raise one at every line): this long a change may stay unseen. */
const POLL_MS = 3_000;
/** Events of one act come together: an ask is a temp file, a link and an unlink. */
const GATHER_MS = 15;
/** Polls between two questions to a pulse that lives; one that is down is asked at each. */
const PULSE_EVERY_POLLS = 2;

/** The time of each moves when a record of the mailbox comes, goes or is replaced. */
const MAIL_DIRS = ['asks', 'answers', 'consumed'] as const;
/** An edit in place moves no directory, but is an event that names the file. */
const isMail = (key: string): boolean => /^(?:asks|answers)\//.test(key);

/** Calls `onSight` with the mailbox first, with the whole fleet soon, and then at every change, until `signal` aborts. */
export async function followFleet(
  context: Pick<Context, 'disk' | 'env' | 'profile' | 'warn'>,
  signal: AbortSignal,
  onSight: (sight: FleetSight) => void,
): Promise<void> {
  const { look } = openSight(context, onSight);
  const due = { mail: true, poll: 0 };
  let isDue = true;
  let wake = () => {};
  const looking = (async () => {
    while (!signal.aborted) {
      if (!isDue) await new Promise<void>((resolve) => (wake = resolve));
      if (signal.aborted) return;
      isDue = false;
      const { mail, poll } = due;
      due.mail = false;
      await look(mail, poll);
      await pause(GATHER_MS, signal);
    }
  })();
  const dirs = ['', ...MAIL_DIRS, 'workers'];
  for await (const key of watchKeys(context.disk, dirs, { pollMs: POLL_MS, signal })) {
    // The data dir itself is named at the start and at every poll.
    if (key === '') due.poll += 1;
    due.mail ||= isMail(key);
    isDue = true;
    wake();
  }
  wake();
  await looking;
}

/** What was seen last, and the look that brings it up to date and tells it when it differs. Looks must not overlap. */
function openSight(
  context: Pick<Context, 'disk' | 'env' | 'profile' | 'warn'>,
  onSight: (sight: FleetSight) => void,
): { look(mail: boolean, poll: number): Promise<void> } {
  const { disk } = context;
  let crew: ReturnType<typeof rememberCrew> | undefined;
  const mail = rememberMail(disk);
  const problems = new Map<string, string>();
  let pulse: FleetPulse = NOTHING_SEEN.pulse;
  let pulseAskedAt = Number.NEGATIVE_INFINITY;
  let isFirst = true;

  const tell = () =>
    onSight({
      asks: mail.asks(),
      workers: crew?.crew() ?? [],
      pulse,
      problems: [...problems.values(), ...mail.problems()],
    });
  /** What cannot be looked at is said, and what was seen of it last stays in sight. */
  const attempt = async (what: string, work: () => Promise<boolean>): Promise<boolean> => {
    const before = problems.get(what);
    try {
      const isChanged = await work();
      problems.delete(what);
      return isChanged || before !== undefined;
    } catch (error) {
      problems.set(what, messageOf(error));
      return before !== problems.get(what);
    }
  };
  const lookAtPulse = async (poll: number): Promise<boolean> => {
    if (poll === pulseAskedAt || (pulse.state === 'alive' && poll - pulseAskedAt < PULSE_EVERY_POLLS)) return false;
    pulseAskedAt = poll;
    const { pulseLife } = await import('../../ops/pulse-life.js');
    const life = await pulseLife(disk);
    const before = pulse;
    pulse = { state: life.state, startedTs: life.holder?.started_ts ?? null };
    return pulse.state !== before.state || pulse.startedTs !== before.startedTs;
  };
  // What a first frame of asks does not need is loaded after it.
  const lookAtCrew = async (): Promise<boolean> => {
    const [{ viewKnobs }, memory] = await Promise.all([import('../fleet-access.js'), import('./crew-memory.js')]);
    crew ??= memory.rememberCrew(disk, viewKnobs(context).workerStuckS);
    return crew.look(mail.asks(), tell);
  };
  return {
    async look(isForced, poll) {
      if ((await attempt('mail', () => mail.look(isForced))) || isFirst) tell();
      // Whoever is told paints first; then there is time to load what the rest needs.
      if (isFirst) await sleep(GATHER_MS);
      isFirst = false;
      if (await attempt('pulse', () => lookAtPulse(poll))) tell();
      if (await attempt('crew', lookAtCrew)) tell();
    },
  };
}

/** The mailbox as views, looked at only when a directory of it moved or a look is forced. */
function rememberMail(disk: Disk) {
  const read = rememberMailbox(disk);
  let box: Mailbox = { pending: [], problems: [] };
  let asks: readonly AskView[] = [];
  let stamp = '';
  // An ask that is the same is the same value: whoever paints it sees at a glance that nothing has changed.
  const views = new WeakMap<Ask, AskView>();
  const viewOf = (ask: Ask): AskView => {
    const view = views.get(ask) ?? askView(ask);
    views.set(ask, view);
    return view;
  };
  return {
    asks: () => asks,
    problems: () => box.problems.map(({ id, reason }) => `ask "${id}" cannot be read: ${reason}`),
    async look(isForced: boolean): Promise<boolean> {
      const now = MAIL_DIRS.map((dir) => movedAt(disk.stat(dir))).join();
      if (!isForced && now === stamp) return false;
      const after = await read();
      stamp = now;
      if (after === box) return false;
      box = after;
      asks = box.pending.map(viewOf);
      return true;
    },
  };
}
