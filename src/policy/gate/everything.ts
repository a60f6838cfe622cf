/**
 * Every command that is written anywhere in a shell text, as far as it can be read: in lists, substitutions, functions, and in
 * what wrappers are given. For the strict words (built-in refusals, `gate.refuse`, `gate.ask`): finding too much is their safe
 * side. Never throws. Pure.
 */
import { type Command, forEachChild, parse, type Function as ShellFunction, type SyntaxNode, type Word } from 'unbash';
import { catastropheOf, isDisk } from './catastrophe.js';

export interface Written {
  words: string[];
  part: string;
}

export interface Everything {
  commands: Written[];
  /** The first thing that is refused whatever the config says. */
  catastrophe?: { reason: string; part: string };
}

/** Programs whose arguments are, or hold, another command. */
const WRAPPERS =
  /^(sudo|doas|su|env|nohup|time|nice|ionice|timeout|stdbuf|setsid|command|builtin|exec|eval|xargs|parallel|watch|ssh|find|fd|sh|bash|dash|zsh|ksh|ash|busybox|toybox|chroot|unshare|nsenter|strace|ltrace|flock|script|docker|podman|kubectl|docker-compose|systemd-run|pkexec|runuser|at|batch|trap|caffeinate|chrt|taskset|proot|tmux|screen|coproc|then|do|else)$/;
/** A wrapper in a wrapper in a wrapper: deeper is nobody's honest command. */
const DEPTH = 4;

export function everythingIn(text: string): Everything {
  const found: Everything = { commands: [] };
  collect(text, found, DEPTH);
  return found;
}

function collect(text: string, found: Everything, depth: number): void {
  try {
    // A stack of our own: deep nesting in a hostile command must not end in a stack overflow.
    const open: SyntaxNode[] = [parse(text)];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.type === 'Command') addCommand(node, { found, depth, text });
      if (node.type === 'Redirect' && node.operator.includes('>') && isDisk(node.target?.value ?? ''))
        refuse(found, 'it overwrites a disk', text);
      if (node.type === 'Function' && isBomb(node)) refuse(found, 'it starts copies of itself without end', text);
      const children: SyntaxNode[] = [];
      forEachChild(node, (child) => children.push(child));
      open.push(...children.reverse());
    }
  } catch {
    // The parser is made for broken text; should it fail all the same, the text is asked by whoever wants to read it as a whole.
  }
}

const refuse = (found: Everything, reason: string, part: string): void => {
  found.catastrophe ??= { reason, part };
};

function addCommand(node: Command, { found, depth, text }: { found: Everything; depth: number; text: string }): void {
  const words = [
    ...(node.name ? [node.name] : []),
    ...node.suffix.filter((part): part is Word => part.type === 'Word'),
  ].flatMap((word) => bracesOf(word.value));
  add(words, { found, depth, part: text.slice(node.pos, node.end) || words.join(' ') });
}

/** `{rm,-rf,/}` is three words. */
const bracesOf = (value: string): string[] => /^\{([^{}]*,[^{}]*)\}$/.exec(value)?.[1]?.split(',') ?? [value];

function add(words: string[], { found, depth, part }: { found: Everything; depth: number; part: string }): void {
  if (words.length === 0) return;
  found.commands.push({ words, part });
  const reason = catastropheOf(words);
  if (reason) refuse(found, reason, part);
  const name = words[0]!.slice(words[0]!.lastIndexOf('/') + 1);
  if (depth === 0 || !WRAPPERS.test(name)) return;
  // Wherever the inner command begins: every rest of the words is tried as one.
  for (let at = firstInner(name, words); at < Math.min(words.length, 40); at++) {
    const word = words[at]!;
    if (/\s|[;&|]/.test(word)) collect(word, found, depth - 1);
    else if (/^[\w./-]+$/.test(word) && !word.startsWith('-')) add(words.slice(at), { found, depth: 0, part });
  }
}

/** Where an inner command may begin at the earliest; the words before it are only names. */
function firstInner(name: string, words: readonly string[]): number {
  const marker = INNER[name];
  if (name === 'command' && /^-[vV]/.test(words[1] ?? '')) return words.length;
  if (marker === undefined) return 1;
  const at = words.findIndex((word) => marker.test(word));
  return at < 0 ? words.length : at + 1;
}
const INNER: Readonly<Record<string, RegExp>> = {
  find: /^-(exec|ok)/,
  fd: /^(-x|-X|--exec)/,
  docker: /^(exec|run)$/,
  podman: /^(exec|run)$/,
  kubectl: /^(exec|run|debug)$/,
  'docker-compose': /^(exec|run)$/,
};

/** A function that calls itself in the background or in a pipe: the fork bomb. */
function isBomb(node: ShellFunction): boolean {
  const name = node.name.value;
  const open: SyntaxNode[] = [node.body];
  let calls = 0;
  let spreads = false;
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    if (inner.type === 'Command' && inner.name?.value === name) calls++;
    if (inner.type === 'Pipeline' || (inner.type === 'Statement' && inner.background)) spreads = true;
    forEachChild(inner, (child) => open.push(child));
  }
  return calls > 0 && spreads;
}
