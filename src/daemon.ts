/**
 * Wiring of the pulse, like a table of contents: lock → fenced disk → beacon → controllers. It decides nothing. Runs until it is
 * told to stop or finds that a newer pulse has taken over.
 */

import { setMaxListeners } from 'node:events';
import { fleetController } from './controllers/fleet/controller.js';
import { mailboxController } from './controllers/mailbox/controller.js';
import { objectivesController } from './controllers/objectives/controller.js';
import { pulseController } from './controllers/pulse/controller.js';
import { retentionController } from './controllers/retention/controller.js';
import { schedulesController } from './controllers/schedules/controller.js';
import { workflowsController } from './controllers/workflows/controller.js';
import { ensureBudgetAsk } from './decide/budget-ask.js';
import { lightBeacon } from './host/beacon.js';
import { monotonicMs, now, sleep } from './host/clock.js';
import { readEnv } from './host/env.js';
import { type Profile, resolveProfile } from './host/profile.js';
import { programPath, seedsDir } from './host/program.js';
import { leaveRuntimeDir, listSockets, removeSocket, runtimeDir } from './host/runtime-dir.js';
import type { Controller } from './kernel/controller.js';
import { makeLog } from './kernel/log.js';
import { Manager } from './kernel/manager.js';
import { problemList } from './kernel/problems.js';
import { nonce } from './lib/hash.js';
import { messageOf, TendError } from './model/error.js';
import { unixSeconds } from './model/instant.js';
import { pulseLife } from './ops/pulse-life.js';
import { isProvenDead } from './ops/pulse-process.js';
import { seedHome } from './ops/seed.js';
import type { DayLimit } from './runs/day-money.js';
import type { Disk } from './store/disk.js';
import { logEvent } from './store/events.js';
import { fencedDisk } from './store/fenced-disk.js';
import { readHolder, writeHolder } from './store/holder.js';
import { localDisk } from './store/local-disk.js';
import { acquireLock, LOCK_STALE_MS, type Lock } from './store/lock.js';
import { requireKnownFormat } from './store/root-format.js';
import { scrubbedDisk, scrubOf } from './store/scrubbed-disk.js';
import { sweepTemps } from './store/temps.js';
import { VERSION } from './version.js';

/** Exit code of the pulse in the foreground: 0 told to stop, 1 another pulse runs or took over, 3 the data dir cannot be used. */
export async function runPulse(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json') || readEnv()['TEND_LOG_FORMAT'] === 'json';
  const colour = process.stdout.isTTY === true && !readEnv()['NO_COLOR'] && !json;
  process.stdout.on('error', () => undefined);
  const log = makeLog({ now, json, colour, write: (line) => void process.stdout.write(line) });
  const profile = resolveProfile(readEnv());
  const disk = scrubbedDisk(localDisk(profile.dataDir), scrubOf(readEnv(), profile.configPath));
  requireKnownFormat(disk);
  disk.makeDir('');
  process.chdir(profile.dataDir);
  const taken = new AbortController();
  const lock = await takeLock(disk, (error) => taken.abort(error));
  if (!lock) {
    const life = await pulseLife(disk);
    const what = life.isEnding ? 'the pulse before is still at its last beat' : 'a pulse runs already';
    log('error', 'pulse.refused', `Cannot start: ${what}${life.pid === null ? '' : `, pid ${life.pid}`}`);
    return 1;
  }
  try {
    return await beatUntilStopped({ disk: fencedDisk(disk, lock), lock, profile, log, taken: taken.signal });
  } catch (error) {
    log('error', 'pulse.failed', messageOf(error));
    // What lies at the path now is somebody else's.
    if (error instanceof TendError && error.code === 'fenced') return 1;
    logEvent(disk, now(), 'pulse.failed', { error: messageOf(error) });
    return 3;
  } finally {
    lock.release();
  }
}

/** Where records are published: a process that is killed in the middle leaves a temp file there. */
const RECORD_DIRS = [
  '',
  'asks',
  'answers',
  'consumed',
  'approvals',
  'goals',
  'sensors',
  'snapshots',
  'intents',
  'leases',
  'tells',
  'schedules',
  'objectives/names',
  'workflows',
  'workflows/names',
  'workflows/keys',
  'pulse',
];
/** No write takes an hour: an older temp file is nobody's. */
const TEMP_AGE_MS = 3_600_000;

interface Running {
  disk: Disk;
  lock: Lock;
  profile: Profile;
  log: ReturnType<typeof makeLog>;
  taken: AbortSignal;
}

async function beatUntilStopped({ disk, lock, profile, log, taken }: Running): Promise<number> {
  const { stop, finish, abort } = ends(taken);
  // A copy: it does not change while we run, and each look into the real one asks the C library.
  const env = { ...readEnv() };
  const seeds = seedsDir(import.meta.url);
  seedHome(disk, seeds, now());
  for (const dir of RECORD_DIRS) sweepTemps(disk, dir, TEMP_AGE_MS);
  const deps = {
    disk,
    profile,
    env,
    bin: programPath(),
    seeds,
    log,
    finish: stop.finish.signal,
    abort: stop.now.signal,
    askForMoney: ({ verdict, spend }: DayLimit) => ensureBudgetAsk(disk, verdict, spend, now()),
  };
  const problems = problemList();
  const controllers: Controller[] = [
    pulseController({ ...deps, problems }),
    mailboxController(deps),
    fleetController(deps),
    objectivesController(deps),
    schedulesController(deps),
    retentionController(deps),
    workflowsController(deps),
  ];
  const manager = new Manager({
    now,
    signal: stop.finish.signal,
    onThrow: (controller, key, error) => {
      // What we ended ourselves is no error; the next pulse looks again.
      if (stop.now.signal.aborted && error instanceof TendError && error.code === 'aborted') return;
      log('error', 'controller.threw', `${controller}/${key}: ${messageOf(error)}`);
      logEvent(disk, now(), 'controller.threw', { controller, key, error: messageOf(error) });
    },
    onFenced: abort,
  });

  const mine = nonce();
  const sockets = runtimeDir(env, profile.dataDir);
  // What earlier epochs left behind when they were killed: with our epoch they can be nobody's any more.
  for (const name of listSockets(sockets, 'p-')) removeSocket(`${sockets}/${name}`);
  const socket = `${sockets}/p-${lock.epoch}.sock`;
  const beacon = await lightBeacon(socket, mine, (request) => {
    if (request['op'] === 'stop') abort();
    if (request['op'] === 'finish') finish();
    const me = { pid: process.pid, ...(stop.finish.signal.aborted ? { ending: true } : {}) };
    return request['op'] === 'status'
      ? { ...me, controllers: manager.status().map((s) => ({ ...s })), problems: problems.shown() }
      : me;
  });
  writeHolder(disk, {
    pid: process.pid,
    epoch: lock.epoch,
    socket,
    nonce: mine,
    version: VERSION,
    started_ts: unixSeconds(now()),
  });
  log('info', 'pulse.start', `pulse up, pid ${process.pid}, data ${profile.dataDir}`);
  logEvent(disk, now(), 'pulse.start', { pid: process.pid, epoch: lock.epoch, version: VERSION });
  try {
    await manager.run(controllers);
    taken.throwIfAborted();
    log('info', 'pulse.stop', 'pulse stopped');
    logEvent(disk, now(), 'pulse.stop', { pid: process.pid });
  } finally {
    // The lock first: whoever sees the beacon go dark finds the pulse down in every other way, too.
    lock.release();
    beacon.close();
    leaveRuntimeDir(sockets);
  }
  return 0;
}

/** How a pulse is told to end: by signals, by its beacon, by the loss of its lock. */
function ends(taken: AbortSignal) {
  /** `finish`: end after the beat under way. `now`: abort what it waits for as well; nothing is lost by that. */
  const stop = { finish: new AbortController(), now: new AbortController() };
  // Every controller listens for them, and more than one of its parts does.
  for (const { signal } of Object.values(stop)) setMaxListeners(0, signal);
  const finish = () => (stop.finish.signal.aborted ? stop.now.abort() : stop.finish.abort());
  const abort = () => {
    stop.finish.abort();
    stop.now.abort();
  };
  process
    .on('SIGTERM', finish)
    .on('SIGINT', finish)
    .on('SIGHUP', () => undefined);
  taken.addEventListener('abort', abort);
  return { stop, finish, abort };
}

/** The lock, at once when its last holder is proven dead; undefined when a living pulse has it. */
async function takeLock(disk: Disk, onLost: (error: TendError) => void): Promise<Lock | undefined> {
  // A holder that took the lock a moment ago has not said where its beacon is: only of one that has can anything be proven.
  const lifeOf = async (epoch: number) => {
    const holder = readHolder(disk);
    return holder.state === 'present' && holder.value.epoch === epoch ? pulseLife(disk) : undefined;
  };
  const isHolderDead = async (epoch: number) => {
    const life = await lifeOf(epoch);
    return life !== undefined && isProvenDead(life);
  };
  const isHolderAlive = async (epoch: number) => (await lifeOf(epoch))?.state === 'alive';
  for (const end = monotonicMs() + LOCK_STALE_MS + 2_000; ; await sleep(100)) {
    const got = await acquireLock(disk, 'pulse', { onLost, isHolderDead, isHolderAlive });
    if (!('heldBy' in got)) return got;
    // One that is there and silent is stopped or busy: it answers in time, or its sign of life becomes old enough.
    const life = await pulseLife(disk);
    if ((life.state === 'alive' && !life.isEnding) || monotonicMs() > end) return undefined;
  }
}
