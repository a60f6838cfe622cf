/** Can this machine still tell us of file changes? A look, without a trace on disk. */
import { readFileSync, watch } from 'node:fs';

export interface WatchLimits {
  /** `fs.inotify.max_user_watches` and `…instances`; undefined where the machine has no such limits. */
  watches?: number;
  instances?: number;
}

export function watchLimits(): WatchLimits {
  const watches = limit('max_user_watches');
  const instances = limit('max_user_instances');
  return { ...(watches === undefined ? {} : { watches }), ...(instances === undefined ? {} : { instances }) };
}

function limit(name: string): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
    return Number.isFinite(value) ? value : undefined;
  } catch {
    // Not Linux, or /proc is hidden: nothing can be said.
    return undefined;
  }
}

/** Why a directory cannot be watched now (`ENOSPC`: the table is full), or undefined when it can. */
export function watchProblem(dir: string): string | undefined {
  try {
    watch(dir, { persistent: false }).close();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}
