/**
 * One worker's supervisor: a process of its own that holds the right to run one generation, owns its pty, transcript and
 * beacon, and writes how it ended. It outlives the pulse, and it loads all its code at the start, because the program's files
 * may be replaced under it. The order is: beacon, claim, status; so a claim whose beacon is dark belongs to a dead supervisor.
 */
import { resolve } from 'node:path';
import { type Beacon, lightBeacon } from '../../../host/beacon.js';
import { now } from '../../../host/clock.js';
import { onEndSignals, ownPid } from '../../../host/end-signals.js';
import { type Env, readEnv } from '../../../host/env.js';
import { stopTree } from '../../../host/kill.js';
import { resolveProfile } from '../../../host/profile.js';
import { runtimeDir } from '../../../host/runtime-dir.js';
import { nonce as freshNonce, hash32 } from '../../../lib/hash.js';
import { badInput, messageOf, TendError } from '../../../model/error.js';
import { requireId } from '../../../model/id.js';
import { unixSeconds } from '../../../model/instant.js';
import { LIMITS } from '../../../model/limits.js';
import { FORMAT } from '../../../model/record.js';
import { type WorkerSpec, workerMark } from '../../../model/worker.js';
import type { Disk } from '../../../store/disk.js';
import { localDisk } from '../../../store/local-disk.js';
import { scrubbedDisk, scrubOf } from '../../../store/scrubbed-disk.js';
import { claimGeneration, clearEarlier, earlierGenerations, readWorker } from '../../../store/workers.js';
import { ensureWorktree } from '../worktree.js';
import { launchOf } from './launch.js';
import { requestHandler } from './requests.js';
import { WorkerSession } from './session.js';

const USAGE = '__worker --data-dir DIR --id ID --generation G';

/** Runs one worker to its end. Returns 0 also when there is nothing to run: already claimed, unwanted, or superseded. */
export async function superviseWorker(argv: readonly string[]): Promise<number> {
  const { dataDir, id, generation } = parseArgv(argv);
  const env = readEnv();
  const disk = scrubbedDisk(
    localDisk(dataDir),
    scrubOf(env, resolveProfile({ ...env, TEND_DATA_DIR: dataDir }).configPath),
  );
  const spec = wantedSpec(disk, id, generation);
  if (!spec) return 0;
  const nonce = freshNonce();
  const socket = `${runtimeDir(env, dataDir)}/w-${hash32(`${id}:${generation}:${nonce}`).slice(0, 24)}.sock`;
  const session = new WorkerSession(disk, {
    format: FORMAT,
    id,
    generation,
    state: 'starting',
    exit_code: null,
    socket,
    nonce,
    supervisor_pid: ownPid(),
    child_pid: null,
    columns: LIMITS.ptyColumns,
    rows: LIMITS.ptyRows,
    started_ts: unixSeconds(now()),
  });
  const beacon = await lightBeacon(socket, nonce, requestHandler(session));
  const claim = { generation, socket, nonce, supervisor_pid: ownPid(), ts: unixSeconds(now()) };
  if (!claimGeneration(disk, id, claim)) {
    beacon.close();
    return 0;
  }
  const release = onEndSignals((signal) => void session.stop(`its supervisor got ${signal}`));
  try {
    await run({ disk, env, spec, session, dataDir });
  } finally {
    release();
    closeWhenTold(beacon, session);
  }
  return 0;
}

interface Run {
  disk: Disk;
  env: Env;
  spec: WorkerSpec;
  session: WorkerSession;
  dataDir: string;
}

/** From the claim to the recorded end; whatever goes wrong is recorded too. */
async function run({ disk, env, spec, session, dataDir }: Run): Promise<void> {
  const { id, generation } = spec;
  try {
    session.publish();
    await endEarlier(disk, id, generation);
    clearEarlier(disk, id, generation);
    const profile = resolveProfile({ ...env, TEND_DATA_DIR: dataDir });
    await ensureWorktree(disk, env, { spec, now: now() });
    const launch = launchOf({ disk, env, profile, spec });
    // Between the spawn of this process and now it may have become unwanted.
    if (!wantedSpec(disk, id, generation)) session.cancel('it was stopped before it began');
    else session.start(launch);
  } catch (error) {
    await session.fail(messageOf(error));
  }
  await session.ended;
}

/** A supervisor that died a moment ago may have left its worker, or git, at work: two of one id would share their place. */
async function endEarlier(disk: Disk, id: string, generation: string): Promise<void> {
  for (const other of earlierGenerations(disk, id, generation)) {
    const survivors = await stopTree(0, workerMark(other), LIMITS.stopGraceMs);
    if (survivors.length > 0)
      throw new TendError(
        'failed',
        `Cannot start worker "${id}": processes ${survivors.join(', ')} of an earlier one survived KILL`,
        { code: 'worker-survived', hint: `ps -o pid,stat,args -p ${survivors.join(',')}` },
      );
  }
}

/** Clients that are attached read the end before the socket goes. */
function closeWhenTold(beacon: Beacon, session: WorkerSession): void {
  session.dismissViewers();
  beacon.close();
}

/** The spec, if this generation is still the wanted one. */
function wantedSpec(disk: Disk, id: string, generation: string): WorkerSpec | undefined {
  const spec = readWorker(disk, id)?.spec;
  return spec?.generation === generation && spec.desired === 'running' ? spec : undefined;
}

function parseArgv(argv: readonly string[]): { dataDir: string; id: string; generation: string } {
  const [dataFlag, dataDir, idFlag, id, generationFlag, generation, ...more] =
    argv[0] === '__worker' ? argv.slice(1) : argv;
  const isExact =
    dataFlag === '--data-dir' && idFlag === '--id' && generationFlag === '--generation' && more.length === 0;
  if (!isExact || !dataDir || !id || !generation || !/^[0-9a-f]{8,64}$/.test(generation))
    throw badInput(`Cannot supervise a worker with ${JSON.stringify(argv.join(' '))}: wanted exactly ${USAGE}`);
  return { dataDir: resolve(dataDir), id: requireId('a worker', id), generation };
}
