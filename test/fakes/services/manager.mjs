/**
 * A stand-in for the systemd of one user, as far as units of ours need it: reads the unit file itself, starts `ExecStart` with the
 * unit's environment and nothing of the caller's, signals the main process alone (KillMode=process), restarts on failure but for
 * the exit codes that the unit names, and forgets nothing between two calls (a file per unit in the runtime directory).
 * `unreachable` in its directory makes it answer as where there is no bus.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const HOME = process.env.HOME;
const UNITS = join(process.env.XDG_CONFIG_HOME || join(HOME, '.config'), 'systemd/user');
const DIR = join(process.env.XDG_RUNTIME_DIR, 'fake-systemd');
mkdirSync(DIR, { recursive: true });

const stateFile = (unit) => join(DIR, `${unit}.json`);
const read = (unit) =>
  existsSync(stateFile(unit))
    ? JSON.parse(readFileSync(stateFile(unit), 'utf8'))
    : { active: 'inactive', sub: 'dead', pid: 0 };
function write(unit, state) {
  writeFileSync(`${stateFile(unit)}.${process.pid}`, JSON.stringify(state));
  renameSync(`${stateFile(unit)}.${process.pid}`, stateFile(unit));
}
const wanted = (unit) => join(UNITS, 'default.target.wants', unit);
const fail = (words, code = 1) => {
  process.stderr.write(`${words}\n`);
  process.exit(code);
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The settings of a unit, all values of each, with specifiers resolved as far as we use them. */
function unitOf(unit) {
  const path = join(UNITS, unit);
  if (!existsSync(path)) fail(`Failed to start ${unit}: Unit ${unit} not found.`, 5);
  const settings = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const at = line.indexOf('=');
    if (at < 1 || line.startsWith('#')) continue;
    const key = line.slice(0, at);
    settings.set(key, [...(settings.get(key) ?? []), line.slice(at + 1)]);
  }
  return settings;
}
/** `%%` is a percent sign, `%n` the unit; what else begins with one is not ours. */
const resolved = (text) =>
  text.replace(/%(.?)/g, (_, sign) =>
    sign === '%' ? '%' : sign === 'n' ? 'NAME-OF-THE-UNIT' : fail(`Failed to resolve specifier %${sign}`),
  );
/** Words as systemd splits them: double quotes with backslash escapes. */
const words = (text) =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) =>
    resolved(quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1')),
  );

async function keep(unit) {
  const settings = unitOf(unit);
  const one = (key) => settings.get(key)?.at(-1) ?? '';
  const env = {
    HOME,
    USER: process.env.USER ?? 'user',
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR,
    PATH: '/usr/bin:/bin',
  };
  for (const line of settings.get('Environment') ?? [])
    for (const word of words(line)) env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1);
  const file = resolved(one('EnvironmentFile')).replace(/^-/, '');
  if (file && existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n'))
      if (line.includes('=')) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
  const [program, ...args] = words(one('ExecStart')).map((word) => word.replaceAll('$$', '$'));
  const log = openSync(resolved(one('StandardOutput')).replace(/^append:/, ''), 'a');
  const final = one('RestartPreventExitStatus').split(' ').map(Number);
  for (;;) {
    const child = spawn(program, args, { env, cwd: HOME, stdio: ['ignore', log, log], detached: true });
    const end = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    write(unit, { active: 'active', sub: 'running', pid: child.pid });
    const { code } = await end;
    if (!existsSync(stateFile(unit))) return;
    if (code === 0 || read(unit).stopping) return write(unit, { active: 'inactive', sub: 'dead', pid: 0 });
    if (one('Restart') !== 'on-failure' || final.includes(code))
      return write(unit, { active: 'failed', sub: 'failed', pid: 0 });
    write(unit, { active: 'activating', sub: 'auto-restart', pid: 0 });
    // Shorter than RestartSec, so that a test need not wait.
    await sleep(100);
    if (!existsSync(stateFile(unit))) return;
    if (read(unit).stopping) return write(unit, { active: 'inactive', sub: 'dead', pid: 0 });
  }
}

const args = process.argv.slice(2);
if (args[0] === '__keep') {
  await keep(args[1]);
  process.exit(0);
}
appendFileSync(join(DIR, 'calls'), `${args.join(' ')}\n`);
if (existsSync(join(DIR, 'unreachable'))) fail('Failed to connect to bus: No medium found');
if (args[0] !== '--user') fail('only the manager of a user is here');
const [verb, ...more] = args.slice(1);
const unit = more.find((word) => !word.startsWith('-')) ?? '';
switch (verb) {
  case 'daemon-reload':
    break;
  case 'reset-failed':
    if (read(unit).active !== 'failed') fail(`Failed to reset failed state of unit ${unit}: Unit ${unit} not loaded.`);
    write(unit, { active: 'inactive', sub: 'dead', pid: 0 });
    break;
  case 'enable':
    unitOf(unit);
    mkdirSync(join(UNITS, 'default.target.wants'), { recursive: true });
    if (!existsSync(wanted(unit))) symlinkSync(join(UNITS, unit), wanted(unit));
    break;
  case 'disable':
    rmSync(wanted(unit), { force: true });
    break;
  case 'start': {
    unitOf(unit);
    if (read(unit).active === 'active') break;
    rmSync(stateFile(unit), { force: true });
    // The manager is nobody's child: what marks the caller's children is not its own.
    const { TEND_MARK: _, ...own } = process.env;
    spawn(process.execPath, [process.argv[1], '__keep', unit], { detached: true, stdio: 'ignore', env: own }).unref();
    while (!existsSync(stateFile(unit))) await sleep(10);
    break;
  }
  case 'stop': {
    const state = read(unit);
    if (state.active === 'inactive' || state.active === 'failed') break;
    write(unit, { ...state, stopping: true });
    if (state.pid) process.kill(state.pid, 'SIGTERM');
    if (!more.includes('--no-block')) while (read(unit).active !== 'inactive') await sleep(10);
    break;
  }
  case 'show': {
    const { active, sub, pid } = read(unit);
    process.stdout.write(
      `ActiveState=${active}\nSubState=${sub}\nMainPID=${pid}\nUnitFileState=${existsSync(wanted(unit)) ? 'enabled' : ''}\n`,
    );
    break;
  }
  default:
    fail(`Unknown command verb ${verb}.`);
}
