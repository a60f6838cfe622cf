/**
 * What this worker uses, told in its usage record: an hour begun at its start and after each hour, and every usage line that it
 * prints. The disk may refuse; the next change tells all of it again.
 */
import type { Usage } from '../../../model/spend.js';
import { usageMeter } from '../../../runners/usage-meter.js';
import type { Disk } from '../../../store/disk.js';
import { writeWorkerUsage } from '../../../store/worker-money.js';

const HOUR_MS = 3_600_000;
/** A worker that reports after each step must not cost a write for each. */
const LUMP_MS = 1_000;

export class WorkerMeter {
  readonly #meter = usageMeter();
  readonly #write: (usage: Usage, hours: number) => void;
  /** A timer counts on a clock that only goes forward: no setting of the wall clock makes hours. */
  readonly #hourly: NodeJS.Timeout;
  #lump: NodeJS.Timeout | undefined;
  #hours = 1;

  constructor(disk: Disk, of: { id: string; generation: string }) {
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
    if (this.#meter.add(bytes)) this.#lump ??= setTimeout(() => this.#tell(), LUMP_MS);
  }

  /** The last word. `report` is what its runner told in its own way; it counts when there was no usage line. */
  close(report: () => Usage): void {
    clearInterval(this.#hourly);
    const lines = this.#meter.total();
    this.#tell(Object.keys(lines).length > 0 ? lines : report());
  }

  #tell(usage: Usage = this.#meter.total()): void {
    clearTimeout(this.#lump);
    this.#lump = undefined;
    this.#write(usage, this.#hours);
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
