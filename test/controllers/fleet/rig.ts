/** A profile in a temp dir with a running fleet controller, real supervisors, and a sure end of everything it started. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetController } from '../../../src/controllers/fleet/controller.js';
import { now, sleep } from '../../../src/host/clock.js';
import { findMarked, signalProcess } from '../../../src/host/kill.js';
import { askLife } from '../../../src/host/worker-life.js';
import { Manager } from '../../../src/kernel/manager.js';
import { nonce } from '../../../src/lib/hash.js';
import { shellQuote } from '../../../src/lib/shell-quote.js';
import { messageOf } from '../../../src/model/error.js';
import { isEnded, type StartRequest } from '../../../src/model/fleet.js';
import { supervisorMark, type WorkerStatus, type WorkerView, workerMark } from '../../../src/model/worker.js';
import type { Disk } from '../../../src/store/disk.js';
import { readWorkerView } from '../../../src/store/fleet.js';
import { localDisk } from '../../../src/store/local-disk.js';
import { startWorker } from '../../../src/store/worker-start.js';
import { readWorker, workerIds } from '../../../src/store/workers.js';

const ROOT = join(import.meta.dirname, '../../..');
/** How the program runs without a build. */
export const PROGRAM: readonly [string, ...string[]] = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  join(ROOT, 'src/main.ts'),
];
/** A name that breaks every sloppy quotation. */
export const ODD_NAME = `it's "odd" $HOME \`id\` ünï 日本`;

export interface Rig {
  disk: Disk;
  dir: string;
  env: Record<string, string | undefined>;
  /** A `tend` that runs from the sources, as children see it. */
  bin: string;
  /** What controllers threw. */
  thrown: string[];
  start(request: Partial<StartRequest> & { id: string }): Promise<void>;
  view(id: string): Promise<WorkerView | undefined>;
  status(id: string): WorkerStatus | undefined;
  generation(id: string): string;
  transcript(id: string): string;
  until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  /** Ends the controller as a pulse would: workers live on. */
  endPulse(): Promise<void>;
  beginPulse(): void;
  close(): Promise<void>;
}

/** `worker` is the body of a bash script that every worker of this rig runs; `$1` is its prompt file. */
export function makeRig(worker: string, options: { env?: Record<string, string>; pulse?: boolean } = {}): Rig {
  const base = mkdtempSync(join(tmpdir(), 'tend-fleet-'));
  const dir = join(base, ODD_NAME);
  mkdirSync(dir);
  const script = join(base, 'worker.sh');
  writeFileSync(script, worker);
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ worker_command: `bash ${script} {{prompt_file}}` }));
  const bin = join(base, 'tend');
  writeFileSync(bin, `#!/bin/sh\nexec ${PROGRAM.map(shellQuote).join(' ')} "$@"\n`, { mode: 0o755 });
  const { TEND_SESSION_ID: _s, TEND_GENERATION: _g, TEND_MARK: _m, ...own } = process.env;
  // Sockets of this rig lie below its own directory, and go with it.
  const env = { ...own, TEND_DATA_DIR: dir, XDG_RUNTIME_DIR: base, ...options.env };
  const disk = localDisk(dir);
  const profile = { dataDir: dir, configPath: join(dir, 'config.json'), isDefault: false };
  const generations = new Set<string>();
  const thrown: string[] = [];
  let pulse: { abort: AbortController; done: Promise<void> } | undefined;

  const rig: Rig = {
    disk,
    dir,
    env,
    bin,
    thrown,
    async start(request) {
      const generation = nonce(8);
      generations.add(generation);
      await startWorker(
        disk,
        { prompt: 'do it', ...request },
        {
          now: now(),
          askLife,
          template: `bash ${script} {{prompt_file}}`,
          maxWorkers: 8,
          stuckS: 900,
          contract: 'You are {{id}}.\n',
          generation,
        },
      );
    },
    view: (id) => readWorkerView(disk, id, { now: now(), stuckS: 900, askLife }),
    status: (id) => readWorker(disk, id)?.status,
    generation: (id) => readWorker(disk, id)?.spec?.generation ?? '',
    transcript(id) {
      try {
        return readFileSync(join(dir, 'workers', id, 'transcript.log'), 'utf8');
      } catch {
        return '';
      }
    },
    async until(what, look) {
      for (let tries = 0; tries < 1_200; tries++) {
        const seen = await look();
        if (seen !== undefined && seen !== false) return seen;
        await sleep(25);
      }
      const log = rig.disk.list('workers');
      throw new Error(`never: ${what}; workers ${JSON.stringify(log)}; thrown ${thrown.join(' | ')}`);
    },
    beginPulse() {
      const abort = new AbortController();
      const manager = new Manager({
        now,
        signal: abort.signal,
        onThrow: (_controller, key, error) => thrown.push(`${key}: ${messageOf(error)}`),
      });
      const controller = fleetController({ disk, profile, env, bin, program: PROGRAM });
      pulse = { abort, done: manager.run([controller]) };
    },
    async endPulse() {
      pulse?.abort.abort();
      await pulse?.done;
      pulse = undefined;
    },
    async close() {
      await rig.endPulse();
      // Those that a verb started are known from their records alone.
      for (const id of workerIds(disk)) generations.add(rig.generation(id));
      for (const generation of generations)
        for (const mark of [workerMark(generation), supervisorMark(generation)])
          for (const pid of findMarked(mark)) signalProcess(pid, 'SIGKILL');
      rmSync(base, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
  if (options.pulse !== false) rig.beginPulse();
  return rig;
}

export const ended = (rig: Rig, id: string): WorkerStatus | undefined => {
  const status = rig.status(id);
  return isEnded(status) ? status : undefined;
};

export const marked = (rig: Rig, id: string): number[] => findMarked(workerMark(rig.generation(id)));
export const supervisors = (rig: Rig, id: string): number[] => findMarked(supervisorMark(rig.generation(id)));
