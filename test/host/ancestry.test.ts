import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ancestorSession } from '../../src/host/ancestry.js';

const dir = mkdtempSync(join(tmpdir(), 'tend-proc-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A /proc made by hand: `[pid, parent, environment]`. */
function proc(...rows: [number, number, string?][]): string {
  const root = mkdtempSync(join(dir, 'p'));
  for (const [pid, parent, environ] of rows) {
    mkdirSync(join(root, `${pid}`));
    writeFileSync(join(root, `${pid}`, 'stat'), `${pid} (a) b (c) S ${parent} 1 1 0`);
    if (environ !== undefined) writeFileSync(join(root, `${pid}`, 'environ'), environ);
  }
  return root;
}

const linux = process.platform === 'linux';
if (!linux) console.warn('SKIPPED: no /proc on this machine');
test.skipIf(!linux)('a process that unset its session is found by its parent', () => {
  const script = `import { ancestorSession } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/ancestry.ts'))};
    console.log(ancestorSession(process.pid));`;
  const { stdout } = spawnSync(
    'bash',
    [
      '-c',
      'bash -c \'env -u TEND_SESSION_ID "$@"; true\' bash "$@"; true',
      'bash',
      process.execPath,
      '--import',
      import.meta.resolve('tsx'),
      '--input-type=module',
      '-e',
      script,
    ],
    { encoding: 'utf8', env: { ...process.env, TEND_SESSION_ID: 'api' } },
  );
  expect(stdout).toBe('api\n');
});

test('the nearest ancestor wins, the process itself does not count', () => {
  const root = proc(
    [9, 8, 'TEND_SESSION_ID=self\0'],
    [8, 7, 'A=1\0XTEND_SESSION_ID=x\0'],
    [7, 6, 'TEND_SESSION_ID=near\0B=2\0'],
    [6, 1, 'TEND_SESSION_ID=far\0'],
  );
  expect(ancestorSession(9, root)).toBe('near');
});

test('an unreadable ancestor is passed over, an empty value says nothing', () => {
  expect(ancestorSession(9, proc([9, 8], [8, 7], [7, 6, 'TEND_SESSION_ID=\0'], [6, 1, 'TEND_SESSION_ID=up\0']))).toBe(
    'up',
  );
});

test('no session up to init, no /proc at all, and a ring of parents end without one', () => {
  expect(ancestorSession(9, proc([9, 8, ''], [8, 1, ''], [1, 0, 'TEND_SESSION_ID=init\0']))).toBeUndefined();
  expect(ancestorSession(9, join(dir, 'none'))).toBeUndefined();
  expect(ancestorSession(9, proc([9, 8, ''], [8, 9, '']))).toBeUndefined();
});
