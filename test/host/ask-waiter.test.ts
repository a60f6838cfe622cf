import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lightWaiter, waiterLife } from '../../src/host/ask-waiter.js';
import { leaveRuntimeDir, runtimeDir } from '../../src/host/runtime-dir.js';

let base: string;
let dataDir: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-w-'));
  dataDir = join(base, 'data');
});
afterEach(() => {
  leaveRuntimeDir(runtimeDir({}, dataDir));
  rmSync(base, { recursive: true, force: true });
});

test('an asker is seen alive by a pulse of another environment, and dead once it is gone', async () => {
  const login = { XDG_RUNTIME_DIR: base };
  const waiter = await lightWaiter({}, dataDir);
  try {
    expect(await waiterLife({}, dataDir, waiter.nonce)).toBe('alive');
    expect(await waiterLife(login, dataDir, waiter.nonce)).toBe('alive');
  } finally {
    waiter.close();
  }
  expect(await waiterLife(login, dataDir, waiter.nonce)).toBe('dead');
});

test('a nonce that is none says nothing, and reaches no path', async () => {
  expect(await waiterLife({}, dataDir, '../../etc/passwd')).toBe('unknown');
});
