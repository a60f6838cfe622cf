/**
 * Which session of ours a process descends from. A child may drop variables from its own environment, but /proc shows what
 * each ancestor was started with. A process that was orphaned to init escapes this; the same user's processes cannot be told
 * apart any further.
 */
import { readFileSync } from 'node:fs';

/** Deeper than any real chain of shells and agents; a loop in what we read ends here. */
const STEPS_MAX = 64;

/** A session of ours, as the variables of one of its processes say. */
export interface Ancestor {
  id: string;
  /** The data dir of its profile; undefined when it does not say. */
  dataDir: string | undefined;
}

/**
 * The nearest ancestor of `pid` that carries `TEND_SESSION_ID`, `pid` itself left out. Undefined when there is none, and where
 * there is no /proc. An ancestor that cannot be read is passed over.
 */
export function ancestorOf(pid: number, proc = '/proc'): Ancestor | undefined {
  let at = parentOf(pid, proc);
  for (let step = 0; step < STEPS_MAX && at !== undefined && at > 1; step += 1) {
    const environ = readProc(`${proc}/${at}/environ`)?.split('\0') ?? [];
    const id = valueIn(environ, 'TEND_SESSION_ID');
    if (id !== undefined) return { id, dataDir: valueIn(environ, 'TEND_DATA_DIR') };
    at = parentOf(at, proc);
  }
  return undefined;
}

/** Its session id. */
export const ancestorSession = (pid: number, proc?: string): string | undefined => ancestorOf(pid, proc)?.id;

/** Field 4 of `stat`, counted behind the last `)`: a program's name may itself contain spaces and parentheses. */
function parentOf(pid: number, proc: string): number | undefined {
  const text = readProc(`${proc}/${pid}/stat`);
  const parent = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isInteger(parent) ? parent : undefined;
}

/** Empty counts as not set, as in the environment of this process. */
const valueIn = (environ: readonly string[], name: string): string | undefined =>
  environ.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone, another user's, or no /proc here: nothing can be said about it.
    return undefined;
  }
}
