/** Package managers: what is installed, what there is, what is outdated. Installing runs scripts, so it is asked. */
import { each, type Family, type Table } from '../verdict.js';

const LIST =
  '--depth: --json --parseable --long --all -a -g --global --prod --production --dev --omit: --include: --workspaces -w: --workspace: --link --package-lock-only --only: -r --recursive --filter: -P -D --no-optional --registry: --silent -s -l';

/** npm and pnpm take the same words. `run` without a name lists the scripts, with one it runs it. */
const node: Family = {
  globals: '-C: --prefix: --dir: --silent -s --no-color --loglevel: --json -g --global -w: --workspace: --workspaces',
  bare: '--version -v -V --help -h -l @0',
  sub: {
    ...Object.fromEntries('ls,list,la,ll,outdated,why,explain,query'.split(',').map((name) => [name, LIST])),
    ...Object.fromEntries(
      'view,info,show,v'.split(',').map((name) => [name, '--json --registry: --depth: -w: --workspace:']),
    ),
    ...Object.fromEntries(
      'search,s,find'
        .split(',')
        .map((name) => [name, '--json --long --parseable --searchlimit: --no-description --registry:']),
    ),
    ...Object.fromEntries(
      'root,prefix,bin,ping,whoami,help-search'.split(',').map((name) => [name, '-g --global --registry: --json']),
    ),
    // With a name it opens a browser.
    fund: '--json @0',
    audit: '--json --audit-level: --omit: --only: --prod --production --dev --package-lock-only -P -D @0',
    'audit signatures': '--json @0',
    run: '--json --workspaces -w: -s --silent @0',
    'run-script': '--json @0',
    help: '',
    version: '--json @0',
    'config list': '-l --long --json @0',
    'config ls': '-l --long --json @0',
    'config get': { flags: '-g --global --location:', args: /^[a-z][a-z-]*$/ },
    'dist-tag ls': '--registry:',
    'owner ls': '--registry:',
    'access list packages': '--json',
    'cache ls': '@0',
    'licenses list': '--json --prod --dev --long',
    'store path': '@0',
    'pkg get': '--json',
    doctor: '@0',
    diff: '--diff: --diff-name-only --diff-unified:',
    'team ls': '--json',
  },
};

/** What pnpm does not know itself it takes for a script of the project. */
const NOT_PNPM = /^(query|diff|find|fund|explain|help-search|licenses|audit signatures|cache ls|config ls)$/;

/** `-w` says "in the root" to pnpm and stands alone: `pnpm run -w build` runs a script. */
const alone = (flags: string): string => flags.replace(/(^| )-w:/g, '$1-w').replace(/(^| )--workspace:/g, '');

/** What npm, pnpm and yarn know themselves; for the latter two any other word is a script of the project. */
const OWN =
  /^(add|install|i|remove|rm|uninstall|update|up|upgrade|run|exec|dlx|init|create|publish|pack|link|unlink|import|rebuild|prune|store|patch|deploy|dedupe|set|plugin|config|cache|version|login|logout)$/;

const pip: Family = {
  globals: '-q --quiet -v --verbose --no-input --disable-pip-version-check --isolated --no-color',
  common: '--disable-pip-version-check -q -v --no-color --no-input',
  bare: '--version -V --help -h @0',
  sub: {
    list: '-o --outdated -u --uptodate -e --editable -l --local --user --pre --format: --not-required --exclude-editable --exclude: --path: -i: --index-url:',
    freeze: '-l --local --user --all --exclude-editable --exclude: --path:',
    show: '-f --files',
    check: '@0',
    help: '',
    debug: '@0',
    inspect: '--local --user @0',
    'index versions': '--pre --json',
    'cache dir': '@0',
    'cache info': '@0',
    'cache list': '--format:',
    'config list': '--user --global --site @0',
  },
};

export const PACKAGES: Table = {
  npm: node,
  pnpm: {
    globals: alone(node.globals ?? ''),
    bare: '--version -v --help -h @0',
    own: OWN,
    sub: Object.fromEntries(
      Object.entries(node.sub)
        .filter(([name]) => !NOT_PNPM.test(name))
        .map(([name, rule]) => [name, typeof rule === 'string' ? alone(rule) : rule]),
    ),
  },
  yarn: {
    bare: '+--version +-v +--help @0',
    own: /^(add|install|remove|up|upgrade|run|exec|dlx|init|create|publish|pack|link|unlink|dedupe|set|plugin|config|cache|version|login|logout)$/,
    sub: {
      ...Object.fromEntries(
        'list,outdated,why,info,audit,licenses list,workspaces info,workspaces list,npm info,npm audit,cache dir'
          .split(',')
          .map((name) => [
            name,
            '--json --depth: --pattern: --all -A -R --recursive --silent -s --level: --groups: --since',
          ]),
      ),
      versions: '@0',
    },
  },
  ...each('pip,pip3', pip),
  uv: {
    bare: '--version -V --help @0',
    sub: {
      'pip list': '--outdated --format: -q -v --exclude: -e',
      'pip show': '-f --files -q',
      'pip freeze': '--exclude-editable -q',
      'pip tree': '-d: --depth: --outdated --invert',
      'pip check': '@0',
      'python list': '--all-versions --only-installed --all-platforms',
      'python find': '',
      'tool list': '--show-paths',
      'cache dir': '@0',
      version: '--short --output-format: @0',
    },
  },
  poetry: {
    bare: '--version -V @0',
    sub: {
      show: '-t --tree -l --latest -o --outdated -a --all --only: --with: --without: --top-level -T',
      'env info': '-p --path @0',
      'env list': '--full-path @0',
      version: '-s --short @0',
      check: '@0',
      about: '@0',
      'config list': '@0',
    },
  },
  pipdeptree: '-p: -r -a -l -w: --packages: --reverse --json --json-tree --depth: --exclude:',
  ...each('conda,mamba,micromamba', {
    bare: '--version -V @0',
    sub: {
      list: '-n: --name: -p: --json --export -e --explicit',
      info: '-a -e --envs --json',
      'env list': '--json',
      search: '-c: --info --json',
      'config list': '@0',
    },
  }),
  gem: {
    bare: '--version -v @0',
    sub: {
      list: '-l -r -a --local --remote --all -d --details -e --exact',
      info: '-v: --version:',
      environment: '',
      env: '',
      outdated: '@0',
      search: '-r -e -a',
      query: '-l -r -n:',
      contents: '',
      which: '',
      dependency: '-v:',
      sources: '-l --list @0',
      specification: '',
    },
  },
  // The lists of both are code of the project, read by programs whose contract is to look.
  bundle: {
    bare: '+--version +-V @0',
    sub: {
      list: '--name-only --paths',
      show: '--paths --outdated',
      info: '--path',
      outdated: '--strict --groups',
      check: '@0',
    },
  },
  // A word that it does not know is a script of the project.
  composer: {
    bare: '+--version +-V @0',
    own: /^(install|update|require|remove|dump-autoload|create-project|init|run-script|exec|config|archive|browse|global|self-update|reinstall|bump)$/,
    sub: {
      list: '@0',
      ...each(
        'show,info',
        '-i --installed -t --tree -o --outdated -l --latest -D --direct -a --all -p --platform -f: --format:',
      ),
      outdated: '-D --direct -m --minor-only --strict --no-dev -f: --format:',
      validate: '--no-check-all --no-check-lock --no-check-publish --strict @0',
      licenses: '-f: --format: --no-dev @0',
      'check-platform-reqs': '--no-dev --lock @0',
      ...each('depends,why,prohibits,why-not', '-r --recursive -t --tree'),
      audit: '--no-dev --locked -f: --format: @0',
      fund: '-f: --format: @0',
      about: '@0',
      diagnose: '@0',
      search: '-N --only-name -O --only-vendor -t: --type: -f: --format:',
    },
  },
  // `-s` and its long names only say what would be done; a word that could switch it off stays out.
  'apt-get': {
    flags:
      '~ +-s +--simulate +--just-print +--dry-run +--recon +--no-act -y -q -qq -V --yes --no-install-recommends --only-upgrade --purge',
    args: /^(?!(?:no|off|false|without|disable|0)$)\w[\w.+:-]*$/i,
  },
  brew: {
    bare: '+--version +-v +--prefix +--cellar +--cache +--help',
    sub: {
      list: '--versions --formula --cask -1 -l --full-name --pinned',
      ls: '--versions --formula --cask -1',
      info: '--json --installed --cask --formula --all',
      search: '--formula --cask --desc',
      outdated: '--json --greedy --cask --formula -q -v',
      deps: '--tree --installed --include-build --1',
      uses: '--installed --recursive',
      leaves: '-r -p',
      config: '@0',
      doctor: '-q',
      desc: '-s -n -d',
      cat: '',
      log: '-1 --oneline -n:',
      'services list': '--json @0',
      tap: '@0',
      missing: '',
    },
  },
  apt: {
    globals: '-q -qq',
    bare: '--version -v --help @0',
    sub: {
      list: '-a --installed --upgradable --all-versions -q -qq --upgradeable --manual-installed',
      show: '-a',
      search: '-n --names-only -f --full',
      policy: '',
      depends: '-i --important --installed --recurse',
      rdepends: '-i --important --installed --recurse',
      changelog: '',
    },
  },
  'apt-cache': {
    sub: {
      show: '-a',
      search: '-n -f --names-only',
      policy: '',
      depends: '-i --recurse --installed --important',
      rdepends: '-i --recurse --installed --important',
      madison: '',
      stats: '@0',
      pkgnames: '',
      showpkg: '',
      showsrc: '',
    },
  },
  'apt-mark': { sub: { showmanual: '', showauto: '', showhold: '' } },
  dpkg: {
    flags:
      '+-l +-L +-s +-S +-p +--list +--listfiles +--status +--search +--print-avail +--get-selections +--print-architecture +--compare-versions +-V +--verify +-C +--audit +--version +-I +-c +--info +--contents --no-pager',
    args: /^[^-]/,
  },
  'dpkg-query': '+-l +-L +-s +-S +-W +-p +--list +--show +--listfiles +--status +--search -f: --showformat: --no-pager',
  rpm: '+-q +--query -a -i -l -f -p -R -c -d --all --info --list --file --requires --provides --qf: --queryformat: --changelog --last --scripts --whatprovides --whatrequires --nosignature',
  ...each('yum,dnf,microdnf', {
    globals: '-q -C --cacheonly',
    common: '-q --installed --available --updates --showduplicates --repo: --all',
    bare: '--version @0',
    sub: {
      list: '',
      info: '',
      search: '',
      'check-update': '',
      repolist: '-v',
      provides: '',
      repoquery: '-l -i --requires --provides --whatrequires --whatprovides',
      updateinfo: '@0',
      'updateinfo list': '',
      'history list': '',
      'history info': '',
      'module list': '',
      deplist: '',
      grouplist: '',
    },
  }),
  snap: {
    bare: '--version @0',
    sub: {
      list: '--all',
      info: '--verbose',
      find: '',
      version: '',
      changes: '',
      services: '',
      connections: '--all',
      interfaces: '',
    },
  },
  flatpak: {
    bare: '--version @0',
    sub: {
      list: '-d --app --runtime --columns: -a --user --system',
      info: '-r -o -c -m -s',
      search: '--columns:',
      remotes: '-d',
      history: '',
      ps: '',
    },
  },
  pacman: '+-Q +-Qi +-Ql +-Qs +-Qo +-Qe +-Qu +-Qm +-Qdt +-Qk +-Si +-Ss +-F +-V --color: --noconfirm',
  apk: {
    bare: '--version @0',
    sub: {
      info: '-a -v -L -e -r -d -s',
      list: '-I -u -a --installed --upgradable',
      search: '-v -e -d',
      policy: '',
      version: '',
      dot: '',
      stats: '@0',
    },
  },
  'nix-store': '+-q +--query -R --references --requisites --size --tree --referrers',
  asdf: {
    bare: '--version @0',
    sub: { list: '', current: '', where: '', which: '', info: '@0', 'list all': '', latest: '' },
  },
  nvm: { bare: '--version @0', sub: { ls: '--no-colors', list: '', current: '@0', version: '', which: '' } },
  pyenv: { bare: '--version @0', sub: { versions: '--bare', version: '@0', which: '', root: '@0' } },
};
