/**
 * Command shapes, pure: the words of `config.gate` against a command as the shell parser reads it. The promise: `simple` is
 * given only when the text is exactly one command made of fixed words, so nothing can hide behind a word that matches.
 */
import { type Command, forEachChild, parse, type SyntaxNode, type Word } from 'unbash';
import { isUnseen } from '../lib/terminal-safe.js';

export interface CommandReading {
  /** The words after quote removal, when the text is one plain command and nothing else. */
  simple?: string[];
  /** Why it is not one plain command, in words; present exactly when `simple` is absent. */
  why?: string;
  /** The words of every command anywhere inside: lists, pipelines, substitutions, functions. */
  inside: string[][];
}

/** Reads shell text; never throws, whatever the text is. */
export function readCommand(text: string): CommandReading {
  try {
    const script = parse(text);
    const { commands, problem } = walk(script);
    const inside = commands.map((command) => wordsOf(command).map((word) => word.value));
    const why = problem ?? whyNotPlain(text, script.commands.length, commands);
    const only = commands[0];
    if (why !== undefined || only === undefined) return { why: why ?? 'it holds no command', inside };
    return { simple: wordsOf(only).map((word) => word.value), inside };
  } catch {
    // The parser is made for broken text; should it fail all the same, nothing is known about the command.
    return { why: 'the shell parser could not read it', inside: [] };
  }
}

/**
 * True when the words have the shape: literal words, `*` inside a word for any text within that word, and a last word `*` for
 * any further words, also none. A blank shape matches nothing.
 */
export function matchesShape(shape: string, words: readonly string[]): boolean {
  const patterns = shape.split(/\s+/).filter((word) => word !== '');
  if (patterns.length === 0) return false;
  const open = patterns.at(-1) === '*';
  const fixed = open ? patterns.slice(0, -1) : patterns;
  if (open ? words.length < Math.max(1, fixed.length) : words.length !== fixed.length) return false;
  return fixed.every((pattern, at) => matchesWord(pattern, words[at]!));
}

/** `*` stands for any text. Greedy with one point to go back to, so a hostile word costs at most its length times the pattern's. */
function matchesWord(pattern: string, word: string): boolean {
  let p = 0;
  let w = 0;
  let star = -1;
  let mark = 0;
  while (w < word.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      mark = w;
    } else if (p < pattern.length && pattern[p] === word[w]) {
      p++;
      w++;
    } else if (star >= 0) {
      p = star + 1;
      w = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function walk(script: SyntaxNode): { commands: Command[]; problem?: string } {
  const commands: Command[] = [];
  let problem: string | undefined;
  // A stack of our own: deep nesting in a hostile command must not end in a stack overflow.
  const open: SyntaxNode[] = [script];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'Command') commands.push(node);
    if (node.type === 'Script' && 'errors' in node && node.errors?.length)
      problem ??= `the shell parser says: ${node.errors[0]!.message}`;
    forEachChild(node, (child) => open.push(child));
  }
  return { commands, ...(problem === undefined ? {} : { problem }) };
}

const wordsOf = (command: Command): Word[] => [
  ...(command.name ? [command.name] : []),
  ...command.suffix.filter((part): part is Word => part.type === 'Word'),
];

function whyNotPlain(text: string, statements: number, commands: readonly Command[]): string | undefined {
  if ([...text].some(isUnseen)) return 'it contains characters that cannot be seen';
  if (text.includes('\\\n')) return 'it continues over a line end';
  const only = commands[0];
  if (statements !== 1 || commands.length !== 1 || !only) return 'it is more than one plain command';
  if (only.prefix.length > 0) return 'it sets variables or redirects in front of the command';
  if (only.suffix.some((part) => part.type !== 'Word')) return 'it redirects or assigns';
  // What stands between its words would be an operator, a keyword, a comment, or something that the parser forgave.
  const words = wordsOf(only);
  const gaps = [
    ...words.map((word, at) => text.slice(words[at - 1]?.end ?? 0, word.pos)),
    text.slice(words.at(-1)?.end),
  ];
  if (/[^ \t\n]/.test(gaps.join(''))) return 'there is more in it than the words of a command';
  const loose = words.find((word) => !isFixed(word));
  return loose ? `the shell would expand ${JSON.stringify(loose.text)}` : undefined;
}

/** Quotes around plain text only; `$'…'` is left out because a difference in reading its escapes would be a way through. */
function isFixed(word: Word): boolean {
  if (/^~|[=:]~/.test(word.text)) return false;
  if (!word.parts) return isBare(word.text);
  return word.parts.every(
    (part) =>
      part.type === 'SingleQuoted' ||
      (part.type === 'Literal' && isBare(part.text)) ||
      (part.type === 'DoubleQuoted' && part.parts.every((child) => child.type === 'Literal')),
  );
}

/** The parser forgives what bash calls a syntax error: an operator left inside unquoted text is one, so it is no fixed word. */
const isBare = (text: string): boolean => !/[;&|()<>$`"'\n]/.test(text.replace(/\\[^\n]/g, ''));
