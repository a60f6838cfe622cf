/**
 * The output of a worker whose CLI prints events: every byte goes into `stream.jsonl`, people are shown lines. What the run uses is
 * read from the same bytes by the meter.
 */
import { EventScreen } from '../../../runners/event-screen.js';
import type { Teller } from '../../../runners/told.js';
import type { Recorder } from './recorder.js';

export class EventStream {
  readonly #recorder: Recorder;
  readonly #screen: EventScreen;

  constructor(teller: Teller, recorder: Recorder) {
    this.#recorder = recorder;
    this.#screen = new EventScreen(teller);
  }

  /** What is to be shown of these bytes; often nothing. */
  take(bytes: Uint8Array): Uint8Array {
    this.#recorder.add(bytes);
    return this.#screen.write(bytes);
  }

  /** What is still to be shown; says so when the stream on disk has gaps. */
  close(): { shown: Uint8Array; trouble: string | undefined } {
    return { shown: this.#screen.end(), trouble: this.#recorder.close() };
  }
}
