/** Filters of text: from files or a pipe to stdout. sed and awk are judged by their scripts (shell.ts). */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { SHOWS_ENV } from '../secrets.js';
import { each, type Rule, type Table } from '../verdict.js';
import { flagsOf } from './looks.js';

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
    'zgrep,zegrep,zfgrep,bzgrep,xzgrep',
    '-i -v -c -n -l -L -w -x -o -h -H -q -s -E -F -A: -B: -C: -m: -e: --color -#',
  ),
  iconv: '-f: -t: -l -c -s --from-code: --to-code: --list',
  sort: '-b -d -f -g -i -M -h -n -R -r -V -c -C -m -s -u -z -k: -t: -S: --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --month-sort --human-numeric-sort --numeric-sort --reverse --random-sort --version-sort --check --merge --stable --unique --zero-terminated --key: --field-separator: --parallel: --buffer-size: --sort: --debug',
  rg: flagsOf(
    'A:B:C:E:FHILM:NPSTt:T:UV0abcd:e:f:g:hij:klm:noqr:suvwxp.',
    'after-context: before-context: context: auto-hybrid-regex block-buffered byte-offset case-sensitive color: colors: column context-separator: count count-matches crlf encoding: engine: field-context-separator: field-match-separator: file: files files-with-matches files-without-match fixed-strings follow glob: glob-case-insensitive heading no-heading hidden hyperlink-format: iglob: ignore-case ignore-file: include-zero invert-match json line-buffered line-number no-line-number line-regexp max-columns: max-columns-preview max-count: max-depth: max-filesize: mmap no-mmap multiline multiline-dotall no-config no-filename no-ignore no-ignore-dot no-ignore-exclude no-ignore-files no-ignore-global no-ignore-messages no-ignore-parent no-ignore-vcs no-messages no-require-git null null-data one-file-system only-matching passthru path-separator: pcre2 pcre2-version pretty quiet regexp: replace: smart-case sort: sortr: stats stop-on-nonmatch text threads: trim type: type-add: type-clear: type-list type-not: unrestricted vimgrep with-filename word-regexp generate: no-unicode binary',
  ),
  ag: flagsOf(
    'A:B:C:DG:HLQSU0acfg:hiklm:nop:rsutvwW:',
    'after before break nobreak color nocolor column context count depth: file-search-regex: filename nofilename files-with-matches files-without-matches fixed-strings follow group nogroup heading noheading hidden ignore: ignore-case ignore-dir: invert-match line-numbers list-file-types literal match max-count: null numbers nonumbers one-device only-matching passthrough print-long-lines print-all-files recurse norecurse search-files silent skip-vcs-ignores smart-case stats stats-only unrestricted all-text all-types vimgrep width: word-regexp js ts py python html css json ruby java go rust cpp cc php sql markdown',
  ),
  ack: flagsOf(
    'A:B:C:HLPQSRTU1ach:fg:hiklm:nors:tvwxy',
    'after-context before-context context break nobreak color nocolor colour column count files-with-matches files-without-matches filename nofilename follow group nogroup heading noheading help-types ignore-case ignore-dir: ignore-directory: ignore-file: invert-match literal lines line match: max-count: nopager no-recurse recurse passthru print0 show-types smart-case sort-files type: types: known-types word-regexp js ts py python html css json ruby java go rust cpp cc php sql perl shell yaml xml',
  ),
  // It has no flag that writes, so a file may be named as it likes; a program from a file could show the environment.
  ...each('jq,gojq', filter(`* ${JQ}`, SHOWS_ENV)),
  yq: filter(
    '-n -r -e -j -y -P -C -M -o: -p: -I: -N --output-format: --input-format: --prettyPrint --no-colors --colors --indent: --exit-status --no-doc --raw-output --tojson --version --unwrapScalar',
    /\$ENV|\benv\b|strenv|envsubst|\bload|\bsystem\b|\beval\s*\(|-s\b/,
  ),
  xq: '-x: -q: -n -m --xpath: --query: --no-color',
  xmllint: '--noout --format --xpath: --valid --schema: --html --nonet --recover --huge --version',
  bc: '-l -q -s -i -w',
  ...each('less,more,most', { flags: '-R -r -S -N -F -X -i -I -e -E -n -s -m -M', args: /^[^+]/ }),
  tldr: '-p: --platform: -l --list',
  // A page by its name; a path would be any file.
  man: { flags: '-k -f -w -a -s: --where --apropos --whatis', args: /^[\w.+:-]+$/ },
  ...each('whatis,apropos,help,info', '-k -s: -d -m -l -w'),
  shellcheck: flagsOf(
    'aC?e:f:i:o:P:s:S:VW:xh',
    'check-sourced color include: exclude: format: list-optional norc enable: source-path: shell: severity: wiki-link-count: external-sources extended-analysis:',
  ),
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
