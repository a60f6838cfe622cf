/** An awk program that only reads and prints, or why it may do more. Pure. It is cut into tokens the way awk does. */
import { mayBeOpen } from './brackets.js';

const COMMANDS = /^(system|getline|fflush|close|ENVIRON|PROCINFO|FUNCTAB|SYMTAB|extension|function|func)$/;
/** Behind a value a slash divides, behind anything else it begins a regular expression … */
const VALUE = /^(?:(?!(?:print|printf|return|in|else|do|exit|case)$)[A-Za-z_]\w*|\d[\w.]*|"[\s\S]*"|\]|\/.+\/)$/;
/** … and behind these it may be either: `if (x) /y/`, `i++ / 2`. */
const EITHER = /^(?:\)|\+\+|--)$/;
const REGEX = /^\/(?:[^/\\\n]|\\[^\n])*\//;
const UNREAD = 'its awk program could not be read';

/** The reason to ask, or undefined. */
export function awkProblem(program: string): string | undefined {
  let before = '';
  let braces = 0;
  let parens = 0;
  let isUnsure = false;
  for (let at = 0; at < program.length; ) {
    const rest = program.slice(at);
    if (rest[0] === '/' && EITHER.test(before)) {
      const other = REGEX.exec(rest)?.[0];
      // Both readings go on alike only when nothing in between, and nothing right behind, is told by what stood before it.
      if (other && (/["#()[\\]/.test(other) || /^\s*\//.test(rest.slice(other.length)))) return UNREAD;
      isUnsure ||= other !== undefined;
    }
    const token = tokenAt(rest, before);
    if (token === undefined) return UNREAD;
    at += token.length;
    if (token === '{') braces++;
    if (token === '}') braces--;
    if (token === '(') parens++;
    if (token === ')') parens--;
    const isCompared = (braces <= 0 || parens > 0) && !isUnsure;
    const problem = tokenProblem(token, isCompared);
    if (problem) return problem;
    if (!/^\s+$/.test(token) || token.includes('\n')) before = token;
  }
  return undefined;
}

/** Inside parentheses, and in a pattern, `>` compares; elsewhere it may be the redirect of a print. */
function tokenProblem(token: string, isCompared: boolean): string | undefined {
  if (COMMANDS.test(token)) return `its awk program uses ${JSON.stringify(token)}`;
  if (token === '\\') return UNREAD;
  if (token === '@') return 'its awk program loads or calls what is not certain';
  if (token === '|' || token === '|&') return 'its awk program runs a command';
  if (token === '>>' || (token === '>' && !isCompared)) return 'its awk program may write a file';
  return undefined;
}

function tokenAt(rest: string, before: string): string | undefined {
  const space = /^(?:[ \t]+|\n|#[^\n]*)/.exec(rest);
  if (space) return space[0];
  if (rest[0] === '"') return /^"(?:[^"\\\n]|\\[\s\S])*"/.exec(rest)?.[0];
  if (rest[0] === '/' && !VALUE.test(before) && !EITHER.test(before)) {
    const regex = REGEX.exec(rest)?.[0];
    return regex === undefined || mayBeOpen(regex.slice(1, -1)) ? undefined : regex;
  }
  return /^(?:[A-Za-z_]\w*|\d[\w.]*|\|\||&&|\|&|>>|>=|<=|==|!=|!~|\+\+|--|[-+*/%^]=|[\s\S])/.exec(rest)?.[0];
}
