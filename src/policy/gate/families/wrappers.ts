/**
 * Wrappers are judged by what they run. Invariant: the inner command goes to the court with the words it would get, or the whole
 * is asked.
 */
import { type Arg, looseArg, mayBeFlag } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { isHarmlessSetting } from '../settings.js';
import { type Court, each, type Rule, type Table } from '../verdict.js';

const OTHER_USER: Rule = () => 'it runs as another user';

/** A shell of another user, and `-e`, which edits, are no flags of this list. */
const sudo: Rule = (args, court) => {
  if (args.length === 1 && /^(-l|-V|--list|--version)$/.test(args[0]!.value)) return undefined;
  const { at, problem } = skipOptions('-n -H -E -S -u: -g: --non-interactive --set-home --user: --group:', args);
  return problem ?? (at < args.length ? court.command(args.slice(at)) : 'it runs nothing');
};

const SSH = '-4 -6 -C -T -n -q -t -x -a -v -p: -l: -J: -o:';
/** Options that change how long it tries and whom it believes; others run programs on this side, or open ways through. */
const SSH_OPTION =
  /^(BatchMode|ConnectTimeout|ConnectionAttempts|ServerAliveInterval|ServerAliveCountMax|LogLevel|StrictHostKeyChecking|PasswordAuthentication|NumberOfPasswordPrompts|RequestTTY|Port|User)=\w+$/i;

const READ_ALIKE = /^[^\\!`^()\n]*$/;
/** A shell that knows only one of the two quotes would find an operator there. */
const quotesOperators = (text: string): boolean =>
  (text.match(/'[^']*'|"[^"]*"/g) ?? []).some((quoted) => /[&|;<>]/.test(quoted));

/**
 * `ssh HOST COMMAND` is judged by what the shell over there is given: the words joined by blanks. That shell may be another one
 * than ours, so what only some shells read as a quote, a history or a substitution stays out.
 */
const ssh: Rule = (args, court) => {
  if (args.length === 1 && args[0]!.value === '-V') return undefined;
  if (!args.every((arg) => arg.fixed)) return 'what it runs on the other machine is not certain';
  const { at, problem } = skipOptions(SSH, args);
  if (problem) return problem;
  const { flags } = readArgs(grammarOf(SSH), args.slice(0, at));
  const odd = flags.find(({ name, value = '' }) =>
    name === '-o' ? !SSH_OPTION.test(value) : /^-[plJ]$/.test(name) && !/^[\w.@:,-]+$/.test(value),
  );
  if (odd) return `its option ${JSON.stringify(`${odd.name} ${odd.value}`)} is not known to be harmless`;
  const [host, ...words] = args.slice(at).map((arg) => arg.value);
  if (host === undefined || !/^(?:\w[\w.-]*@)?\w[\w.:-]*$/.test(host)) return 'which machine it goes to is not certain';
  const text = words.join(' ');
  if (text.trim() === '') return 'it opens a shell on another machine';
  return READ_ALIKE.test(text) && !quotesOperators(text)
    ? court.text(text)
    : 'what it runs on the other machine is not certain';
};

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
  '-0 --null -r --no-run-if-empty -t --verbose -x -n: --max-args: -P: --max-procs: -L: --max-lines: -d: --delimiter: -s: -I: -a: --arg-file:';

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

export const WRAPPERS: Table = {
  env,
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
  sudo,
  ...each('doas,su,pkexec,runuser', OTHER_USER),
  ssh,
};
