/**
 * A process that runs timed loops as a pulse does, with its controller and the kernel, but without a lock and without an epoch: whoever
 * starts two of them has two pulses that know nothing of each other. argv: data dir, file that gets a line for each start.
 */
import { appendFileSync } from 'node:fs';
import { schedulesController } from '../../src/controllers/schedules/controller.js';
import { now } from '../../src/host/clock.js';
import { Manager } from '../../src/kernel/manager.js';
import { attemptDeps } from '../../src/runs/attempt-deps.js';
import type { RunDeps } from '../../src/runs/performer.js';
import { localDisk } from '../../src/store/local-disk.js';

const [root = '', counter = ''] = process.argv.slice(2);
const end = new AbortController();
process.on('SIGTERM', () => end.abort());

const given: RunDeps = {
  disk: localDisk(root),
  profile: { dataDir: root, configPath: `${root}/config.json`, isDefault: false },
  env: {},
  bin: '/nowhere/tend',
  log: () => undefined,
};
const deps = {
  ...attemptDeps(given, 'pulse'),
  perform: async (_deps: unknown, _spec: unknown, { identity }: { identity: Record<string, unknown> }) => {
    appendFileSync(counter, `${identity['loopId']} ${identity['scheduledFor']} ${identity['attempt']}\n`);
    return { status: 'succeeded' as const, durationMs: 0, stdout: '', stderr: '' };
  },
} as unknown as ReturnType<typeof attemptDeps>;

await new Manager({ now, signal: end.signal }).run([schedulesController({ ...given, abort: end.signal }, deps)]);
