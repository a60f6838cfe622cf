/**
 * What this worker uses and which session it has, told in its usage record and to its status as soon as it is known: an hour begun at its
 * start and after each hour, every usage line that it prints, and what its CLI says in its stream or its session's file. The disk may refuse;
 * the next change tells all of it again. What is as it was told is not written again.
 */
import { given } from '../../../lib/given.js';
import { stableJson } from '../../../lib/json.js';
import type { Usage } from '../../../model/spend.js';
import type { Counted } from '../../../model/worker.js';
import type { RunReader, SoFar } from '../../../runners/runner.js';
import { addTokens } from '../../../runners/tokens.js';
import { usageOfResult } from '../../../runners/usage.js';
import { usageMeter } from '../../../runners/usage-meter.js';
import type { Disk } from '../../../store/disk.js';
import { writeWorkerUsage } from '../../../store/worker-money.js';
import { SessionFile } from './session-file.js';

const HOUR_MS = 3_600_000;
/** A worker that reports after each step must not cost a write for each. */
const LUMP_MS = 1_000;

/** How its CLI tells what it uses. */
export interface Reports {
  /** Reads what it prints; absent: a screen, or nobody knows its words. */
  stream?: RunReader;
  /** Reads the files that it keeps of its session, each whole. */
  file?: { pointerKey: string; begin(): RunReader };
  /** What its session had come to before this run. */
  since: Counted;
}

export interface MeterTerms {
  disk: Disk;
  of: { id: string; generation: string };
  reports: Reports;
  /** Called once, when the stream has told it. */
  onSession(id: string): void;
}

export class WorkerMeter {
  readonly #meter = usageMeter();
  readonly #terms: MeterTerms;
  readonly #file: SessionFile | undefined;
  /** A timer counts on a clock that only goes forward: no setting of the wall clock makes hours. */
  readonly #hourly: NodeJS.Timeout;
  #lump: NodeJS.Timeout | undefined;
  #hours = 1;
  #knowsSession = false;
  #told = '';

  constructor(terms: MeterTerms) {
    this.#terms = terms;
    const { disk, reports } = terms;
    const { file, since } = reports;
    this.#file = file && new SessionFile({ disk, ...file, since, onNews: () => this.#soon() });
    this.#hourly = setInterval(() => {
      this.#hours += 1;
      this.#tell();
    }, HOUR_MS);
    this.#tell();
  }

  add(bytes: Uint8Array): void {
    const { stream } = this.#terms.reports;
    stream?.write(bytes);
    const isLine = this.#meter.add(bytes);
    if (stream || isLine) this.#soon();
    if (stream && !this.#knowsSession) this.#lookForSession(stream);
  }

  /** The last word. Returns why what it has used is not known, though its CLI should have said it. */
  close(): string | undefined {
    clearInterval(this.#hourly);
    this.#file?.close();
    this.#tell();
    return this.#file?.trouble;
  }

  #soon(): void {
    this.#lump ??= setTimeout(() => this.#tell(), LUMP_MS);
  }

  #lookForSession(stream: RunReader): void {
    const { sessionId } = stream.soFar();
    if (sessionId === undefined) return;
    this.#knowsSession = true;
    this.#terms.onSession(sessionId);
  }

  /** Its own usage lines go before what its CLI says: whoever prints them knows better. */
  #tell(): void {
    clearTimeout(this.#lump);
    this.#lump = undefined;
    const { disk, of, reports } = this.#terms;
    const said = this.#file?.soFar() ?? reports.stream?.soFar();
    const lines = this.#meter.total();
    const usage = Object.keys(lines).length > 0 || !said ? lines : usageOfResult(said);
    const { usd, input_tokens: input, output_tokens: output } = usage;
    const record = {
      generation: of.generation,
      hours: this.#hours,
      ...(usd === undefined ? {} : { usd }),
      ...(input === undefined && output === undefined ? {} : { tokens: (input ?? 0) + (output ?? 0) }),
      ...(input === undefined ? {} : { input_tokens: input }),
      ...(output === undefined ? {} : { output_tokens: output }),
      ...sessionTotal(reports.since, said, usage),
    };
    const text = stableJson(record);
    if (text === this.#told) return;
    try {
      writeWorkerUsage(disk, of.id, record);
      this.#told = text;
    } catch {
      // A worker never ends because its bill cannot be written; what the ledger has reserved stands.
    }
  }
}

/** What the session has come to with this run, where anything is known of it. */
function sessionTotal(since: Counted, said: SoFar | undefined, { usd }: Usage): { session?: Counted } {
  const { usd: before, ...tokens } = since;
  const total = addTokens(given(tokens), said?.usage ?? {});
  const dollars = before === undefined && usd === undefined ? {} : { usd: (before ?? 0) + (usd ?? 0) };
  const session = { ...total, ...dollars };
  return Object.keys(session).length > 0 ? { session } : {};
}

/** For a session that never had a process: what was reserved for it is given back. */
export function tellNothingUsed(disk: Disk, { id, generation }: { id: string; generation: string }): void {
  try {
    writeWorkerUsage(disk, id, { generation, hours: 0 });
  } catch {
    // The reservation stands, which is too much and never too little.
  }
}
