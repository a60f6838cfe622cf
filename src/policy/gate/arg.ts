/**
 * One word of a command as the program will get it, or as much of that as is certain before the shell runs. Pure. Invariant:
 * `fixed` only when bash would hand over exactly `value`, as one word; whatever this file does not know is a problem, never a guess.
 */
import type { BraceExpansionPart, DoubleQuotedChild, Word, WordPart } from 'unbash';

export interface Arg {
  /** As it is written. */
  text: string;
  /** What the program gets; where it is not fixed, the unknown rest is as written. */
  value: string;
  fixed: boolean;
  /** Every word that comes of it begins with this. */
  prefix: string;
  /** It may become no word or several. */
  many: boolean;
  /** Each of the several may begin with anything. */
  splits: boolean;
}

/** Variables bound by a loop or `read` around the command, each with what is known of its value. */
export type Scope = ReadonlyMap<string, Arg>;

export const fixedArg = (value: string, text = value): Arg => ({
  text,
  value,
  fixed: true,
  prefix: value,
  many: false,
  splits: false,
});

/** A value of which nothing is known but how it begins. */
export const looseArg = (text: string, prefix = ''): Arg => ({
  text,
  value: text,
  fixed: false,
  prefix,
  many: false,
  splits: false,
});

/** True when the shell could turn the word into a flag that nobody wrote. */
export const mayBeFlag = (arg: Arg): boolean =>
  !arg.fixed && (arg.splits || arg.prefix === '' || arg.prefix[0] === '-');

interface Piece {
  value: string;
  fixed: boolean;
  /** What an unknown piece surely begins with. */
  begins?: string;
  many?: boolean;
  splits?: boolean;
}
type Read = Piece | { problem: string };

/**
 * The words that a written word becomes (a brace expansion becomes several), or why that cannot be told. `showsNothing`: the
 * program only compares, so a variable that may hold a secret gives nothing away.
 */
export function readWord(word: Word, scope: Scope, showsNothing = false): Arg[] | string {
  const parts: readonly WordPart[] = word.parts ?? [
    { type: 'Literal', pos: word.pos, end: word.end, text: word.text, value: word.value },
  ];
  let made: Piece[][] = [[]];
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1];
    if (part.type === 'BraceExpansion') {
      const choices = braceChoices(part);
      if (typeof choices === 'string') return choices;
      made = made.flatMap((pieces) => choices.map((choice) => [...pieces, choice]));
      if (made.length > BRACES_MAX) return `${quote(word.text)} expands to more than ${BRACES_MAX} words`;
      continue;
    }
    const read = readPart(part, { scope, isFirst: at === 0, next: next?.text ?? '', showsNothing });
    if ('problem' in read) return read.problem;
    for (const pieces of made) pieces.push(read);
  }
  return made.map((pieces) => join(word.text, pieces));
}

/** More would be a program, not a command that somebody reads. */
const BRACES_MAX = 50;

function join(text: string, pieces: readonly Piece[]): Arg {
  const known = pieces.findIndex((piece) => !piece.fixed);
  const before = (known < 0 ? pieces : pieces.slice(0, known)).map((piece) => piece.value).join('');
  return {
    text,
    value: pieces.map((piece) => piece.value).join(''),
    fixed: known < 0,
    prefix: before + (known < 0 ? '' : (pieces[known]!.begins ?? '')),
    many: pieces.some((piece) => piece.many === true),
    splits: pieces.some((piece) => piece.splits === true),
  };
}

/** Numbers, and names that are known to stand for numbers: the value of any other name is calculated in turn, and may be code. */
function calculates(text: string, scope: Scope): boolean {
  const inner = /^\$\(\(([\w\s+*/%()-]*)\)\)$/.exec(text)?.[1];
  const names = inner?.match(/[A-Za-z_]\w*/g) ?? [];
  return (
    inner !== undefined &&
    !/\+\+|--|\d[A-Za-z_]/.test(inner) &&
    names.every((name) => scope.get(name)?.fixed === true && /^\d{1,15}$/.test(scope.get(name)!.value))
  );
}

interface Place {
  scope: Scope;
  isFirst: boolean;
  next: string;
  showsNothing: boolean;
}

function readPart(part: WordPart, place: Place): Read {
  switch (part.type) {
    case 'Literal':
      return readBare(part.text, part.value, place);
    case 'Glob':
      if (part.kind === 'bracket' && !/^\[[\w!^.,: -]*\]$/.test(part.text)) return unknown(part.text);
      return { value: part.text, fixed: false, many: true };
    case 'SingleQuoted':
      return { value: part.value, fixed: true };
    case 'AnsiCQuoted':
      // Only the escapes that nobody can read differently.
      return /^\$'(?:[^\\']|\\[tn\\])*'$/.test(part.text) ? { value: part.value, fixed: true } : unknown(part.text);
    case 'DoubleQuoted':
      return readQuoted(part.parts, place);
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return readVariable(part, { ...place, quoted: false });
    case 'ArithmeticExpansion':
      return calculates(part.text, place.scope)
        ? { value: part.text, fixed: false }
        : { problem: `${quote(part.text)} calculates with names, which can run commands` };
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      return { problem: `${quote(part.text)} is made of another command's output` };
    default:
      return unknown(part.text);
  }
}

/** As in `HEAD@{1}..main`: one pair of braces that holds no list and no range stays as it is. */
const LONE_BRACES = /^[^{}]*\{[^{},.]*\}[^{},]*$/;

const unknown = (text: string): Read => ({ problem: `the shell would expand ${quote(text)}` });

function readBare(text: string, value: string, { isFirst, next }: Place): Read {
  if (text.includes('\\\n')) return { problem: `${quote(text)} goes on behind a line end` };
  const plain = text.replace(/\\[\s\S]/g, '');
  // The parser forgives what bash calls a syntax error; an operator left inside a word is one.
  if (/[;&|()<>`"'\n]/.test(plain) || /\$(?!$)/.test(plain) || (plain.endsWith('$') && next !== ''))
    return unknown(text);
  if (text === '[') return { value, fixed: true };
  if (/[*?[]/.test(plain) || (/\{.*(?:,|\.\.)/.test(plain) && !LONE_BRACES.test(plain))) {
    // An unclosed bracket or brace stays as it is; that it is unclosed is for the shell to say.
    return /^[^*?{]*$/.test(plain) && plain.includes('[') ? { value, fixed: false, many: true } : unknown(text);
  }
  if (text.replace(/\\([\s\S])/g, '$1') !== value) return unknown(text);
  if (isFirst && text.startsWith('~'))
    return { value, fixed: false, begins: text[1] === '/' || text === '~' ? '/' : '~' };
  const tilde = /[=:]~/.exec(plain);
  return tilde ? { value, fixed: false, begins: value.slice(0, value.indexOf('~')) } : { value, fixed: true };
}

function readQuoted(children: readonly DoubleQuotedChild[], outer: Place): Read {
  const pieces: Piece[] = [];
  for (const [at, child] of children.entries()) {
    const place = { ...outer, next: children[at + 1]?.text ?? '', isFirst: false };
    const read =
      child.type === 'Literal'
        ? readQuotedText(child.text, child.value)
        : child.type === 'SimpleExpansion' || child.type === 'ParameterExpansion'
          ? readVariable(child, { ...place, quoted: true })
          : readPart(child, place);
    if ('problem' in read) return read;
    pieces.push(read);
  }
  const { value, fixed, prefix } = join('', pieces);
  return { value, fixed, begins: prefix, many: pieces.some((piece) => piece.many === true) };
}

function readQuotedText(text: string, value: string): Read {
  const plain = text.replace(/\\[\s\S]/g, '');
  if (/["`]/.test(plain) || /\$(?![|)\s/.,;:%]|$)/.test(plain) || text.includes('\\\n')) return unknown(text);
  const mine = text.replace(/\\([$`"\\])/g, '$1');
  return mine === value ? { value, fixed: true } : unknown(text);
}

/** Set by bash and by us to absolute paths without anything that splits; never where the command itself could set them. */
const PATHS = new Set(['HOME', 'PWD', 'TEND_DATA_DIR']);
/** Known to hold no secret. */
const OPEN = new Set(
  'USER LOGNAME HOSTNAME SHELL LANG TERM PATH OLDPWD UID EUID PPID RANDOM SECONDS LINENO BASH_VERSION OSTYPE EDITOR TMPDIR'.split(
    ' ',
  ),
);

/** True for a variable whose value may be shown. */
export const isOpenVariable = (name: string): boolean => PATHS.has(name) || OPEN.has(name) || /^LC_[A-Z]+$/.test(name);

function readVariable(
  part: Extract<WordPart, { type: 'SimpleExpansion' | 'ParameterExpansion' }>,
  { scope, next, quoted, showsNothing }: Place & { quoted: boolean },
): Read {
  const { text } = part;
  const name = /^\$(?:\{([A-Za-z_]\w*|[?#$!])\}|([A-Za-z_]\w*|[?#$!]))$/.exec(text);
  const known = name?.[1] ?? name?.[2];
  if (known === undefined) return readCut(text, { scope, quoted });
  const bound = scope.get(known);
  if (bound) {
    if (bound.fixed && (quoted || /^[\w./:@%+=,-]+$/.test(bound.value))) return { value: bound.value, fixed: true };
    return { value: text, fixed: false, begins: bound.prefix, ...(quoted ? {} : { many: true, splits: true }) };
  }
  // Behind a path comes a slash or nothing: anything else would make a name of it that nobody knows.
  if (PATHS.has(known)) return { value: text, fixed: false, begins: next === '' || next[0] === '/' ? '/' : '' };
  if (!showsNothing && !isOpenVariable(known) && !/^[?#$!]$/.test(known))
    return { problem: `${quote(text)} may hold anything, also a secret` };
  return { value: text, fixed: false, ...(quoted ? {} : { many: true, splits: true }) };
}

/** A part or a form of a value that may be shown. Nothing is run and nothing is set by it, as long as no expansion stands inside. */
function readCut(text: string, { scope, quoted }: { scope: Scope; quoted: boolean }): Read {
  const name = LENGTH.exec(text) ?? CUT.exec(text);
  if (!name || (!scope.has(name[1]!) && !isOpenVariable(name[1]!))) return unknown(text);
  return { value: text, fixed: false, ...(quoted ? {} : { many: true, splits: true }) };
}

const LENGTH = /^\$\{#([A-Za-z_]\w*)\}$/;
/** Cut at an end, replaced, changed in case, or a range of it. */
const CUT = /^\$\{([A-Za-z_]\w*)(?:(?:##?|%%?|\^\^?|,,?|\/\/?)[^$`{}'"\\!()<>&;|]*|:\d+(?::\d+)?)\}$/;

function braceChoices(part: BraceExpansionPart): Piece[] | string {
  const inner = part.text.slice(1, -1);
  const range = /^(0|[1-9]\d{0,8})\.\.(0|[1-9]\d{0,8})$/.exec(inner);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const count = Math.abs(to - from) + 1;
    if (count > BRACES_MAX) return `${quote(part.text)} expands to more than ${BRACES_MAX} words`;
    return Array.from({ length: count }, (_, at) => ({
      value: String(to > from ? from + at : from - at),
      fixed: true,
    }));
  }
  const letters = /^([a-z])\.\.([a-z])$/.exec(inner);
  if (letters && letters[1]! <= letters[2]!) {
    const first = letters[1]!.charCodeAt(0);
    return Array.from({ length: letters[2]!.charCodeAt(0) - first + 1 }, (_, at) => ({
      value: String.fromCharCode(first + at),
      fixed: true,
    }));
  }
  // Nothing but plain names between the commas: the only form that needs no second thought.
  if (!/^[\w./@%+-]*(,[\w./@%+-]*)+$/.test(inner)) return `the shell would expand ${quote(part.text)}`;
  return inner.split(',').map((value) => ({ value, fixed: true }));
}

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
