import { badInput } from './error.js';

/** Longest id: with `-<n>.md` and a temp suffix it stays far below the 255 bytes of a file name. */
export const ID_MAX = 64;
const ID = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Why `id` cannot be a file name of ours, or undefined when it can. One rule for every noun. */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'it is empty';
  if (id.length > ID_MAX) return `it has ${id.length} characters, ${ID_MAX} at most are allowed`;
  if (id.includes('..')) return 'it contains ".."';
  if (!ID.test(id)) return 'only letters, digits, ".", "_" and "-" are allowed, and it may not begin with "." or "-"';
  return undefined;
}

/** Throws an input error that names the noun, the value and the rule. */
export function requireId(noun: string, id: string): string {
  const problem = idProblem(id);
  if (problem) throw badInput(`Cannot use ${JSON.stringify(id)} as ${noun} id: ${problem}`);
  return id;
}

/** Id of a timed loop: 12 lower-case hex digits. No reminder's file is named so, since theirs end in `.json`. */
export const isLoopId = (word: string): boolean => /^[0-9a-f]{12}$/.test(word);
