/**
 * What this worker uses, told in its usage record while it runs, so that a budget holds it in the middle of its work: an hour begun at
 * its start and after each hour, every usage line that it prints, and what the events of its CLI report. The disk may refuse; the next
 * change tells all of it again.
 */
import type { Usage } from '../../../model/spend.js';
import type { RunReader } from '../../../runners/runner.js';
import { usageOfResult } from '../../../runners/usage.js';
import { usageMeter } from '../../../runners/usage-meter.js';
import type { Disk } from '../../../store/disk.js';
import { writeWorkerUsage } from '../../../store/worker-money.js';

const HOUR_MS = 3_600_000;
/** A worker that reports after each step must not cost a write for each. */
const LUMP_MS = 1_000;

export class WorkerMeter {
  readonly #lines = usageMeter();
  readonly #reader: RunReader;
  readonly #write: (usage: Usage, hours: number) => void;
  /** A timer counts on a clock that only goes forward: no setting of the wall clock makes hours. */
  readonly #hourly: NodeJS.Timeout;
  #lump: NodeJS.Timeout | undefined;
  #hours = 1;
  /** Of the CLI's own events, as it was told last. */
  #reported: Usage = {};

  constructor(disk: Disk, of: { id: string; generation: string }, reader: RunReader) {
    this.#reader = reader;
    this.#write = ({ usd, input_tokens: input, output_tokens: output }, hours) => {
      const tokens = input === undefined && output === undefined ? {} : { tokens: (input ?? 0) + (output ?? 0) };
      try {
        writeWorkerUsage(disk, of.id, {
          generation: of.generation,
          hours,
          ...(usd === undefined ? {} : { usd }),
          ...tokens,
        });
      } catch {
        // A worker never ends because its bill cannot be written; what the ledger has reserved stands.
      }
    };
    this.#hourly = setInterval(() => {
      this.#hours += 1;
      this.#tell();
    }, HOUR_MS);
    this.#tell();
  }

  add(bytes: Uint8Array): void {
    const hasLine = this.#lines.add(bytes);
    this.#reader.write(bytes);
    if (hasLine || this.#hasReported()) this.#lump ??= setTimeout(() => this.#tell(), LUMP_MS);
  }

  /** The last word. */
  close(): void {
    clearInterval(this.#hourly);
    this.#hasReported();
    this.#tell();
  }

  /** True when the events of the CLI say something else than before. */
  #hasReported(): boolean {
    const told = usageOfResult(this.#reader.soFar());
    const { usd, input_tokens: input, output_tokens: output } = this.#reported;
    this.#reported = told;
    return told.usd !== usd || told.input_tokens !== input || told.output_tokens !== output;
  }

  #tell(): void {
    clearTimeout(this.#lump);
    this.#lump = undefined;
    // What the worker itself prints as its account counts, and is the whole of it.
    const lines = this.#lines.total();
    this.#write(Object.keys(lines).length > 0 ? lines : this.#reported, this.#hours);
  }
}

/** For a session that never had a process: what was reserved for it is given back. */
export function tellNothingUsed(disk: Disk, { id, generation }: { id: string; generation: string }): void {
  try {
    writeWorkerUsage(disk, id, { generation, hours: 0 });
  } catch {
    // The reservation stands, which is too much and never too little.
  }
}
