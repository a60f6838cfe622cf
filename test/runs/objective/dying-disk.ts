/** A disk whose process dies at its nth write: before it or right after it. From then on nothing more reaches the files. */
import type { Disk } from '../../../src/store/disk.js';

export class Died extends Error {}

export interface Dying {
  disk: Disk;
  /** Writes that were begun by now. */
  writes(): number;
  isDead(): boolean;
}

/** `at`: 0.5 is before the first write, 1 right after it. */
export function dyingDisk(disk: Disk, at: number): Dying {
  let n = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Died(`died at write ${at}`);
  };
  const write =
    <A extends unknown[], R>(step: (...args: A) => R) =>
    (...args: A): R => {
      if (dead) return die();
      n += 1;
      if (n - 0.5 === at) return die();
      const result = step(...args);
      return n === at ? die() : result;
    };
  const read =
    <A extends unknown[], R>(step: (...args: A) => R) =>
    (...args: A): R =>
      dead ? die() : step(...args);
  return {
    writes: () => n,
    isDead: () => dead,
    disk: {
      ...disk,
      read: read(disk.read),
      list: read(disk.list),
      publish: write(disk.publish),
      replace: write(disk.replace),
      append: write(disk.append),
      remove: write(disk.remove),
      removeIfEqual: write(disk.removeIfEqual),
      replaceIfEqual: write(disk.replaceIfEqual),
      move: write(disk.move),
    },
  };
}
