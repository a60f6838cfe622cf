/**
 * The screen while it stands: keys and news go in, one frame for all that came at once goes out. It ends when its person wants
 * that, when the terminal goes, or at a signal, and leaves the terminal as it was.
 */
import { followFleet } from '../../contract/screen/follow-fleet.js';
import { nowTs, takeTerminal, type WholeScreen } from '../../contract/screen/whole-screen.js';
import type { Context } from '../../contract/verb.js';
import { messageOf } from '../../model/error.js';
import { type Deeds, deeds } from './deeds.js';
import type { Event } from './event.js';
import { type Inbox, openInbox } from './inbox.js';
import { inkFrames } from './ink-frames.js';
import { openKeyboard } from './keyboard.js';
import { firstModel, type Model } from './model.js';
import { type Frame, paint } from './painter.js';
import { update } from './update.js';

/** Ages are shown in minutes. */
const TICK_MS = 30_000;
/** What a shell counts to the number of a signal. */
const SIGNALLED = 128;

export interface RunTerms {
  /** Opens this ask or worker as soon as it is seen. */
  open: string | undefined;
  /** Shows workers that have ended, too. */
  ended: boolean;
}

/** Resolves with the exit code. Throws `no-terminal`, and what a defect of ours throws, each on the terminal as it was before. */
export async function runScreen(context: Context, terms: RunTerms): Promise<number> {
  const inbox = openInbox();
  const stop = new AbortController();
  let exit = 0;
  const quit = (signalNumber = 0) => {
    if (signalNumber > 0) exit = SIGNALLED + signalNumber;
    stop.abort();
    inbox.wake();
  };
  const keyboard = openKeyboard((key) => inbox.put({ type: 'key', key }));
  const onResize = () => inbox.put({ type: 'size', size: screen.size() });
  const screen = takeTerminal(context, { onKeys: keyboard.take, onResize, onEnd: quit }, 'tend asks');
  const quiet = withoutStderr(context, inbox);
  const painter = openPainter(screen, inbox);
  const redraw = () => {
    painter.forget();
    inbox.wake();
  };
  const hands = deeds({ context: quiet, screen, tell: inbox.put, redraw, quit });
  const ticking = setInterval(() => inbox.put({ type: 'tick', nowTs: nowTs() }), TICK_MS);
  const fleet = followFleet(quiet, stop.signal, (sight) => inbox.put({ type: 'sight', sight })).catch(
    (error: unknown) =>
      inbox.put({ type: 'say', status: { text: `cannot look at the fleet: ${messageOf(error)}`, tone: 'bad' } }),
  );
  try {
    await loop(beginning(context, screen, terms), { inbox, hands, painter, open: terms.open, signal: stop.signal });
  } finally {
    clearInterval(ticking);
    keyboard.close();
    hands.close();
    painter.close();
    screen.close();
    stop.abort();
  }
  await fleet;
  return exit;
}

interface Parts {
  inbox: Inbox;
  hands: Deeds;
  painter: { show(model: Model): void };
  open: string | undefined;
  signal: AbortSignal;
}

/** Until `signal` aborts: what happened → model → what is to be done, and a frame. */
async function loop(first: Model, { inbox, hands, painter, open, signal }: Parts): Promise<void> {
  let model = first;
  let wanted = open;
  const take = (event: Event) => {
    const next = update(model, event);
    model = next.model;
    for (const effect of next.effects) void hands.do(effect);
  };
  for (;;) {
    // The first thing that happens is that the mailbox is seen: no frame says before it that nobody waits.
    for (const event of await inbox.take()) take(event);
    if (signal.aborted) return;
    const id = wanted;
    if (id !== undefined && model.rows.some(({ key }) => key === `ask:${id}` || key === `worker:${id}`)) {
      wanted = undefined;
      take({ type: 'open', id });
    }
    painter.show(model);
  }
}

function beginning(context: Context, screen: WholeScreen, { ended }: RunTerms): Model {
  const model = firstModel({ size: screen.size(), colour: !context.env['NO_COLOR'], nowTs: nowTs() });
  return { ...model, filter: { ...model.filter, ended } };
}

/** Paints a model as the difference to what stands on the screen. */
function openPainter(screen: WholeScreen, inbox: Inbox) {
  const frames = inkFrames(inbox.wake);
  let painted: Frame | undefined;
  return {
    show(model: Model): void {
      const frame = frames.of(model);
      const bytes = paint(painted, frame);
      painted = frame;
      if (bytes !== '') screen.write(bytes);
    },
    /** The next frame is painted whole. */
    forget(): void {
      painted = undefined;
    },
    close: frames.close,
  };
}

/** What verbs warn of belongs into the bottom line: stderr is this screen. */
const withoutStderr = (context: Context, inbox: Inbox): Context =>
  Object.assign(Object.create(context) as Context, {
    warn: (text: string) => inbox.put({ type: 'say', status: { text, tone: 'bad' } }),
    print: () => {},
  });
