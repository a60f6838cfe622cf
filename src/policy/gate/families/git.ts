/**
 * git: looking at history, state and settings. Repositories can name programs of their own (fsmonitor, textconv, external
 * diffs) in their config, which no command line shows; a config only changes by a command that is asked.
 */
import { grammarOf, readArgs } from '../flags.js';
import { each, type Family, type Rule, type Table } from '../verdict.js';

/** Output of diffs and logs, without `--output`, `--ext-diff` and what opens programs. */
const DIFF =
  '-p -u -s -U: -z -w -b -a -R -W -B? -M? -C? -D -G: -S: --patch --no-patch --unified: --raw --patch-with-raw --minimal --patience --histogram --anchored: --diff-algorithm: --stat --numstat --shortstat --compact-summary --dirstat --cumulative --summary --name-only --name-status --submodule --color --no-color --color-moved --word-diff --color-words --no-renames --rename-empty --check --full-index --binary --abbrev --find-renames --find-copies --find-copies-harder --irreversible-delete --diff-filter: --pickaxe-all --pickaxe-regex --relative --no-relative --text --ignore-cr-at-eol --ignore-space-at-eol --ignore-space-change --ignore-all-space --ignore-blank-lines --function-context --exit-code --quiet --no-ext-diff --no-textconv --ignore-submodules --src-prefix: --dst-prefix: --no-prefix --line-prefix: --ita-invisible-in-index --cached --staged --merge-base --no-index --patch-with-stat --inter-hunk-context: --skip-to: --rotate-to:';
const LOG =
  '-n: -# -i -E -F -P -g -L: -c --cc -m -t -r -q --oneline --graph --decorate --no-decorate --decorate-refs: --decorate-refs-exclude: --source --mailmap --use-mailmap --no-mailmap --log-size --follow --full-diff --max-count: --skip: --since: --after: --until: --before: --since-as-filter: --author: --committer: --grep: --grep-reflog: --all-match --invert-grep --regexp-ignore-case --extended-regexp --basic-regexp --fixed-strings --perl-regexp --remove-empty --merges --no-merges --min-parents: --max-parents: --first-parent --not --all --branches --tags --remotes --glob: --exclude: --reflog --alternate-refs --single-worktree --ignore-missing --bisect --cherry-mark --cherry-pick --cherry --left-only --right-only --left-right --walk-reflogs --merge --boundary --simplify-by-decoration --full-history --dense --sparse --simplify-merges --ancestry-path --show-pulls --date-order --author-date-order --topo-order --reverse --no-walk --do-walk --pretty --format: --abbrev-commit --no-abbrev-commit --encoding: --expand-tabs --no-expand-tabs --notes --no-notes --show-notes --show-signature --no-show-signature --relative-date --date: --parents --children --show-linear-break --clear-decorations --count --objects --no-patch --root --diff-merges: --no-diff-merges --remerge-diff --raw';

/** Names of refs and paths; one that carries a transport (`ext::sh`) or a target to write (`a:b`) is no plain name. */
const REMOTE = /^(?:https:\/\/[\w.-]+\/[\w./~-]+|[\w][\w./-]*)$/;
const NAME: Rule = { flags: '', args: /^[\w][\w./@{}^~-]*$/ };

/** `git config NAME` shows a value; a second word would set it. */
const config: Rule = (args) => {
  const read = readArgs(grammarOf(CONFIG), args);
  if (read.problem) return `"git config": ${read.problem}`;
  const asks = read.flags.some((flag) => /^(-l|--list|--get.*)$/.test(flag.name));
  const isName = read.positionals.length === 1 && /^[\w-]+\.[\w.-]+$/.test(read.positionals[0]!.value);
  return asks || isName ? undefined : 'it changes settings';
};
const CONFIG =
  '-l --list --get --get-all --get-regexp --get-urlmatch --global --local --system --worktree --show-origin --show-scope --name-only --type: --bool --int --path -z --null --includes --no-includes --default:';

const GIT_FAMILY: Family = {
  globals: '-C: -P --no-pager --no-optional-locks --no-replace-objects --literal-pathspecs --no-lazy-fetch',
  bare: '--version -v --help -h --html-path --man-path --info-path @0',
  sub: {
    status:
      '-s -b -v -u? -z --short --branch --show-stash --porcelain --long --verbose --untracked-files --ignore-submodules --ignored --column --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames',
    ...each('log,show,whatchanged', `${LOG} ${DIFF}`),
    shortlog:
      '-s -n -e -c -w? --summary --numbered --email --group: --since: --until: --after: --before: --author: --committer: --all --branches --tags --no-merges --merges --first-parent',
    diff: `${DIFF} -q -1 -2 -3 -0 --base --ours --theirs`,
    ...each(
      'diff-tree,diff-index,diff-files,range-diff',
      `${DIFF} ${LOG} --creation-factor: --no-dual-color --left-only --right-only --no-commit-id`,
    ),
    blame:
      '-b -s -t -f -n -e -p -w -l -c -L: -M? -C? --root --show-stats --reverse --first-parent --porcelain --line-porcelain --incremental --date: --since: --abbrev --ignore-rev: --color-lines --color-by-age --show-name --show-number --show-email --score-debug --no-progress --progress',
    annotate: '-l -s -t -L:',
    'rev-parse':
      '-q --abbrev-ref --short --verify --quiet --show-toplevel --show-prefix --show-cdup --git-dir --absolute-git-dir --git-common-dir --git-path: --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository --show-superproject-working-tree --show-object-format --show-ref-format --symbolic --symbolic-full-name --all --branches --tags --remotes --glob --exclude --revs-only --no-revs --flags --no-flags --default: --prefix: --sq --sq-quote --not --local-env-vars --path-format --resolve-git-dir: --since --until --after --before --disambiguate --end-of-options',
    'rev-list': `${LOG} --header --timestamp --quiet --objects-edge --unpacked --disk-usage --use-bitmap-index --max-age: --min-age: --no-commit-header --filter:`,
    describe:
      '--all --tags --contains --abbrev --candidates: --exact-match --debug --long --match: --exclude: --always --first-parent --dirty --broken',
    'ls-files':
      '-z -t -v -f -c -d -m -o -i -s -u -k -x: -X: --cached --deleted --others --ignored --stage --unmerged --killed --modified --directory --no-empty-directory --eol --error-unmatch --exclude: --exclude-standard --exclude-per-directory: --full-name --recurse-submodules --abbrev --deduplicate --format: --with-tree:',
    'ls-tree':
      '-d -r -t -l -z --long --name-only --name-status --object-only --full-name --full-tree --abbrev --format:',
    'ls-remote': {
      flags: '-h -t -q --heads --tags --refs --quiet --exit-code --get-url --sort: --symref --branches',
      args: REMOTE,
    },
    'cat-file': '-t -s -e -p --batch-check --batch-all-objects --unordered --buffer --allow-unknown-type',
    'merge-base': '-a --all --octopus --independent --is-ancestor --fork-point',
    'name-rev': '--tags --refs: --exclude: --all --name-only --no-undefined --always',
    'for-each-ref':
      '--count: --sort: --format: --color --points-at: --merged --no-merged --contains --no-contains --ignore-case --omit-empty --exclude: --include-root-refs',
    'show-ref': '-d -s -q --head --heads --tags --dereference --hash --verify --quiet --abbrev --branches --exists',
    'symbolic-ref': '-q --quiet --short @1',
    'count-objects': '-v -H --verbose --human-readable',
    fsck: '--unreachable --dangling --no-dangling --root --tags --cache --no-reflogs --full --connectivity-only --strict --verbose --progress --no-progress --name-objects @0',
    'check-ignore': '-q -v -z -n --quiet --verbose --non-matching --no-index',
    'check-attr': '-a -z --all --cached',
    'check-ref-format': '--branch --normalize --allow-onelevel',
    cherry: '-v --abbrev',
    grep: '-a -i -I -w -v -h -H -E -G -F -P -n -l -L -z -o -c -p -q -W -A: -B: -C: -e: -f: -m: --cached --untracked --no-index --recurse-submodules --text --ignore-case --max-depth: --word-regexp --invert-match --full-name --extended-regexp --basic-regexp --perl-regexp --fixed-strings --line-number --column --files-with-matches --name-only --files-without-match --null --only-matching --count --color --no-color --break --heading --show-function --context: --after-context: --before-context: --function-context --all-match --quiet --threads: --and --or --not --exclude-standard -r --recursive -#',
    branch:
      '-a -r -l -v -vv -q -i --all --remotes --list --verbose --show-current --color --no-color --column --no-column --sort: --format: --contains: --no-contains: --merged? --no-merged? --points-at: --abbrev --ignore-case --omit-empty @0',
    tag: '-l -n? -i --list --sort: --format: --color --column --no-column --contains: --no-contains: --merged? --no-merged? --points-at: --ignore-case --omit-empty @0',
    remote: '-v --verbose @0',
    'remote show': { flags: '-n', args: REMOTE },
    'remote get-url': '--push --all',
    'stash list': `${LOG} ${DIFF}`,
    'stash show': `${DIFF} -u --include-untracked --only-untracked`,
    'worktree list': '-v -z --porcelain --verbose',
    'submodule status': '--cached --recursive',
    submodule: '@0',
    'submodule summary': '--cached --files -n:',
    reflog: `${LOG} ${DIFF} @0`,
    'reflog show': `${LOG} ${DIFF}`,
    'reflog exists': NAME,
    'notes list': NAME,
    'notes show': NAME,
    'bisect log': '@0',
    'config get':
      '--global --local --system --worktree --all --show-origin --show-scope --show-names --type: --default: --url: --regexp -z',
    'config list':
      '--global --local --system --worktree --show-origin --show-scope --name-only --includes --no-includes -z @0',
    config,
    // Undone by one plain command, and no file changes: what is staged, a branch that begins where we are.
    add: '-n --dry-run -A -u -v -N --all --update --verbose --intent-to-add',
    switch: '~ +-c: +--create: -q --quiet @0',
    checkout: '~ +-b: -q --quiet @0',
    clean: '~ +-n +--dry-run -d -x -X -e: -q',
    apply:
      '~ +--check +--stat +--numstat +--summary -p: -R --reverse --directory: --exclude: --include: -v --verbose -C: --recount --unidiff-zero --ignore-whitespace --whitespace:',
    'hash-object': '-t: --stdin --path: --no-filters',
    push: { flags: '~ +-n +--dry-run -v -q --tags --all --porcelain -u --set-upstream', args: REMOTE },
    var: NAME,
    version: '--build-options',
    help: '-a -g -c --all --guides --config --no-external-commands --no-aliases',
    fetch: {
      flags:
        '-v -q -p -t -n -4 -6 -j: --all --verbose --quiet --prune --tags --no-tags --dry-run --progress --no-progress --deepen: --unshallow --jobs: --no-recurse-submodules --porcelain',
      args: REMOTE,
    },
    'verify-pack': '-v -s --verbose --stat-only',
    'verify-commit': '-v --verbose --raw',
    'verify-tag': '-v --verbose --raw --format:',
    'show-branch':
      '-r -a -g? --remotes --all --current --topo-order --date-order --sparse --list --independent --merge-base --no-name --sha1-name --topics --reflog --color --no-color',
    archive: '+-l +--list @0',
    'patch-id': '--stable --unstable',
    'get-tar-commit-id': '@0',
    'lfs ls-files': '-l -s -n -a',
    'lfs status': '@0',
    'lfs env': '@0',
    'sparse-checkout list': '@0',
    'maintenance status': '@0',
  },
};

/** `git tag -l 'v1.*'`, `git branch --list x`: with a list flag the words are patterns, without one a new name and where it begins. */
const listed =
  (rule: string, list: RegExp): Rule =>
  (args) => {
    const isList = args.some((arg) => arg.fixed && list.test(arg.value));
    return readArgs(grammarOf(isList ? rule.replace('@0', '') : rule.replace('@0', '@2')), args).problem;
  };

export const GIT: Table = {
  git: {
    ...GIT_FAMILY,
    sub: {
      ...GIT_FAMILY.sub,
      branch: listed(
        String(GIT_FAMILY.sub['branch']),
        /^(--list|-[arv]*l[arv]*|--(no-)?(merged|contains)(=.*)?|--points-at(=.*)?)$/,
      ),
      tag: listed(
        String(GIT_FAMILY.sub['tag']),
        /^(--list|-l|-l?n\d*|--(no-)?(merged|contains)(=.*)?|--points-at(=.*)?)$/,
      ),
    },
  },
};
