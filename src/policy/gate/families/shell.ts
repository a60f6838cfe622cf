/** Builtins, wrappers and interpreters: what runs something else is judged by what it runs. */
import { type Arg, fixedArg, isOpenVariable, looseArg, mayBeFlag } from '../arg.js';
import { awkProblem } from '../awk.js';
import { grammarOf, readArgs } from '../flags.js';
import { sedProblem } from '../sed.js';
import { isHarmlessSetting } from '../settings.js';
import { type Court, each, type Rule, type Table } from '../verdict.js';

const OTHER_USER: Rule = () => 'it runs as another user';

/** Options of the wrapper itself, then the command. */
const wrapper =
  (options: string, words = 0): Rule =>
  (args, court) => {
    const { at, problem } = skipOptions(options, args);
    if (problem) return problem;
    const inner = args.slice(at + words);
    if (inner.length === 0) return 'it runs nothing';
    return args.slice(at, at + words).every((arg) => arg.fixed) ? court.command(inner) : 'what it runs is not certain';
  };

/** Wrappers end their options at the first word, so theirs are told from the command's. */
function skipOptions(options: string, args: readonly Arg[]): { at: number; problem?: string } {
  const grammar = grammarOf(options);
  let at = 0;
  while (at < args.length && args[at]!.prefix.startsWith('-')) {
    const { value } = args[at]!;
    if (value === '--') {
      at++;
      break;
    }
    const step = grammar.takes.has(value) ? 2 : 1;
    const { problem } = readArgs(grammar, args.slice(at, at + step));
    if (problem) return { at, problem };
    at += step;
  }
  return args[at] && mayBeFlag(args[at]!) ? { at, problem: 'what it runs is not certain' } : { at };
}

const env: Rule = (args, court) => {
  const skipped = skipOptions('-i --ignore-environment -u: --unset: -0', args);
  if (skipped.problem) return skipped.problem;
  let { at } = skipped;
  for (; at < args.length && args[at]!.value.includes('='); at++) {
    const { value, fixed } = args[at]!;
    const equals = value.indexOf('=');
    if (!fixed || !isHarmlessSetting(value.slice(0, equals), value.slice(equals + 1)))
      return `it sets ${JSON.stringify(value.slice(0, equals))}, which can change what the program does`;
  }
  return at < args.length ? court.command(args.slice(at)) : 'the environment may hold secrets';
};

const command: Rule = (args, court) => {
  if (/^-[vV]$/.test(args[0]?.value ?? '')) return undefined;
  return args[0]?.value.startsWith('-') ? 'its flags are not known to be harmless' : court.command(args);
};

const XARGS =
  '-0 --null -r --no-run-if-empty -t --verbose -x -n: --max-args: -P: --max-procs: -L: --max-lines: -d: --delimiter: -s: -I:';

const xargs: Rule = (args, court) => {
  const { at, problem } = skipOptions(XARGS, args);
  if (problem) return problem;
  const mark = readArgs(grammarOf(XARGS), args.slice(0, at)).flags.find((flag) => flag.name === '-I')?.value;
  const inner = at < args.length ? args.slice(at) : [looseArg('echo')];
  if (at >= args.length) return undefined;
  if (mark === undefined || mark === '')
    return court.command([...inner, { ...looseArg('…'), many: true, splits: true }]);
  return court.command(
    inner.map((arg) =>
      arg.value.includes(mark) ? looseArg(arg.text, arg.prefix.slice(0, arg.value.indexOf(mark))) : arg,
    ),
  );
};

const watch: Rule = (args, court) => {
  const { at, problem } = skipOptions('-n: --interval: -d -t -b -e -g -c -p', args);
  const words = args.slice(at);
  if (problem) return problem;
  return words.length > 0 && words.every((arg) => arg.fixed)
    ? court.text(words.map((arg) => arg.value).join(' '))
    : 'what it runs is not certain';
};

/** `sh -c TEXT` and nothing behind it; `-n` reads without running. */
const shell: Rule = (args, court) => {
  const [flag, text] = args;
  const values = args.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (values.length === 1 && values[0] === '--version') return undefined;
  if (values.length === 2 && values[0] === '-n' && !mayBeFlag(text!)) return undefined;
  if (args.length === 4 && values[0] === '-o' && values[1] === 'pipefail') return shellText(args.slice(2), court);
  return flag === undefined ? 'it runs what it reads' : shellText(args, court);
};

function shellText([flag, text, ...more]: readonly Arg[], court: Court): string | undefined {
  if (!flag?.fixed || !/^-[leux]*c[eux]*$/.test(flag.value)) return 'it runs a script, or text from elsewhere';
  return text?.fixed && more.length === 0 ? court.text(text.value) : 'the text that it runs is not certain';
}

const find: Rule = (args, court) => {
  const plain: Arg[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!/^-(exec|execdir)$/.test(arg.value)) {
      plain.push(arg);
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
  const odd = plain.find((arg, at) => !isFindWord(arg, plain[at - 1]?.value ?? ''));
  return odd ? `"find": ${JSON.stringify(odd.text)} is not known to only look` : undefined;
};

const FIND_TAKES =
  /^-(name|iname|path|ipath|wholename|regex|iregex|regextype|type|xtype|maxdepth|mindepth|size|mtime|mmin|atime|amin|ctime|cmin|newer|newer[aBcm][aBcmt]|anewer|cnewer|user|group|uid|gid|perm|links|inum|samefile|fstype|used|lname|ilname|printf|D)$/;
const FIND_ALONE =
  /^-(print|print0|ls|prune|quit|empty|a|and|o|or|not|depth|d|xdev|mount|follow|H|L|P|E|s|x|X|O[0-3]|daystart|noleaf|readable|writable|executable|nouser|nogroup|true|false|warn|nowarn|ignore_readdir_race)$/;

function isFindWord(arg: Arg, before: string): boolean {
  if (FIND_TAKES.test(before)) return !arg.many || !mayBeFlag(arg);
  if (mayBeFlag(arg)) return false;
  return !arg.value.startsWith('-') || (arg.fixed && (FIND_TAKES.test(arg.value) || FIND_ALONE.test(arg.value)));
}

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
  ...each('echo,true,false,:,pwd,cd,sleep,type,which', '*'),
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
  hash: '@0',
  dirs: '@0',
  times: '@0',
  env,
  printenv: (args) =>
    args.length > 0 && args.every((arg) => arg.fixed && isOpenVariable(arg.value))
      ? undefined
      : 'the environment may hold secrets',
  command,
  builtin: (args, court) => court.command(args),
  exec: (args, court) =>
    args.length === 0 || args[0]!.value.startsWith('-')
      ? 'its flags are not known to be harmless'
      : court.command(args),
  nohup: wrapper(''),
  time: wrapper('-p -v'),
  nice: wrapper('-n: --adjustment: -#'),
  ionice: wrapper('-c: -n: -t'),
  timeout: wrapper('-s: --signal: -k: --kill-after: --preserve-status --foreground -v --verbose', 1),
  stdbuf: wrapper('-o: -e: -i: --output: --error: --input:'),
  xargs,
  watch,
  ...each('sh,bash,dash,zsh,ksh', shell),
  ...each('sudo,doas,su,pkexec,runuser', OTHER_USER),
  ssh: (args) => (args.length === 1 && args[0]!.value === '-V' ? undefined : 'it runs on another machine'),
  ...each('eval', () => 'it runs text as a command'),
  find,
  ...each('awk,gawk,mawk,nawk', awk),
  ...each('sed,gsed', sed),
  python3: pythonRule,
  python: pythonRule,
  ...each('node,ruby,perl,php', '+--version +-v @0'),
  ...each('deno,bun,lua,R,Rscript,julia,swift,ghc,elixir,scala,kotlin,groovy', '+--version @0'),
};

/** json.tool formats what it reads; a second file would be written. */
function pythonRule(args: readonly Arg[], court: Court): string | undefined {
  const values = args.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (values.length === 1 && /^(--version|-V|-VV|--help)$/.test(values[0]!)) return undefined;
  const rest = values
    .slice(2)
    .filter((value) => !/^--(no-ensure-ascii|sort-keys|json-lines|compact|tab|no-indent)$/.test(value));
  if (values[0] === '-m' && values[1] === 'pip') return court.command([fixedArg('pip'), ...args.slice(2)]);
  const formats = values[0] === '-m' && values[1] === 'json.tool' && rest.length <= 1 && !/^[-\0]/.test(rest[0] ?? '');
  return formats ? undefined : 'it runs code that is not judged';
}
