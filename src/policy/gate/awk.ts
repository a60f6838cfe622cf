/** An awk program that only reads and prints, or why it may do more. Pure. It is cut into tokens the way awk does. */

const COMMANDS = /^(system|getline|fflush|close|ENVIRON|PROCINFO|FUNCTAB|SYMTAB|extension|function|func)$/;
/** Behind these a slash begins a regular expression; behind a value it divides. */
const BEFORE_REGEX = /(?:^|[(,{};!~&|=\n+*%<>?:-]|\b(?:return|print|in))$/;

/** The reason to ask, or undefined. */
export function awkProblem(program: string): string | undefined {
  let before = '';
  let braces = 0;
  let parens = 0;
  for (let at = 0; at < program.length; ) {
    const token = tokenAt(program, at, before);
    if (token === undefined) return 'its awk program could not be read';
    at += token.length;
    if (token === '{') braces++;
    if (token === '}') braces--;
    if (token === '(') parens++;
    if (token === ')') parens--;
    if (COMMANDS.test(token)) return `its awk program uses ${JSON.stringify(token)}`;
    if (token === '\\') return 'its awk program could not be read';
    if (token === '@') return 'its awk program loads or calls what is not certain';
    if (token === '|' || token === '|&') return 'its awk program runs a command';
    // Inside parentheses, and in a pattern, it compares; elsewhere it may be the redirect of a print.
    if ((token === '>' || token === '>>') && (token === '>>' || (braces > 0 && parens <= 0)))
      return 'its awk program may write a file';
    if (!/^\s+$/.test(token) || token.includes('\n')) before = token;
  }
  return undefined;
}

function tokenAt(text: string, at: number, before: string): string | undefined {
  const rest = text.slice(at);
  const space = /^(?:[ \t]+|\n|#[^\n]*)/.exec(rest);
  if (space) return space[0];
  if (rest[0] === '"') return /^"(?:[^"\\\n]|\\[\s\S])*"/.exec(rest)?.[0];
  if (rest[0] === '/' && BEFORE_REGEX.test(before)) {
    const regex = /^\/(?:[^/\\\n]|\\[^\n])*\//.exec(rest)?.[0];
    // A slash in brackets ends the expression for one awk and not for another.
    return regex === undefined || /\[[^\]]*$/.test(regex.slice(1, -1)) ? undefined : regex;
  }
  return /^(?:[A-Za-z_]\w*|\d[\w.]*|\|\||&&|\|&|>>|>=|<=|==|!=|!~|\+\+|--|[-+*/%^]=|[\s\S])/.exec(rest)?.[0];
}
