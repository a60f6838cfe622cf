/**
 * The output of a worker whose CLI prints events: every byte goes into `stream.jsonl` and into the CLI's own reader, people are shown
 * lines. The reader sees it all as it comes, so what a long run used is known also when the file has long rotated.
 */

import type { Usage } from '../../../model/spend.js';
import { EventScreen } from '../../../runners/event-screen.js';
import type { RunEnd } from '../../../runners/result.js';
import type { RunReader } from '../../../runners/runner.js';
import type { Teller } from '../../../runners/told.js';
import { usageOfResult } from '../../../runners/usage.js';
import type { Recorder } from './recorder.js';

export interface EventStreamParts {
  recorder: Recorder;
  teller: Teller;
  reader: RunReader;
}

export class EventStream {
  readonly #recorder: Recorder;
  readonly #screen: EventScreen;
  readonly #reader: RunReader;

  constructor({ recorder, teller, reader }: EventStreamParts) {
    this.#recorder = recorder;
    this.#screen = new EventScreen(teller);
    this.#reader = reader;
  }

  /** What is to be shown of these bytes; often nothing. */
  take(bytes: Uint8Array): Uint8Array {
    this.#recorder.add(bytes);
    this.#reader.write(bytes);
    return this.#screen.write(bytes);
  }

  /** What is still to be shown; says so when the stream on disk has gaps. */
  close(): { shown: Uint8Array; trouble: string | undefined } {
    return { shown: this.#screen.end(), trouble: this.#recorder.close() };
  }

  /** What the CLI reports that this run used. Once, at its end. */
  usage(end: Pick<RunEnd, 'exit'>): Usage {
    return usageOfResult(this.#reader.end({ ...end, stderrTail: '' }));
  }
}
