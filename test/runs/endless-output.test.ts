/** A command that prints two gigabytes, performed by a process of its own whose memory can be told. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const DRIVER = `
import { perform } from './performers.js';
import { localDisk } from '../store/local-disk.js';
const root = process.argv[2];
const told = await perform(
  { disk: localDisk(root), profile: { dataDir: root, configPath: root + '/config.json', isDefault: false }, env: process.env, bin: '/usr/bin/true', log() {} },
  { target: { type: 'command', command: 'head -c 2147483648 /dev/zero', shell: true }, identity: {}, token: process.argv[3], signal: new AbortController().signal },
);
const { stdout, ...rest } = told;
console.log(JSON.stringify({ ...rest, head: undefined, first: stdout.split('\\n')[0], kept: stdout.length, maxRssKb: process.resourceUsage().maxRSS }));
`;

test('two gigabytes of output: the end is kept, the exact count of the rest, and memory is bounded [loops 112]', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tend-endless-'));
  try {
    const outfile = join(dir, 'driver.mjs');
    const resolveDir = new URL('../../src/runs', import.meta.url).pathname;
    const shared = {
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      logLevel: 'error',
    } as const;
    const banner = { js: 'import{createRequire as $r}from"node:module";const require=$r(import.meta.url);' };
    await build({ ...shared, banner, stdin: { contents: DRIVER, resolveDir, loader: 'ts' } });
    const ran = spawnSync(process.execPath, [outfile, dir, `endless-${dir.slice(-6)}`], { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    const told = JSON.parse(ran.stdout);
    const first = `[truncated ${2 ** 31 - 262_144} bytes]`;
    expect(told).toMatchObject({ status: 'succeeded', exitCode: 0, first, kept: first.length + 1 + 262_144 });
    expect(told.maxRssKb).toBeLessThan(150 * 1024);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
