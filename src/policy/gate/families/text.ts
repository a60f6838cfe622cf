/** Filters of text: from files or a pipe to stdout. sed and awk are judged by their scripts (shell.ts). */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';

/** A filter may show the environment, and nothing else that is not in its input. */
const filter =
  (flags: string, environment: RegExp): Rule =>
  (args: readonly Arg[]) => {
    const { problem } = readArgs(grammarOf(flags), args);
    if (problem) return problem;
    // A program that comes from elsewhere could show it too.
    if (args.find((arg) => !arg.fixed || !arg.value.startsWith('-'))?.fixed === false)
      return 'what its program does is not certain';
    const shown = args.find((arg) => environment.test(arg.value));
    return shown ? `${JSON.stringify(shown.text)} may show the environment, which may hold secrets` : undefined;
  };

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
  jq: filter('*', /\$ENV|\benv\b|\bimport\b|\binclude\b|\$__prog|^-[a-zA-Z]*[fL]|^--(from-f|lib)/),
  gojq: filter('-n -r -R -s -c -C -M -a -S -e -j --arg: --argjson:', /\$ENV|\benv\b|\bimport\b|\binclude\b/),
  yq: filter(
    '-n -r -e -j -y -P -C -M -o: -p: -I: -N --output-format: --input-format: --prettyPrint --no-colors --colors --indent: --exit-status --no-doc --raw-output --tojson --version --unwrapScalar',
    /\$ENV|\benv\b|strenv|envsubst|\bload|\bsystem\b|-s\b/,
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
