/** One command, its words known → may it run unasked? Pure. Deny by default: what no table lists is asked. */
import type { Arg } from './arg.js';
import { effectOf } from './effects.js';
import { CLOUD } from './families/cloud.js';
import { CODE } from './families/code.js';
import { CONTAINERS } from './families/containers.js';
import { DATABASES } from './families/databases.js';
import { FILES } from './families/files.js';
import { FORGE } from './families/forge.js';
import { GIT } from './families/git.js';
import { LOOKS } from './families/looks.js';
import { NETWORK } from './families/network.js';
import { NODE_PACKAGES } from './families/node-packages.js';
import { PACKAGES } from './families/packages.js';
import { PLATFORMS } from './families/platforms.js';
import { SHELL } from './families/shell.js';
import { SYSTEM } from './families/system.js';
import { TEXT } from './families/text.js';
import { WRAPPERS } from './families/wrappers.js';
import { grammarOf, readArgs } from './flags.js';
import { secretIn } from './secrets.js';
import type { Court, Family, Rule, Table } from './verdict.js';

const TABLES: readonly Table[] = [
  LOOKS,
  SHELL,
  WRAPPERS,
  FILES,
  TEXT,
  GIT,
  FORGE,
  NODE_PACKAGES,
  PACKAGES,
  // In front of the table that knows these programs by their version alone.
  PLATFORMS,
  CODE,
  CONTAINERS,
  CLOUD,
  DATABASES,
  NETWORK,
  SYSTEM,
];

/** Directories whose programs are what their names say. */
const TRUSTED = /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$|^\/opt\/homebrew\/bin\/([^/]+)$/;

/** Words that only name things, so that a secret's name among them gives nothing away. */
const NAMES_ONLY = new Set(
  'echo printf test [ ls stat basename dirname realpath readlink which type command find du openssl gh'.split(' '),
);

/** The reason to ask before this command runs, or undefined. */
export function objectionTo(args: readonly Arg[], court: Court): string | undefined {
  const [name, ...rest] = args;
  if (!name?.fixed) return `which program ${JSON.stringify(name?.text ?? '')} is, is not certain`;
  const trusted = TRUSTED.exec(name.value);
  const program = trusted?.[1] ?? trusted?.[2] ?? name.value;
  if (program.includes('/')) return `${JSON.stringify(program)} is a program of its own`;
  const rule = ruleOf(program);
  if (rule === undefined) return effectOf(program, rest) ?? `the program ${JSON.stringify(program)} is not known`;
  if (isHelp(rule, rest)) return undefined;
  const reason = isFamily(rule)
    ? judgeFamily(program, rule, { args: rest, court })
    : judgeRule(program, rule, { args: rest, court });
  if (reason !== undefined) return effectOf(program, rest) ?? reason;
  if (NAMES_ONLY.has(program) && !court.handsOn) return undefined;
  // The first word of these is a program of paths like `.key`, and no file.
  const filter = /^g?jq$/.test(program) ? rest.find((arg) => !arg.prefix.startsWith('-')) : undefined;
  for (const arg of rest) {
    // What a quoted pattern finds may be read by the next command.
    const secret =
      arg === filter ? undefined : (secretIn(arg) ?? (court.handsOn ? secretIn({ ...arg, fixed: false }) : undefined));
    if (secret) return secret;
  }
  return undefined;
}

export function ruleOf(program: string): Rule | Family | undefined {
  for (const table of TABLES) if (Object.hasOwn(table, program)) return table[program];
  return undefined;
}

const isFamily = (rule: Rule | Family): rule is Family => typeof rule === 'object' && 'sub' in rule;

/** `docker run --help`: nothing between the subcommand and the flag, so nothing else can be meant. */
function isHelp(rule: Rule | Family, args: readonly Arg[]): boolean {
  if (!isFamily(rule) || args.length > 2 || !args.every((arg) => arg.fixed)) return false;
  if (args.at(-1)?.value !== '--help') return false;
  if (args.length === 1) return true;
  const word = args[0]!.value;
  const isOwn = rule.own === undefined || Object.hasOwn(rule.sub, word) || rule.own.test(word);
  return isOwn && /^[a-z][a-z-]*$/.test(word);
}

interface Case {
  args: readonly Arg[];
  court: Court;
}

function judgeRule(program: string, rule: Rule, { args, court }: Case): string | undefined {
  if (typeof rule === 'function') return rule(args, court);
  const { flags, args: pattern } = typeof rule === 'string' ? { flags: rule, args: undefined } : rule;
  const { problem, positionals } = readArgs(grammarOf(flags), args);
  if (problem) return `"${program}": ${problem}`;
  const odd = pattern && positionals.find((arg) => !arg.fixed || !pattern.test(arg.value));
  return odd ? `"${program}": ${JSON.stringify(odd.text)} is not known to be harmless here` : undefined;
}

/** Words of a subcommand at most, as in `docker compose ps` or `gcloud compute instances list`. */
const PATH_WORDS = 4;

function judgeFamily(program: string, family: Family, { args, court }: Case): string | undefined {
  const { globals = '', common = '', sub, bare } = family;
  const grammar = grammarOf(`${globals} ${common}`);
  const keys = Object.keys(sub);
  let path = '';
  let rest = args;
  for (let words = 0; words < PATH_WORDS; words++) {
    const at = firstWord(grammar, rest);
    const word = rest[at];
    if (!word?.fixed) break;
    const longer = path === '' ? word.value : `${path} ${word.value}`;
    if (!keys.some((key) => key === longer || key.startsWith(`${longer} `))) break;
    const { problem } = readArgs(grammar, rest.slice(0, at));
    if (problem) return `"${program}": ${problem}`;
    path = longer;
    rest = rest.slice(at + 1);
  }
  if (path === '' && bare !== undefined && firstWord(grammar, args) >= args.length)
    return judgeRule(program, bare, { args, court });
  const rule = Object.hasOwn(sub, path) ? sub[path] : undefined;
  const shown = `${program}${path === '' ? '' : ` ${path}`}`;
  if (rule === undefined) {
    const next = rest[firstWord(grammar, rest)]?.text;
    return `"${shown}${next === undefined ? '' : ` ${next}`}" is not known to only read`;
  }
  return judgeRule(shown, withCommon(rule, common), { args: rest, court });
}

function withCommon(rule: Rule, common: string): Rule {
  if (common === '' || typeof rule === 'function') return rule;
  return typeof rule === 'string' ? `${rule} ${common}` : { ...rule, flags: `${rule.flags} ${common}` };
}

/** Index of the first argument that is neither a flag nor the value of one. */
function firstWord(grammar: ReturnType<typeof grammarOf>, args: readonly Arg[]): number {
  let at = 0;
  while (at < args.length && args[at]!.prefix.startsWith('-')) {
    const { value } = args[at]!;
    at += grammar.takes.has(value) ? 2 : 1;
  }
  return at;
}
