/** Filters of text: from files or a pipe to stdout. sed and awk are judged by their scripts (shell.ts). */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { SHOWS_ENV } from '../secrets.js';
import { each, type Rule, type Table } from '../verdict.js';

/** A filter may show the environment, and nothing else that is not in its input. `pairs`: flags with two words behind them. */
const filter =
  (flags: string, environment: RegExp, pairs = /^--(arg|argjson|slurpfile|rawfile)$/): Rule =>
  (args: readonly Arg[]) => {
    const single = args.filter(
      (_, at) => !pairs.test(args[at - 1]?.value ?? '') && !pairs.test(args[at - 2]?.value ?? ''),
    );
    const { problem, positionals } = readArgs(grammarOf(flags), single);
    if (problem) return problem;
    // A program that comes from elsewhere could show it too.
    if (positionals[0]?.fixed === false || args.some((arg) => arg.splits))
      return 'what its program does is not certain';
    const shown = args.find((arg) => environment.test(arg.value));
    return shown ? `${JSON.stringify(shown.text)} may show the environment, which may hold secrets` : undefined;
  };

const JQ =
  '-n -r -R -s -c -C -M -a -S -e -j -h -V --null-input --raw-input --raw-output --raw-output0 --join-output --slurp --compact-output --color-output --monochrome-output --ascii-output --sort-keys --exit-status --tab --indent: --seq --stream --stream-errors --unbuffered --args --jsonargs --arg --argjson --slurpfile --rawfile --yaml-input --yaml-output --version --help';

export const TEXT: Table = {
  ...each(
    'grep,egrep,fgrep,cut,tr,fold,fmt,expand,unexpand,paste,join,column,colrm,pr,tsort,numfmt,factor,seq,expr,yes',
    '*',
  ),
  ...each(
    'zgrep,zegrep,zfgrep,bzgrep,xzgrep',
    '-i -v -c -n -l -L -w -x -o -h -H -q -s -E -F -A: -B: -C: -m: -e: --color -#',
  ),
  iconv: '-f: -t: -l -c -s --from-code: --to-code: --list',
  sort: '-b -d -f -g -i -M -h -n -R -r -V -c -C -m -s -u -z -k: -t: -S: --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --month-sort --human-numeric-sort --numeric-sort --reverse --random-sort --version-sort --check --merge --stable --unique --zero-terminated --key: --field-separator: --parallel: --buffer-size: --sort: --debug',
  rg: '* !--pre !--pre-glob !--hostname-bin !-z !--search-zip !--debug !--trace !--config',
  ag: '* !--pager !-z !--search-zip',
  ack: '* !--pager !--output !--ackrc !--create-ackrc',
  // It has no flag that writes, so a file may be named as it likes; a program from a file could show the environment.
  ...each('jq,gojq', filter(JQ, SHOWS_ENV)),
  yq: filter(
    '-n -r -e -j -y -P -C -M -o: -p: -I: -N --output-format: --input-format: --prettyPrint --no-colors --colors --indent: --exit-status --no-doc --raw-output --tojson --version --unwrapScalar',
    /\$ENV|\benv\b|strenv|envsubst|\bload|\bsystem\b|\beval\s*\(|-s\b/,
  ),
  xq: '-x: -q: -n -m --xpath: --query: --no-color',
  xmllint: '--noout --format --xpath: --valid --schema: --html --nonet --recover --huge --version',
  csvlook: '*',
  csvcut: '*',
  csvstat: '*',
  csvgrep: '*',
  bc: '-l -q -s -i -w',
  ...each('less,more,most', { flags: '-R -r -S -N -F -X -i -I -e -E -n -s -m -M', args: /^[^+]/ }),
  cal: '*',
  ncal: '*',
  tldr: '-p: --platform: -l --list',
  // A page by its name; a path would be any file.
  man: { flags: '-k -f -w -a -s: --where --apropos --whatis', args: /^[\w.+:-]+$/ },
  ...each('whatis,apropos,help,info', '-k -s: -d -m -l -w'),
  shellcheck: '* !--rcfile',
  yamllint: '-d: -f: -s --strict --format: --list-files --version',
  jsonlint: '-q -c --quiet --compact',
  hadolint: '-f: --format: --ignore: --no-color --version',
  wdiff: '-1 -2 -3 -n -s -i',
  envsubst: '+-v +--variables +-V',
  dos2unix: '+-ic +-i +--info',
  tput: { flags: '', args: /^(cols|lines|colors)$/ },
  clear: '@0',
  ts: '-i -s -m',
  pv: '-q -b -t -l -a -n',
};
