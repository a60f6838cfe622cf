/** The start of a worker: all checks, then the prompt, then `spec.json`, which is the commit point. */
import { prettyJson } from '../lib/json.js';
import { refused, TendError } from '../model/error.js';
import { type AskLife, type Fleet, isEnded, type StartRequest, startProblem, startWarnings } from '../model/fleet.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { FORMAT } from '../model/record.js';
import type { WorkerSpec } from '../model/worker.js';
import { placeInBrief, worktreeDir } from '../model/worktree.js';
import type { Disk } from './disk.js';
import { readFleet } from './fleet.js';
import { localDisk } from './local-disk.js';
import { discardTells } from './tells.js';
import { tellRows } from './worker-rows.js';
import { mendStatus, promptKey, readWorker, specKey } from './workers.js';

export interface StartDeps {
  now: Instant;
  askLife: AskLife;
  /** `worker_command` of the config. */
  template: string | undefined;
  /** Knobs `maxWorkers` and `workerStuckS`. */
  maxWorkers: number;
  stuckS: number;
  /** Text of `seeds/prompts/worker.md`, see `workerContract`. */
  contract: string;
  /** Fresh nonce: `nonce(8)` of lib/hash.ts. */
  generation: string;
}

/**
 * Makes `id` wanted: every check first, then the prompt, then `spec.json` by compare-and-write. Two starts of one id race for
 * that one name and the loser is refused. Throws TendErrors; dying at any point leaves either no start or a whole one.
 */
export async function startWorker(
  disk: Disk,
  request: StartRequest,
  deps: StartDeps,
): Promise<{ spec: WorkerSpec; warnings: string[] }> {
  const fleet = await readFleet(disk, deps);
  const problem = startProblem(request, { template: deps.template, fleet, maxWorkers: deps.maxWorkers });
  if (problem) throw problem;
  const { id, prompt, ...rest } = request;
  tellEarlier(disk, id, { fleet, now: deps.now });
  const before = disk.read(specKey(id));
  const spec: WorkerSpec = {
    ...rest,
    format: FORMAT,
    id,
    generation: deps.generation,
    desired: 'running',
    ts: unixSeconds(deps.now),
  };
  const brief = prompt.endsWith('\n') ? prompt : `${prompt}\n`;
  disk.replace(promptKey(id, spec.generation), `${contractFor(disk, request, deps.contract)}\n${brief}`);
  const won =
    before.state === 'present'
      ? isStillEnded(before.text, fleet, id) && disk.replaceIfEqual(specKey(id), before.text, prettyJson(spec))
      : disk.publish(specKey(id), prettyJson(spec));
  if (!won) {
    disk.remove(promptKey(id, spec.generation));
    throw refused(
      'worker-exists',
      `Cannot start worker "${id}": somebody else started it meanwhile`,
      'tend worker list',
    );
  }
  discardTells(disk, id, spec.generation);
  return { spec, warnings: startWarnings(request, deps.template ?? '') };
}

/** What is about to be replaced is told first: nobody can tell it afterwards. */
function tellEarlier(disk: Disk, id: string, { fleet, now }: { fleet: Fleet; now: Instant }): void {
  const record = readWorker(disk, id);
  if (!record) return;
  const isLost = !isEnded(record.status);
  if (isLost && !(record.specText !== undefined && isStillEnded(record.specText, fleet, id))) return;
  // The fleet reading has proven that nobody runs it, and no pulse was there to say so; what it left is ended before the new one begins.
  const why = record.status ? 'its supervisor died (crash or reboot)' : 'it was stopped before it began';
  if (isLost) mendStatus(disk, record, why, now);
  const ended = isLost ? readWorker(disk, id) : record;
  if (ended) tellRows(disk, ended);
}

/** The contract with what this worker is and where it starts. */
function contractFor(disk: Disk, { id, repo }: StartRequest, contract: string): string {
  const place = placeInBrief(id, repo === undefined ? undefined : { repo, path: disk.path(worktreeDir(id)) });
  return contract.replaceAll('{{id}}', () => id).replaceAll('{{place}}', () => place);
}

/** The spec that we are about to replace is the one whose end the fleet reading has proven. */
function isStillEnded(specText: string, fleet: Fleet, id: string): boolean {
  const view = fleet.views.find((one) => one.id === id);
  return view !== undefined && specText.includes(JSON.stringify(view.generation));
}

/** The worker contract that is put in front of every brief. `seeds` is the directory of the shipped seeds. */
export const workerContract = (seeds: string): string => seedPrompt(seeds, 'worker.md');

/** A prompt that is shipped, by its name in `seeds/prompts/`. */
export function seedPrompt(seeds: string, name: string): string {
  const read = localDisk(seeds).read(`prompts/${name}`);
  if (read.state === 'present') return read.text;
  const why = read.state === 'absent' ? 'no such file' : read.reason;
  throw new TendError('environment', `Cannot read what workers are told, "${seeds}/prompts/${name}": ${why}`, {
    code: 'no-seeds',
    hint: 'install tend again',
  });
}
