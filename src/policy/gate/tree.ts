/**
 * A shell text → the commands it certainly runs, or what stands in the way of knowing them. Pure. Invariant: without an
 * objection, every command that bash would run on this text is among `onCommand`'s calls, with the words it would get.
 */
import type {
  AndOr,
  Assignment,
  Command,
  CommandNode,
  CompoundList,
  For,
  If,
  Pipeline,
  Redirected,
  Script,
  Statement,
  TestCommand,
  While,
} from 'unbash';
import { type Arg, looseArg, readWord, type Scope } from './arg.js';
import { gap } from './gaps.js';
import { walkRedirect } from './redirect.js';
import { isHarmlessSetting } from './settings.js';
import { testProblem } from './test-command.js';
import { ask, MORE, type Result, type Span, secretOf, slice, type Walk } from './walk.js';

/** The first objection in a whole text. */
export function walkScript(walk: Walk, script: Script): Result {
  const { source } = walk;
  if (script.commands.length === 0) return { verdict: 'ask', reason: 'it holds no command', part: source };
  const first = script.commands[0]!;
  const last = script.commands.at(-1)!;
  if (!/^\n*$/.test(gap(source, 0, first.pos)) || !/^(;\n*|\n*)$/.test(gap(source, last.end, source.length)))
    return { verdict: 'ask', reason: MORE, part: source };
  return walkList(walk, script.commands, new Map());
}

function walkList(walk: Walk, statements: readonly Statement[], outer: Scope): Result {
  let scope = outer;
  for (const [at, statement] of statements.entries()) {
    const next = statements[at + 1];
    if (next && !/^(;\n*|\n+)$/.test(gap(walk.source, statement.end, next.pos)) && !statement.background)
      return ask(walk, statement, MORE);
    const named = statement.background ? undefined : namesSet(walk, statement.command, scope);
    if (named) {
      scope = named;
      continue;
    }
    const result = statement.background
      ? ask(walk, statement, 'it is left running in the background')
      : walkNode(walk, statement.command, scope);
    if (result) return result;
  }
  return undefined;
}

/** `name=word` alone binds the name for what follows in its list: a word that is fixed, and a name that no program looks at. */
function namesSet(walk: Walk, node: CommandNode | Pipeline | AndOr, scope: Scope): Scope | undefined {
  if (node.type !== 'Command' || node.name || node.suffix.length > 0 || node.prefix.length === 0) return undefined;
  const bound = new Map(scope);
  for (const [at, part] of node.prefix.entries()) {
    const before = at === 0 ? node.pos : node.prefix[at - 1]!.end;
    if (part.type !== 'Assignment' || gap(walk.source, before, part.pos) !== '') return undefined;
    const [arg, ...more] = part.value?.type === 'Word' ? readWord(part.value, scope) : [];
    if (typeof arg !== 'object' || more.length > 0 || !arg.fixed || part.text !== `${part.name}=${arg.text}`)
      return undefined;
    if (!isOwnName(part.name ?? '', bound) || secretOf(walk, part, arg)) return undefined;
    bound.set(part.name!, arg);
  }
  return node.prefix.at(-1)!.end === node.end ? bound : undefined;
}

function walkNode(walk: Walk, node: CommandNode | Pipeline | AndOr, scope: Scope): Result {
  switch (node.type) {
    case 'Command':
      return walkCommand(walk, node, scope);
    case 'Pipeline':
      return walkPipeline(walk, node, scope);
    case 'AndOr':
      return walkChain(walk, node, { operators: node.operators, scope });
    case 'Subshell':
      return walkFrame(walk, node, { frame: [/^\($/, /^;?\n*\)$/], bodies: [node.body], scope });
    case 'BraceGroup':
      return walkFrame(walk, node, { frame: [/^\{\n*$/, /^(;\n*|\n+)\}$/], bodies: [node.body], scope });
    case 'For':
      return walkFor(walk, node, scope);
    case 'While':
      return walkWhile(walk, node, scope);
    case 'If':
      return walkIf(walk, node, scope);
    case 'Redirected':
      return walkRedirected(walk, node, scope);
    case 'TestCommand':
      return walkTest(walk, node, scope);
    case 'Function':
      return ask(walk, node, 'it defines a function');
    default:
      return ask(walk, node, 'its form is not one that is judged');
  }
}

function walkPipeline(walk: Walk, node: Pipeline, scope: Scope): Result {
  const [first] = node.commands;
  if (!first) return ask(walk, node, MORE);
  const front = gap(walk.source, node.pos, first.pos);
  const written = node.prefixes.map((prefix) => slice(walk, prefix).replace(/\s/g, '')).join('');
  if (front !== written || !/^(!|time(-p)?)*$/.test(front)) return ask(walk, node, MORE);
  return walkChain(walk, node, { operators: node.operators, scope });
}

function walkChain(
  walk: Walk,
  node: Pipeline | AndOr,
  { operators, scope }: { operators: readonly string[]; scope: Scope },
): Result {
  for (const [at, command] of node.commands.entries()) {
    const next = node.commands[at + 1];
    const between = next ? gap(walk.source, command.end, next.pos).replace(/\n+$/, '') : undefined;
    if (between !== undefined && between !== operators[at]) return ask(walk, node, MORE);
    const fed = walk.stdin.fed;
    const before = node.type === 'Pipeline' ? node.commands[at - 1] : undefined;
    if (before && !/^(?:echo|true|:)$/.test(slice(walk, before))) walk.stdin.fed = true;
    const result = walkNode(walk, command, scope);
    if (result) return result;
    if (before) walk.stdin.fed = fed;
  }
  return undefined;
}

/** A compound command: its bodies in order, and what must stand before, between and behind them. */
function walkFrame(
  walk: Walk,
  node: Span,
  { frame, bodies, scope }: { frame: readonly RegExp[]; bodies: readonly CompoundList[]; scope: Scope },
): Result {
  let from = node.pos;
  for (const [at, body] of bodies.entries()) {
    const [first, last] = [body.commands[0], body.commands.at(-1)];
    if (!first || !last || !frame[at]!.test(gap(walk.source, from, first.pos))) return ask(walk, node, MORE);
    const result = walkList(walk, body.commands, scope);
    if (result) return result;
    from = last.end;
  }
  return frame[bodies.length]!.test(gap(walk.source, from, node.end)) ? undefined : ask(walk, node, MORE);
}

function walkIf(walk: Walk, node: If, scope: Scope): Result {
  const branches = node.elif.flatMap((branch) => [branch.clause, branch.then]);
  const bodies = [node.clause, node.then, ...branches, ...(node.else ? [node.else] : [])];
  const then = /^(;\n*|\n+)then\n*$/;
  const frame = [
    /^if\n*$/,
    then,
    ...node.elif.flatMap(() => [/^(;\n*|\n+)elif\n*$/, then]),
    ...(node.else ? [/^(;\n*|\n+)else\n*$/] : []),
    /^(;\n*|\n+)fi$/,
  ];
  return walkFrame(walk, node, { frame, bodies, scope });
}

const DO = /^(;\n*|\n+)do\n*$/;
const DONE = /^(;\n*|\n+)done$/;

/** `while read NAME` binds a name to lines of which nothing is known. */
function walkWhile(walk: Walk, node: While, scope: Scope): Result {
  const frame = [node.kind === 'while' ? /^while\n*$/ : /^until\n*$/, DO, DONE];
  const [only, ...more] = node.clause.commands;
  const names =
    only && more.length === 0 && only.command.type === 'Command' ? namesRead(only.command, scope) : undefined;
  if (!only || names === undefined) return walkFrame(walk, node, { frame, bodies: [node.clause, node.body], scope });
  if (!frame[0]!.test(gap(walk.source, node.pos, only.pos)) || only.background) return ask(walk, node, MORE);
  const inner = new Map([...scope, ...names.map((name) => [name, looseArg(`$${name}`)] as const)]);
  return walkFrame(
    walk,
    { pos: only.end, end: node.end },
    { frame: frame.slice(1), bodies: [node.body], scope: inner },
  );
}

/** Lower case and no proxy: no program takes such a variable from its environment. */
const isOwnName = (name: string, scope: Scope): boolean =>
  /^[a-z][a-z0-9_]*$/.test(name) && !name.endsWith('_proxy') && !scope.has(name);

/** Where `read` splits is all the same, since nothing is known of what it reads. */
const IFS = /^IFS=(?:[,:;|=]|'[^'\\]{0,3}'|"[,:;|= ]"|\$'\\[tn]')?$/;

function namesRead(command: Command, scope: Scope): string[] | undefined {
  const words = [command.name, ...command.suffix].map((word) =>
    word?.type === 'Word' && !word.parts ? word.text : '',
  );
  const [read, ...rest] = words;
  if (read !== 'read' || !command.prefix.every((one) => one.type === 'Assignment' && IFS.test(one.text)))
    return undefined;
  const names = rest[0] === '-r' ? rest.slice(1) : rest;
  return names.length > 0 && names.every((name) => isOwnName(name, scope)) ? names : undefined;
}

/** The body is judged once for every word, because the word may be what makes it harmful. */
function walkFor(walk: Walk, node: For, scope: Scope): Result {
  const { wordlist, name, body } = node;
  const [first, last] = [body.commands[0], body.commands.at(-1)];
  if (!wordlist?.length || !first || !last || name.parts || !isOwnName(name.text, scope))
    return ask(walk, node, 'what its loop runs over is not certain');
  const words = wordlist.map((word, at) => ({ from: at === 0 ? name.end : wordlist[at - 1]!.end, to: word.pos, word }));
  const isClean =
    gap(walk.source, node.pos, name.pos) === 'for' &&
    words.every(({ from, to }, at) => gap(walk.source, from, to).replace(/^\n+/, '') === (at === 0 ? 'in' : '')) &&
    DO.test(gap(walk.source, wordlist.at(-1)!.end, first.pos)) &&
    DONE.test(gap(walk.source, last.end, node.end));
  if (!isClean) return ask(walk, node, MORE);
  for (const word of wordlist) {
    const values = readWord(word, scope);
    if (typeof values === 'string') return ask(walk, word, values);
    for (const value of values) {
      if (walk.rounds.left-- <= 0) return ask(walk, node, 'its loops run over more words than are judged');
      // One of several words of a pattern is one word; one of a split variable may begin with anything.
      const bound = value.fixed
        ? value
        : { ...value, many: false, splits: false, prefix: value.splits ? '' : value.prefix };
      const result =
        secretOf(walk, word, value) ?? walkList(walk, body.commands, new Map([...scope, [name.text, bound]]));
      if (result) return result;
    }
  }
  return undefined;
}

function walkTest(walk: Walk, node: TestCommand, scope: Scope): Result {
  const problem = testProblem(node, walk.source, scope);
  return problem ? ask(walk, node, problem) : undefined;
}

function walkRedirected(walk: Walk, node: Redirected, scope: Scope): Result {
  let from = node.command.end;
  for (const redirect of node.redirects) {
    if (gap(walk.source, from, redirect.pos) !== '') return ask(walk, node, MORE);
    const result = walkRedirect(walk, redirect, scope);
    if (result) return result;
    from = redirect.end;
  }
  return from === node.end ? walkNode(walk, node.command, scope) : ask(walk, node, MORE);
}

/** Words that begin something when they stand first. */
const RESERVED =
  /^(!|\{|\}|\[\[|\]\]|case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while)$/;

function walkCommand(walk: Walk, node: Command, scope: Scope): Result {
  const { name, prefix, suffix } = node;
  const parts = [...prefix, ...(name ? [name] : []), ...suffix];
  for (const [at, part] of parts.entries())
    if (gap(walk.source, at === 0 ? node.pos : parts[at - 1]!.end, part.pos) !== '') return ask(walk, node, MORE);
  if (!name) return ask(walk, node, 'it sets variables or redirects, and runs nothing');
  if (parts.at(-1)!.end !== node.end || RESERVED.test(name.text)) return ask(walk, node, MORE);
  const args: Arg[] = [];
  for (const part of parts) {
    const result = walkPart(walk, part, { scope, args, showsNothing: /^(test|\[|psql)$/.test(name.text) });
    if (result) return result;
    if (part === name && args.length !== 1) return ask(walk, node, 'which program it runs is not certain');
  }
  return walk.onCommand(args, slice(walk, node));
}

function walkPart(
  walk: Walk,
  part: Command['prefix'][number] | Command['suffix'][number],
  { scope, args, showsNothing }: { scope: Scope; args: Arg[]; showsNothing: boolean },
): Result {
  if (part.type === 'Assignment') return walkAssignment(walk, part);
  if (part.type !== 'Word') return walkRedirect(walk, part, scope);
  const words = readWord(part, scope, showsNothing);
  if (typeof words === 'string') return ask(walk, part, words);
  args.push(...words);
  return undefined;
}

function walkAssignment(walk: Walk, part: Assignment): Result {
  const value = part.value.type === 'Word' ? readWord(part.value, new Map()) : [];
  const [arg] = value;
  const isFixed = typeof arg === 'object' && value.length === 1 && arg.fixed;
  if (isFixed && part.text === `${part.name}=${arg.text}` && isHarmlessSetting(part.name, arg.value)) return undefined;
  return ask(walk, part, `it sets ${JSON.stringify(part.name)}, which can change what the program does`);
}
