/** What happens to the screen, and what it wants done: the two sides of update.ts, as plain values. */
import type { AskView } from '../../contract/views/asks.js';
import type { FleetSight } from '../../contract/views/fleet-screen.js';
import type { Screen } from '../../lib/screen.js';
import type { Key } from './key-parser.js';
import type { Model, PolicyFile, Size, Status } from './model.js';

export type Event =
  | { type: 'key'; key: Key }
  | { type: 'sight'; sight: FleetSight }
  | { type: 'size'; size: Size }
  | { type: 'tick'; nowTs: number }
  | { type: 'say'; status: Status }
  /** What was written under this key has arrived. */
  | { type: 'sent'; key: string; text: string; status: Status }
  /** It has not; the draft stays as it is. */
  | { type: 'unsent'; key: string; problem: string }
  /** How an ask ended that we did not end. */
  | { type: 'ended'; id: string; text: string }
  | { type: 'edited'; key: string; text: string }
  | { type: 'reference'; name: string; text?: string; problem?: string }
  | { type: 'screen'; worker: string; screen?: Screen; problem?: string }
  | { type: 'policy'; files: readonly PolicyFile[] }
  /** Opens the row of an ask or a worker of this id, as soon as there is one. */
  | { type: 'open'; id: string };

export type Effect =
  /** `shown`: the ask as it was read when this was sent. */
  | { do: 'answer'; key: string; text: string; shown: AskView }
  | { do: 'tell'; key: string; worker: string; text: string }
  | { do: 'edit-draft'; key: string; text: string }
  | { do: 'list-policy' }
  | { do: 'edit-policy'; name: string }
  | { do: 'read-reference'; worker: string; reference: string }
  /** Follows this terminal and no other; undefined: none. */
  | { do: 'follow'; worker: string | undefined }
  | { do: 'tell-end'; id: string }
  | { do: 'start-pulse' }
  | { do: 'attach'; worker: string }
  | { do: 'redraw' }
  /** Until the shell lets us go on. */
  | { do: 'stop' }
  | { do: 'quit' };

export interface Step {
  model: Model;
  effects: readonly Effect[];
}

export const step = (model: Model, ...effects: Effect[]): Step => ({ model, effects });
