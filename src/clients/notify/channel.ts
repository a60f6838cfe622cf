/** A way to reach the human. A channel sends what it is given and says what came of it; when and how often is not its business. */
import type { Book, NotifyDesk } from '../../contract/notify/desk.js';
import type { AskStory, AskView } from '../../contract/views/asks.js';
import type { Urgency } from '../../model/ask.js';
import type { Place } from '../../model/notify.js';

/** One message to send. */
export interface Push {
  ask: AskView;
  /** 0 for the first push of an ask, then counted up. */
  step: number;
  /** As urgent as it has become by waiting. */
  urgency: Urgency;
  /** Seconds that the ask has waited. */
  ageS: number;
  /** It may have arrived before: somebody died, or a connection broke, between sending and knowing. */
  repeat: boolean;
  /** Where the first message about this ask stands. */
  root?: Place;
}

export type Outcome =
  /** Taken. `place` is kept: words under it are about this ask. */
  { state: 'sent'; place?: Place } | Trouble;

export type Trouble =
  /** Not now: rate limit, overload, no connection. `unsure`: it may have arrived all the same. */
  | { state: 'busy'; why: string; afterMs?: number; unsure?: boolean }
  /** Not this message, ever. */
  | { state: 'refused'; why: string }
  /** Nothing at all until somebody mends it: a wrong token, a channel that is gone. */
  | { state: 'broken'; why: string };

export interface Listening {
  desk: NotifyDesk;
  book: Book;
  warn(text: string): void;
  signal: AbortSignal;
}

export interface Channel {
  name: string;
  push(push: Push): Promise<Outcome>;
  /** Looks for a message of that ask and step that somebody sent after `since` (unix seconds) and did not note. */
  find?(push: Push, since: number): Promise<Place | undefined>;
  /** Makes the message that stands at `place` say how the ask ended. */
  end?(story: AskStory, place: Place): Promise<Outcome>;
  /** Relays replies until the signal aborts. */
  listen?(terms: Listening): Promise<void>;
  /** Sends a message that is about nothing, and looks at what else is needed. */
  test(): Promise<Outcome>;
}
