import { defineConfig } from 'vitest/config';
import { SlowFirst } from './slow-first.js';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Real processes, ptys and sockets: a loaded two-core machine is the normal case, so limits are generous.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A race that one run in many meets costs no night's work, and is named at the end of the run (closing-line.ts).
    retry: 1,
    // Most of a test's time is waiting for processes; the default of two cores is one file at a time.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    setupFiles: ['./test/priority.ts'],
    reporters: ['default', './test/closing-line.ts'],
  },
});
