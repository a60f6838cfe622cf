import { realpathSync, statSync } from 'node:fs';

/** What tells a file from the one that takes its place: where it really lies, its size and its time. Undefined when it cannot be looked at. */
export function fileStamp(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    const { size, mtimeMs } = statSync(real);
    return `${real} ${size} ${mtimeMs}`;
  } catch {
    // Gone, or not for us.
    return undefined;
  }
}
