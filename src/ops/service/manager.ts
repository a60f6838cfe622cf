/**
 * Talking to the service manager of this user: `systemctl --user`, or `launchctl`. Each call is bounded, and a manager that is
 * not there or cannot be reached is a result, never an error: the file that was written is good all the same.
 */
import { type Env, ownUid } from '../../host/env.js';
import { execBounded } from '../../host/exec.js';
import { isThere } from '../../host/presence.js';
import { nonce } from '../../lib/hash.js';
import { shellQuote } from '../../lib/shell-quote.js';
import type { ServicePlace } from './place.js';

export type Said =
  | { state: 'ok'; out: string }
  /** It answered and refused. */
  | { state: 'failed'; words: string }
  /** No such program, or nobody answers it: a container, a session without a bus. */
  | { state: 'unreachable'; words: string };

/** What the manager knows of the service now. */
export interface Running {
  /** Started at login. */
  enabled: boolean;
  active: boolean;
  /** The manager's own words: `active (running)`. */
  state: string;
  pid: number | null;
}

export interface Manager {
  /** The file was written or removed: take notice. */
  reload(): Promise<Said>;
  /** Start at login. */
  enable(): Promise<Said>;
  disable(): Promise<Said>;
  /** Resolves when the process was started. */
  start(): Promise<Said>;
  /** Stop, and do not start again by itself. Does not wait for the end of the process. */
  stop(): Promise<Said>;
  look(): Promise<Running | Extract<Said, { state: 'unreachable' }>>;
  /** What a person types to do by hand what `reload`, `enable` and `start` do. */
  byHand: readonly string[];
}

export interface ManagerDeps {
  env: Env;
  cwd: string;
  signal: AbortSignal;
}

/** A manager that waits for something (a password, a dead bus) is given up. */
const TIMEOUT_MS = 30_000;
const OUTPUT_BYTES = 65_536;

export const managerOf = (place: ServicePlace, deps: ManagerDeps): Manager =>
  place.kind === 'systemd' ? systemd(place, deps) : launchd(place, deps);

async function say(argv: [string, ...string[]], { env, cwd, signal }: ManagerDeps): Promise<Said> {
  const known = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const ended = await execBounded({
    argv,
    cwd,
    env: { ...Object.fromEntries(known), ...bus(env), LC_ALL: 'C', TEND_MARK: nonce() },
    timeoutMs: TIMEOUT_MS,
    stdoutMaxBytes: OUTPUT_BYTES,
    whenOver: 'drop',
    stderrTailBytes: 4_096,
    signal,
  });
  const words = ended.stderrTail.trim().replace(/\s+/g, ' ');
  if (ended.problem === 'ENOENT') return { state: 'unreachable', words: `${argv[0]} is not on PATH` };
  if (ended.problem !== undefined) return { state: 'unreachable', words: `${argv[0]}: ${ended.problem}` };
  if (ended.timedOut) return { state: 'unreachable', words: `${argv[0]} did not answer in ${TIMEOUT_MS / 1000} s` };
  if (ended.exitCode === 0) return { state: 'ok', out: ended.stdout.toString('utf8') };
  if (
    /connect to (?:bus|system scope bus|user scope bus)|not been booted with systemd|No medium found|Could not find domain/i.test(
      words,
    )
  )
    return { state: 'unreachable', words };
  return { state: 'failed', words: words || `${argv.join(' ')} ended with ${ended.exitCode}` };
}

/** A shell that came over `su` or cron does not know where the manager of its user listens. */
function bus(env: Env): Record<string, string> {
  const dir = `/run/user/${ownUid()}`;
  return env['XDG_RUNTIME_DIR'] || !isThere(dir) ? {} : { XDG_RUNTIME_DIR: dir };
}

function systemd({ name }: ServicePlace, deps: ManagerDeps): Manager {
  const run = (...args: string[]) => say(['systemctl', '--user', ...args], deps);
  return {
    reload: () => run('daemon-reload'),
    enable: () => run('enable', name),
    disable: () => run('disable', name),
    start: async () => {
      // One that crashed too often is refused until somebody says that it may try again; typing "up" says so.
      await run('reset-failed', name);
      return run('start', name);
    },
    stop: () => run('stop', '--no-block', name),
    look: async () => {
      const said = await run('show', name, '--property=ActiveState,SubState,MainPID,UnitFileState');
      if (said.state === 'unreachable') return said;
      return runningOf(said.state === 'ok' ? said.out : '');
    },
    byHand: ['systemctl --user daemon-reload', `systemctl --user enable --now ${name}`],
  };
}

/** Pure: the answer of `systemctl show`. */
export function runningOf(out: string): Running {
  const values = new Map(
    out.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const active = values.get('ActiveState') ?? 'unknown';
  const pid = Number(values.get('MainPID') ?? 0);
  return {
    enabled: (values.get('UnitFileState') ?? '').startsWith('enabled'),
    active: active === 'active',
    state: `${active} (${values.get('SubState') ?? 'unknown'})`,
    pid: pid > 0 ? pid : null,
  };
}

function launchd({ name, file }: ServicePlace, deps: ManagerDeps): Manager {
  const domain = `gui/${ownUid() ?? 0}`;
  const run = (...args: string[]) => say(['launchctl', ...args], deps);
  const nothing = async (): Promise<Said> => ({ state: 'ok', out: '' });
  return {
    reload: nothing,
    // An agent in the directory is loaded at login; `enable` undoes an earlier `disable`.
    enable: () => run('enable', `${domain}/${name}`),
    disable: nothing,
    start: async () => {
      const loaded = await run('print', `${domain}/${name}`);
      if (loaded.state === 'unreachable') return loaded;
      if (loaded.state === 'failed') {
        const bootstrapped = await run('bootstrap', domain, file);
        if (bootstrapped.state !== 'ok') return bootstrapped;
      }
      return run('kickstart', `${domain}/${name}`);
    },
    stop: () => run('bootout', `${domain}/${name}`),
    look: async () => {
      const said = await run('print', `${domain}/${name}`);
      if (said.state === 'unreachable') return said;
      const out = said.state === 'ok' ? said.out : '';
      const pid = Number(/^\s*pid = (\d+)/m.exec(out)?.[1] ?? 0);
      const state = /^\s*state = (.+)$/m.exec(out)?.[1] ?? 'not loaded';
      return { enabled: true, active: pid > 0, state, pid: pid > 0 ? pid : null };
    },
    byHand: [`launchctl bootstrap ${domain} ${shellQuote(file)}`],
  };
}
