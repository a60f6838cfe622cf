/** Builtins, and programs with a little language of their own: find, sed, awk, interpreters. Wrappers are in wrappers.ts. */
import { type Arg, fixedArg, isOpenVariable, looseArg, mayBeFlag } from '../arg.js';
import { awkProblem } from '../awk.js';
import { grammarOf, readArgs } from '../flags.js';
import { sedProblem } from '../sed.js';
import { type Court, each, type Rule, type Table } from '../verdict.js';

const find: Rule = (args, court) => {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!arg.fixed || !/^-(exec|execdir)$/.test(arg.value)) {
      // Whatever stands behind such a word is its value: `-name -name -delete` is a name and a deletion.
      const value = arg.fixed && FIND_TAKES.test(arg.value) ? args[++at] : undefined;
      const odd = value ? (value.many && mayBeFlag(value) ? value : undefined) : isFindWord(arg) ? undefined : arg;
      if (odd) return `"find": ${JSON.stringify(odd.text)} is not known to only look`;
      continue;
    }
    const end = args.findIndex(
      (one, index) => index > at && (one.value === ';' || (one.value === '+' && args[index - 1]!.value === '{}')),
    );
    if (end < 0) return 'what it runs is not certain';
    // What is found begins with where the search began, so it is never a flag.
    const inner = args
      .slice(at + 1, end)
      .map((one) =>
        one.value.includes('{}')
          ? looseArg(one.text, one.value.startsWith('{}') ? './' : one.value.slice(0, one.value.indexOf('{}')))
          : one,
      );
    const reason = court.command(inner);
    if (reason) return reason;
    at = end;
  }
  return undefined;
};

const FIND_TAKES =
  /^-(name|iname|path|ipath|wholename|regex|iregex|regextype|type|xtype|maxdepth|mindepth|size|mtime|mmin|atime|amin|ctime|cmin|newer|newer[aBcm][aBcmt]|anewer|cnewer|user|group|uid|gid|perm|links|inum|samefile|fstype|used|lname|ilname|printf|D)$/;
const FIND_ALONE =
  /^-(print|print0|ls|prune|quit|empty|a|and|o|or|not|depth|d|xdev|mount|follow|H|L|P|E|s|x|X|O[0-3]|daystart|noleaf|readable|writable|executable|nouser|nogroup|true|false|warn|nowarn|ignore_readdir_race)$/;

const isFindWord = (arg: Arg): boolean =>
  !mayBeFlag(arg) && (!arg.value.startsWith('-') || (arg.fixed && FIND_ALONE.test(arg.value)));

const SETTINGS = /^[-+][eux]*(o)?$/;
const set: Rule = (args) => {
  const isHarmless =
    args.length > 0 &&
    args.every(
      ({ fixed, value }, at) =>
        fixed && (SETTINGS.test(value) || (value === 'pipefail' && /o$/.test(args[at - 1]?.value ?? ''))),
    );
  return isHarmless ? undefined : 'it shows or changes the settings of the shell';
};

/** `-v` and `-R` look into variables, whose subscripts can run commands; a word that is not certain may become one of them. */
const test: Rule = (args) => {
  if (args.some((arg) => /^-[vR]$/.test(arg.value))) return 'it looks into variables';
  if (args.every((arg) => arg.fixed)) return undefined;
  const words = args.filter(
    (arg, at) => !(arg.value === ']' && at === args.length - 1) && !(arg.value === '!' && at === 0),
  );
  const isClear =
    words.every((arg) => !arg.splits && !arg.many) &&
    (words.length === 1 ||
      (words.length === 2 && words[0]!.fixed && /^-[a-zA-Z]$/.test(words[0]!.value)) ||
      (words.length === 3 && words[1]!.fixed && /^(=|==|!=|<|>|-(eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(words[1]!.value)));
  return isClear ? undefined : 'what it tests is not certain';
};

const awk: Rule = (args) => {
  const { problem, positionals } = readArgs(
    grammarOf('-F: -v: --re-interval --posix'),
    argsToProgram(args, '-F', '-v'),
  );
  if (problem) return `"awk": ${problem}`;
  const [program] = positionals;
  return program?.fixed ? awkProblem(program.value) : 'what its program does is not certain';
};

/** awk ends its flags at the program; what stands behind are files, which only a careless name makes flags of nothing. */
function argsToProgram(args: readonly Arg[], ...takes: string[]): Arg[] {
  let at = 0;
  while (at < args.length && args[at]!.prefix.startsWith('-') && args[at]!.value !== '--')
    at += takes.includes(args[at]!.value) ? 2 : 1;
  return args.slice(0, at + 1);
}

const sed: Rule = (args) => {
  const { problem, positionals, flags } = readArgs(
    grammarOf(
      '-n --quiet --silent -E -r --regexp-extended -s --separate -u --unbuffered -z --null-data -e: --expression: --posix --debug -l:',
    ),
    args,
  );
  if (problem) return `"sed": ${problem}`;
  const given = flags.filter((flag) => flag.name === '-e' || flag.name === '--expression').map((flag) => flag.value);
  const scripts = given.length > 0 ? given : [positionals[0]?.fixed ? positionals[0].value : undefined];
  if (given.length > 0 && args.some((arg) => !arg.fixed && /^-|[$`{]/.test(arg.value)))
    return 'what its script does is not certain';
  for (const script of scripts) {
    const reason = script === undefined ? 'what its script does is not certain' : sedProblem(script);
    if (reason) return reason;
  }
  return undefined;
};

/** `-v` and `%n` set variables. */
const printf: Rule = (args) => {
  const [first] = args;
  const isPlain = first === undefined || (first.fixed && !/^-|%[-+ #0-9.*]*n/.test(first.value));
  return isPlain ? undefined : 'it may set a variable';
};

export const SHELL: Table = {
  printf,
  test,
  '[': test,
  set,
  exit: '@1',
  break: '@1',
  continue: '@1',
  umask: '-S @0',
  ulimit: '-a -n -H -S @0',
  jobs: '@0',
  // A shell that nobody types into has neither; what sets or deletes has more words.
  history: { flags: '@1', args: /^\d+$/ },
  alias: '@0',
  hash: '@0',
  dirs: '@0',
  times: '@0',
  printenv: (args) =>
    args.length > 0 && args.every((arg) => arg.fixed && isOpenVariable(arg.value))
      ? undefined
      : 'the environment may hold secrets',
  ...each('eval', () => 'it runs text as a command'),
  find,
  ...each('awk,gawk,mawk,nawk', awk),
  ...each('sed,gsed', sed),
  python3: pythonRule,
  python: pythonRule,
  ...each('node,ruby,perl', '+--version +-v @0'),
  // `-l` only looks at the syntax; `-i` shows the environment.
  php: '+--version +-v +-l +-m +--ini @1',
  ...each('deno,bun,lua,R,Rscript,julia,swift,ghc,elixir,scala,kotlin,groovy', '+--version @0'),
};

/** json.tool formats what it reads; a second file would be written. */
function pythonRule(args: readonly Arg[], court: Court): string | undefined {
  const values = args.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (values.length === 1 && /^(--version|-V|-VV|--help)$/.test(values[0]!)) return undefined;
  const rest = values
    .slice(2)
    .filter((value) => !/^--(no-ensure-ascii|sort-keys|json-lines|compact|tab|no-indent|indent=\d+)$/.test(value));
  if (values[0] === '-m' && values[1] === 'pip') return court.command([fixedArg('pip'), ...args.slice(2)]);
  const formats = values[0] === '-m' && values[1] === 'json.tool' && rest.length <= 1 && !/^[-\0]/.test(rest[0] ?? '');
  return formats ? undefined : 'it runs code that is not judged';
}
