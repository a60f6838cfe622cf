/** What is said of a log beside its name. Pure. */
import type { LogState } from '../../contract/replayed-log.js';

/** Empty when there is nothing to say. `top`: the first row that is shown. */
export function noteOf({ state, reason, isClipped }: LogState, { id, top }: { id: string; top: number }): string {
  const isPulse = id === 'pulse';
  switch (state) {
    case 'loading':
      return 'loading what came before';
    case 'absent':
      return isPulse ? 'nothing has happened yet' : 'no output yet';
    case 'empty':
      return 'no output yet';
    case 'unreadable':
      return `its log cannot be read: ${reason ?? 'unknown'}`;
    case 'ready':
      if (!isClipped || top > 0) return '';
      return isPulse ? 'earlier days are in events-*.ndjson' : `earlier output is in workers/${id}/`;
    default:
      throw state satisfies never;
  }
}
