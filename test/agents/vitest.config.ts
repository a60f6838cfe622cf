import { defineConfig } from 'vitest/config';

/** The real CLIs. A configuration of its own: what they need is installed by `main.mjs`, and a plain `npm test` must not wait for it. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/agents/**/*.agent.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // As in test/vitest.config.ts: named at the end of the run.
    retry: 1,
    // opencode takes half a gigabyte and three seconds of a core for each start.
    maxWorkers: 2,
    // Most of a failure is waiting for the retries of the CLI itself.
    maxConcurrency: 10,
    reporters: ['default', './test/closing-line.ts'],
  },
});
