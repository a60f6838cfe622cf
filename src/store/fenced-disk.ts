/**
 * The data dir as the holder of a lock may use it: every durable write first proves that no newer epoch exists. A holder that
 * was stopped past the stale time and goes on is refused here, at the write, before it can undo its successor's work.
 */
import type { Disk } from './disk.js';
import type { Lock } from './lock.js';

/** Reads pass; each write throws an environment error of code `fenced` once the lock was overtaken. */
export function fencedDisk(disk: Disk, lock: Pick<Lock, 'check'>): Disk {
  const fenced =
    <A extends unknown[], R>(step: (...args: A) => R) =>
    (...args: A): R => {
      lock.check();
      return step(...args);
    };
  return {
    root: disk.root,
    ...(disk.clean ? { clean: disk.clean } : {}),
    path: disk.path,
    read: disk.read,
    text: disk.text,
    tail: disk.tail,
    slice: disk.slice,
    stat: disk.stat,
    list: disk.list,
    publish: fenced(disk.publish),
    replace: fenced(disk.replace),
    append: fenced(disk.append),
    remove: fenced(disk.remove),
    removeIfEqual: fenced(disk.removeIfEqual),
    replaceIfEqual: fenced(disk.replaceIfEqual),
    move: fenced(disk.move),
    moveTree: fenced(disk.moveTree),
    makeDir: fenced(disk.makeDir),
    removeTree: fenced(disk.removeTree),
    touch: fenced(disk.touch),
  };
}
