import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Real processes, ptys and sockets: a loaded two-core machine is the normal case, so limits are generous.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of a test's time is waiting for processes; the default of two cores is one file at a time.
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
  },
});
