import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { launchOf } from '../../../src/controllers/fleet/supervisor/launch.js';
import type { WorkerSpec } from '../../../src/model/worker.js';
import { quietEnv } from '../../../src/runners/quiet-env.js';
import { RUNNERS } from '../../../src/runners/registry.js';
import { localDisk } from '../../../src/store/local-disk.js';
import { promptKey } from '../../../src/store/workers.js';

const dir = mkdtempSync(join(tmpdir(), 'tend-launch-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const GENERATION = '0123456789abcdef';

/** What the supervisor would start for this config, with these variables of the user. */
function launched(config: object, env: Record<string, string> = {}) {
  const disk = localDisk(dir);
  const profile = { dataDir: dir, configPath: join(dir, 'config.json'), isDefault: false };
  writeFileSync(profile.configPath, JSON.stringify(config));
  disk.replace(promptKey('w', GENERATION), 'Work.');
  return launchOf({ disk, env, profile, spec: { id: 'w', generation: GENERATION } as WorkerSpec });
}

const CODEX = `'/opt/it is/codex' exec - <{{prompt_file}}`;

test.each([
  [
    'the program of the worker command says which CLI it is',
    { runner: 'claude', worker_command: CODEX },
    ['SIGINT', 'SIGTERM'],
  ],
  [
    'an unknown program is the runner of the config',
    { runner: 'codex', worker_command: 'wrap {{prompt_file}}' },
    ['SIGINT', 'SIGTERM'],
  ],
  ['one that wants nothing else gets TERM', { runner: 'codex', worker_command: 'claude <{{prompt_file}}' }, undefined],
])('signals: %s', (_why, config, gentle) => {
  expect(launched(config).gentle).toEqual(gentle);
});

test('a worker is kept quiet, what its user has set goes first, and the retries of the CLI stay its own', () => {
  const config = { runner: 'claude', worker_command: RUNNERS.claude.worker };
  const { env } = launched(config, { DISABLE_TELEMETRY: 'mine', HOME: '/h' });
  expect(env).toMatchObject({ DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: 'mine', HOME: '/h', TEND_SESSION_ID: 'w' });
  expect(Object.keys(env)).not.toContain('CLAUDE_CODE_MAX_RETRIES');
  expect(env['IS_SANDBOX']).toBe(process.getuid?.() === 0 ? '1' : undefined);
});

test.each([
  ['decide', true, '2', '1'],
  ['decide', false, '2', undefined],
  ['work', true, undefined, '1'],
  ['work', false, undefined, undefined],
] as const)('claude, %s, root %s: %s retries, sandbox %s', (job, root, retries, sandbox) => {
  const env = quietEnv(RUNNERS.claude, job, root);
  expect(env['CLAUDE_CODE_MAX_RETRIES']).toBe(retries);
  expect(env['IS_SANDBOX']).toBe(sandbox);
  expect(env['DISABLE_AUTOUPDATER']).toBe('1');
});
