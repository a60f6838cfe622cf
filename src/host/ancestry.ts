/**
 * Which session of ours a process descends from. A child may drop variables from its own environment, but /proc shows what
 * each ancestor was started with. A process that was orphaned to init escapes this; the same user's processes cannot be told
 * apart any further.
 */
import { readFileSync } from 'node:fs';

/** Deeper than any real chain of shells and agents; a loop in what we read ends here. */
const STEPS_MAX = 64;

/**
 * `TEND_SESSION_ID` of the nearest ancestor of `pid` that carries one, `pid` itself left out. Undefined when there is none, and
 * where there is no /proc. An ancestor that cannot be read is passed over.
 */
export function ancestorSession(pid: number, proc = '/proc'): string | undefined {
  let at = parentOf(pid, proc);
  for (let step = 0; step < STEPS_MAX && at !== undefined && at > 1; step += 1) {
    const session = sessionOf(at, proc);
    if (session !== undefined) return session;
    at = parentOf(at, proc);
  }
  return undefined;
}

/** Field 4 of `stat`, counted behind the last `)`: a program's name may itself contain spaces and parentheses. */
function parentOf(pid: number, proc: string): number | undefined {
  const text = readProc(`${proc}/${pid}/stat`);
  const parent = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isInteger(parent) ? parent : undefined;
}

function sessionOf(pid: number, proc: string): string | undefined {
  const prefix = 'TEND_SESSION_ID=';
  const entry = readProc(`${proc}/${pid}/environ`)
    ?.split('\0')
    .find((variable) => variable.startsWith(prefix));
  return entry?.slice(prefix.length) || undefined;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone, another user's, or no /proc here: nothing can be said about it.
    return undefined;
  }
}
