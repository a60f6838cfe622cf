/** Whether a child can be started in a directory. Told before the spawn, whose own error looks as if the program were missing. */
import { accessSync, constants, statSync } from 'node:fs';

/** Why nothing can be started in this absolute path; undefined when something can. */
export function startDirProblem(dir: string): string | undefined {
  try {
    if (!statSync(dir).isDirectory()) return 'it is not a directory';
    accessSync(dir, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'there is no such directory';
    if (code === 'ENOTDIR') return 'a part of that path is not a directory';
    return code === 'EACCES' ? 'permission denied' : `it cannot be looked at (${code})`;
  }
}
