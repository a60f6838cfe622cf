/**
 * The service of a profile: writing its file, telling the manager, and saying what is so. A file of that name that tend did not
 * write is left alone. Repeating any of it changes nothing; where no manager answers, the file is written and the rest is said.
 */
import { type Env, userNameOf } from '../../host/env.js';
import { lingers } from '../../host/presence.js';
import type { Profile } from '../../host/profile.js';
import { platformName } from '../../host/program.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { refused, TendError } from '../../model/error.js';
import type { Disk } from '../../store/disk.js';
import { putOwnFile, readOthersFile, removeOwnFile, replaceOthersFile } from '../../store/others-file.js';
import { pulseLife } from '../pulse-life.js';
import { type Stopped, stopPulse } from '../pulse-process.js';
import { launchdAgent } from './agent.js';
import { type Manager, managerOf, type Running } from './manager.js';
import { type ServicePlace, servicePlace } from './place.js';
import { type StartedBy, startByService } from './start.js';
import { MARK, type ServiceTerms, serviceTerms } from './terms.js';
import { systemdUnit } from './unit.js';

export interface ServiceDeps {
  disk: Disk;
  profile: Profile;
  env: Env;
  bin: string;
  signal: AbortSignal;
  /** As Node names it; absent: this machine's. */
  platform?: string;
}

/** `foreign`: there is a file of that name, and tend did not write it. */
export type FileState = 'ours' | 'foreign' | 'absent';

export interface Service {
  place: ServicePlace;
  manager: Manager;
  /** What the file says now; undefined: there is none. */
  text: string | undefined;
  file: FileState;
}

/** Reads one small file; no process is started. A file that cannot be read is an environment error. */
export function openService(deps: ServiceDeps): Service {
  const place = servicePlace(deps.platform ?? platformName(), deps.env, deps.profile);
  const read = readOthersFile(place.file);
  if (read.state === 'unreadable')
    throw new TendError('environment', `Cannot read "${place.file}": ${read.reason}`, {
      code: 'unreadable',
      hint: `ls -ld ${shellQuote(place.file)}`,
    });
  const text = read.state === 'present' ? read.text : undefined;
  const file = text === undefined ? 'absent' : text.includes(MARK) ? 'ours' : 'foreign';
  const manager = managerOf(place, { env: deps.env, cwd: '/', signal: deps.signal });
  return { place, manager, text, file };
}

const render = (place: ServicePlace, terms: ServiceTerms): string =>
  place.kind === 'systemd' ? systemdUnit(terms) : launchdAgent(place.name, terms);

/** Everybody may read unit files, and managers warn of other modes. */
const FILE_MODE = 0o644;

export interface Installed {
  place: ServicePlace;
  /** The file was written now. */
  wrote: boolean;
  /** Where a foreign file of that name was put. */
  copy: string | null;
  enabled: boolean;
  /** Pid of the pulse that runs under the service now. */
  pid: number | null;
  /** The pulse that ran before was ended, so that the manager could start its own. */
  tookOver: boolean;
  /** What did not work, with the manager's own words. */
  problems: string[];
  /** What a person may want to type yet. */
  todo: string[];
}

export interface InstallTerms {
  /** Also over a foreign file, of which a copy stays beside it. */
  force: boolean;
  start: boolean;
  /** False: no manager is asked, and `todo` is what a person types then. */
  enable?: boolean;
}

/** Writes, enables and starts. */
export async function installService(deps: ServiceDeps, how: InstallTerms): Promise<Installed> {
  const service = openService(deps);
  const { place, manager } = service;
  if (service.file === 'foreign' && !how.force) throw foreign(place, 'write over', 'tend service install --force');
  // The manager opens the log before our program runs.
  deps.disk.makeDir('pulse');
  const text = render(place, serviceTerms(deps.env, deps.profile, deps.bin));
  const done: Installed = {
    place,
    wrote: text !== service.text,
    copy: null,
    enabled: false,
    pid: null,
    tookOver: false,
    problems: [],
    todo: [],
  };
  if (service.file === 'foreign') done.copy = replaceOthersFile(place.file, service.text, text) ?? null;
  if (done.wrote) putOwnFile(place.file, text, FILE_MODE);
  if (how.enable === false) {
    done.todo.push(...manager.byHand);
    if (place.kind === 'systemd') done.todo.push(`loginctl enable-linger ${userNameOf(deps.env)}`);
    return done;
  }
  const reloaded = await manager.reload();
  const enabled = reloaded.state === 'ok' ? await manager.enable() : reloaded;
  if (enabled.state !== 'ok') {
    done.problems.push(`not enabled: ${enabled.words}`);
    done.todo.push(...manager.byHand);
    return done;
  }
  done.enabled = true;
  if (how.start) await startNow(deps, service, done);
  if (place.kind === 'systemd' && lingers(userNameOf(deps.env)) === false)
    done.todo.push('loginctl enable-linger   # from boot on and after a logout, not only while you are logged in');
  return done;
}

/** A pulse that was started by hand makes room: workers and commands go on, and the new one adopts them. */
async function startNow(deps: ServiceDeps, { manager, place }: Service, done: Installed): Promise<void> {
  const [running, life] = [await manager.look(), await pulseLife(deps.disk)];
  if (!('pid' in running)) return void done.problems.push(`not started: ${running.words}`);
  if (running.active && life.alive && running.pid === life.pid) {
    done.pid = life.pid;
    if (done.wrote)
      done.todo.push('tend down && tend up   # the pulse that runs was started by the file before this one');
    return;
  }
  if (life.alive) {
    const stopped = await stopPulse(deps.disk, TAKE_OVER_MS);
    done.tookOver = stopped.state === 'stopped';
    if (stopped.state === 'survived' || stopped.state === 'unknown')
      return void done.problems.push(`not started: the pulse that runs (pid ${life.pid}) could not be ended`);
  }
  const started = await startByService(deps.disk, manager, place);
  if (started.state === 'started' || started.state === 'already-running') done.pid = started.pid;
  const problem = whyNot(started);
  if (problem !== undefined) done.problems.push(`not started: ${problem}`);
}

/** Undefined: it runs. */
function whyNot(started: StartedBy): string | undefined {
  switch (started.state) {
    case 'started':
    case 'already-running':
      return undefined;
    case 'still-ending':
      return 'the pulse before is still at its last beat';
    case 'not-seen':
      return `the pulse was not seen alive; it said: ${started.log}`;
    default:
      return started.words;
  }
}

/** As `tend down` gives it. */
const TAKE_OVER_MS = 10_000;

export interface Uninstalled {
  place: ServicePlace;
  /** False: there was none. */
  removed: boolean;
  stopped: Stopped['state'];
  problems: string[];
}

/** Stops what the manager runs (workers go on), takes the file away, and says it. */
export async function uninstallService(deps: ServiceDeps, how: { force: boolean }): Promise<Uninstalled> {
  const service = openService(deps);
  const { place, manager } = service;
  const done: Uninstalled = { place, removed: false, stopped: 'not-running', problems: [] };
  if (service.file === 'absent') return done;
  if (service.file === 'foreign' && !how.force) throw foreign(place, 'remove', 'tend service uninstall --force');
  const running = await manager.look();
  if ('pid' in running && running.pid !== null) {
    const life = await pulseLife(deps.disk);
    const stopping = manager.stop();
    if (life.pid === running.pid) done.stopped = (await stopPulse(deps.disk, TAKE_OVER_MS)).state;
    await stopping;
  } else if ('pid' in running) await manager.stop();
  const disabled = await manager.disable();
  if (disabled.state === 'failed') done.problems.push(`not disabled: ${disabled.words}`);
  removeOwnFile(place.file);
  done.removed = true;
  await manager.reload();
  return done;
}

export interface ServiceLook {
  place: ServicePlace;
  file: FileState;
  /** The file starts this very program with this Node. */
  current: boolean;
  /** Null: no manager answers. */
  running: Running | null;
  /** Why none answers. */
  unreachable: string | null;
  /** Services of this user run without a login; null: not known. */
  lingers: boolean | null;
}

export async function lookAtService(deps: ServiceDeps): Promise<ServiceLook> {
  const { place, manager, text, file } = openService(deps);
  const running = file === 'ours' ? await manager.look() : null;
  const isReachable = running === null || 'pid' in running;
  const terms = serviceTerms(deps.env, deps.profile, deps.bin);
  return {
    place,
    file,
    current: text !== undefined && startLine(text) === startLine(render(place, terms)),
    running: running !== null && 'pid' in running ? running : null,
    unreachable: isReachable ? null : running.words,
    lingers: place.kind === 'systemd' ? (lingers(userNameOf(deps.env)) ?? null) : null,
  };
}

/** What is started; the rest (a PATH of another shell) may differ and be right. */
const startLine = (text: string): string | undefined =>
  /^ExecStart=.*$/m.exec(text)?.[0] ?? /<key>ProgramArguments<\/key>[\s\S]*?<\/array>/.exec(text)?.[0];

const foreign = (place: ServicePlace, verb: string, hint: string): TendError =>
  refused('foreign-service', `Cannot ${verb} "${place.file}": tend did not write it`, hint);
