/** The files of the service: what a manager makes of them. Real checkers where the machine has them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/host/profile.js';
import { launchdAgent } from '../../src/ops/service/agent.js';
import { runningOf } from '../../src/ops/service/manager.js';
import { servicePlace } from '../../src/ops/service/place.js';
import { installService, lookAtService, openService, uninstallService } from '../../src/ops/service/service.js';
import { type ServiceTerms, serviceTerms } from '../../src/ops/service/terms.js';
import { systemdUnit } from '../../src/ops/service/unit.js';
import { localDisk } from '../../src/store/local-disk.js';

const dir = mkdtempSync(join(tmpdir(), 'tend-unit-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const profile = (dataDir: string): Profile => ({ dataDir, configPath: `${dataDir}/config.json`, isDefault: false });
const NAMES: readonly [string, string][] = [
  ['a plain name', '/home/me/.local/state/tend'],
  ['spaces', '/home/me/my data'],
  ['signs that mean something to a manager', '/home/me/50%n $HOME "x" \\t \'q\' ;a #b <&>'],
  ['other letters', '/home/me/größe 資料 🌱'],
];
const termsOf = (dataDir: string): ServiceTerms =>
  serviceTerms(
    { PATH: '/usr/bin:/opt/a b/bin', TEND_INTERVAL: '30', ANTHROPIC_API_KEY: 'sk-secret' },
    profile(dataDir),
    `${dataDir}/main.js`,
  );

/** Words of a command line as systemd.syntax(7) has them: quotes, backslashes, then `%%` and, in a command line, `$$`. */
function wordsOfUnit(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]+)(?=\s|$)/g)];
  expect(words.map(([text]) => text).join(' '), 'nothing stands between the words').toBe(line);
  return words.map(([, quoted, bare = '']) => {
    const text = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    return text.replace(/%(.)|\$(.)/g, (_all, percent?: string, dollar?: string) => {
      expect(percent ?? dollar, 'no specifier and no variable').toBe(percent === undefined ? '$' : '%');
      return percent ?? dollar ?? '';
    });
  });
}

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyze) console.warn('SKIPPED: no systemd-analyze on this machine, the unit is not verified by it');
const hasPython = spawnSync('python3', ['-c', 'import plistlib']).status === 0;
if (!hasPython) console.warn('SKIPPED: no python3 with plistlib on this machine, the agent is not read by it');

describe.each(NAMES)('with %s in its paths', (_, dataDir) => {
  test.skipIf(!hasAnalyze)('systemd-analyze has nothing to say about the unit [loops 167]', () => {
    const file = join(dir, servicePlace('linux', { HOME: dir }, profile(dataDir)).name);
    writeFileSync(file, systemdUnit(termsOf(dataDir)));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', file], {
      encoding: 'utf8',
      env: { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir },
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('what systemd makes of the command line is exactly what is to be started [loops 167]', () => {
    const terms = termsOf(dataDir);
    const line = /^ExecStart=(.*)$/m.exec(systemdUnit(terms))?.[1] ?? '';
    expect(wordsOfUnit(line)).toEqual(terms.argv);
  });

  test.skipIf(!hasPython)('a reader of property lists finds in the agent exactly what is started [loops 168]', () => {
    const terms = termsOf(dataDir);
    const { stdout, stderr } = spawnSync(
      'python3',
      ['-c', 'import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'],
      { input: launchdAgent('dev.tend.pulse', terms), encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      Label: 'dev.tend.pulse',
      ProgramArguments: terms.argv,
      EnvironmentVariables: terms.env,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      AbandonProcessGroup: true,
      ThrottleInterval: 10,
      ExitTimeOut: 30,
      ProcessType: 'Background',
      StandardOutPath: `${dataDir}/pulse/pulse.log`,
      StandardErrorPath: `${dataDir}/pulse/pulse.log`,
    });
  });
});

test('no key of a provider is in a file that everybody may read', () => {
  const terms = termsOf('/d');
  for (const text of [systemdUnit(terms), launchdAgent('l', terms)]) {
    expect(text).not.toContain('sk-secret');
    expect(text).toContain('TEND_INTERVAL');
  }
});

test('a path with a line break in it makes no service', () => {
  expect(() => termsOf('/d\nExecStartPost=/bin/evil')).toThrow(/control character/);
});

test('each profile has a service of its own, the default one the plain name', () => {
  const env = { HOME: '/h' };
  const names = ['/a/data', '/b/data', '/b/da ta'].map((path) => servicePlace('linux', env, profile(path)).name);
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^tend-da_?ta-[0-9a-f]{6}\.service$/);
  const own = { ...profile('/h/.local/state/tend'), isDefault: true };
  expect(servicePlace('linux', env, own)).toEqual({
    kind: 'systemd',
    name: 'tend.service',
    file: '/h/.config/systemd/user/tend.service',
  });
  expect(servicePlace('darwin', env, own).file).toBe('/h/Library/LaunchAgents/dev.tend.pulse.plist');
});

test.each([
  [
    'runs',
    'ActiveState=active\nSubState=running\nMainPID=42\nUnitFileState=enabled\n',
    { active: true, enabled: true, pid: 42, state: 'active (running)' },
  ],
  [
    'waits to be started again',
    'ActiveState=activating\nSubState=auto-restart\nMainPID=0\nUnitFileState=enabled\n',
    { active: false, pid: null },
  ],
  ['is not there', '', { active: false, enabled: false, pid: null }],
])('a unit that %s', (_, out, wanted) => {
  expect(runningOf(out)).toMatchObject(wanted);
});

test('on macOS the agent is written, loaded, ended and taken away through launchctl', async () => {
  const home = join(dir, 'mac');
  mkdirSync(home);
  const data = join(home, 'data');
  const env = { HOME: home, PATH: `${new URL('../fakes/services', import.meta.url).pathname}:/usr/bin:/bin` };
  const signal = new AbortController().signal;
  const deps = {
    disk: localDisk(data),
    profile: profile(data),
    env,
    bin: '/opt/tend/main.js',
    signal,
    platform: 'darwin',
  };
  const { place, enabled, wrote } = await installService(deps, { force: false, start: false });
  expect({ enabled, wrote }).toEqual({ enabled: true, wrote: true });
  expect(readFileSync(place.file, 'utf8')).toBe(launchdAgent(place.name, serviceTerms(env, deps.profile, deps.bin)));
  expect(await lookAtService(deps)).toMatchObject({
    file: 'ours',
    current: true,
    running: { active: false, pid: null },
  });
  const { manager } = openService(deps);
  // Twice: what is loaded already is only kicked.
  expect(await manager.start()).toMatchObject({ state: 'ok' });
  expect(await manager.start()).toMatchObject({ state: 'ok' });
  expect(await lookAtService(deps)).toMatchObject({ running: { active: true, pid: 4711, state: 'running' } });
  expect(await uninstallService(deps, { force: false })).toMatchObject({ removed: true, problems: [] });
  expect(existsSync(place.file)).toBe(false);
  const domain = `gui/${process.getuid?.()}`;
  expect(
    readFileSync(join(home, 'launchd/calls'), 'utf8')
      .split('\n')
      .filter((call) => !call.startsWith('print')),
  ).toEqual([
    `enable ${domain}/${place.name}`,
    `bootstrap ${domain} ${place.file}`,
    `kickstart ${domain}/${place.name}`,
    `kickstart ${domain}/${place.name}`,
    `bootout ${domain}/${place.name}`,
    '',
  ]);
});
