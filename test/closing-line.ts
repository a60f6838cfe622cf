import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, that any CI can read without knowing the runner. Above it stand
 * the tests that passed only when they were repeated: each is a race, in the test or in the product, and to be mended.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const repeated: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else count.skipped += 1;
        if (test.diagnostic()?.flaky)
          repeated.push(`${module.relativeModuleId} > ${test.fullName}\n${why(errors?.[0])}`);
      }
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) count.failed += 1;
    }
    if (repeated.length > 0)
      console.log(`\npassed only when repeated:\n${repeated.map((name) => `  ${name}\n`).join('')}`);
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}

/** What the first try said, and where in our own files. */
function why(error: { message: string; stack?: string } | undefined): string {
  const at = error?.stack?.split('\n').find((line) => line.includes('/test/') && !line.includes('node_modules')) ?? '';
  return `    ${error?.message ?? ''}\n${at}`;
}
