import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes although they are short. Vitest begins with the largest files when it knows no times, and a fresh clone
 * knows none: the longest would run alone at the end. The first of them only computes and takes what the others leave (priority.ts).
 */
const SLOW = ['simulation/simulation', 'crash/pulse', 'crash/disk-denied', 'e2e/loops', 'parity/wake'];

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? SLOW.length : at;
    };
    // The sort is stable: the rest keeps its order.
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
