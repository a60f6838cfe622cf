import { defineConfig } from 'vitest/config';
import { SlowFirst } from './slow-first.js';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Real processes, ptys and sockets: a loaded two-core machine is the normal case, so limits are generous.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of a test's time is waiting for processes: two cores are busy two thirds of the time with two files at once.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    reporters: ['default', './test/closing-line.ts'],
  },
});
