/**
 * Compilers, linters and build tools: questions about code. Whatever runs the project's own code (tests, builds with scripts,
 * plugins from the project) can do anything, so it is asked; `gate.allow` is where a user says that theirs is harmless.
 */
import { each, type Table } from '../verdict.js';

const VERSION = '+--version +--help @0';

export const CODE: Table = {
  go: {
    sub: {
      version: '-m -v',
      env: '-json -changed',
      list: '-m -json -f: -deps -u -versions -e -test -find -retracted -compiled',
      doc: '-all -c -short -src -u -cmd',
      'mod graph': '-go: @0',
      'mod why': '-m -vendor',
      'mod verify': '@0',
      vet: '-json -v -c:',
      help: '',
    },
  },
  gofmt: '-l -d -s -e',
  cargo: {
    globals: '-q --quiet -v --verbose --offline --locked --frozen --color:',
    common: '--manifest-path: -q --quiet --offline --locked --frozen --color: -v',
    bare: '--version -V --list -vV @0',
    sub: {
      tree: '-e: --edges: -p: --package: -i: --invert: -d --duplicates --depth: --prefix: --no-default-features --all-features -F: --features: --workspace --target: --format: -f: --charset: --prune: --no-dedupe',
      metadata: '--format-version: --no-deps --filter-platform: --all-features --features:',
      search: '--limit: --registry:',
      info: '--registry:',
      pkgid: '-p:',
      'locate-project': '--workspace --message-format:',
      'read-manifest': '',
      'verify-project': '',
      version: '-v',
      help: '',
      fmt: '+--check --all -p:',
    },
  },
  rustup: {
    bare: '--version -V @0',
    sub: {
      show: '@0',
      'show active-toolchain': '-v @0',
      'show home': '@0',
      'toolchain list': '-v @0',
      'target list': '--installed --toolchain: @0',
      'component list': '--installed --toolchain: @0',
      which: '--toolchain:',
      check: '@0',
      'override list': '@0',
    },
  },
  rustc: '+--version +-V +-vV +--print: +--explain: @0',
  rustfmt: '+--check --edition: +--version',
  ...each('gcc,g++,cc,c++,clang,clang++', '+--version +-v +-dumpversion +-dumpmachine +-print-search-dirs @0'),
  'clang-format': '+--dry-run +-n --Werror --style: --version -output-replacements-xml',
  ...each(
    'kotlinc,scalac,sbt,ant,cmake,ninja,meson,bazel,npx,tsx,webpack,vite,jest,vitest,mocha,pytest,tox,nox,ansible,ansible-playbook,vagrant,packer,pulumi,serverless,sls,cdk,hugo,jekyll,protoc,buf,dotnet,zig,nim,dart,flutter,convert,magick,pandoc,latex,pdflatex,emacs,vim,vi,nano,code,claude,codex,opencode,gemini,aider,mongosh,mongo,heroku,flyctl,fly,vercel,netlify,firebase,supabase,wrangler,doctl,ibmcloud,oci,pre-commit,pipenv,pdm,hatch,lerna,nx,turbo,rush,terragrunt,nmap,tmux,screen,fzf,mise,direnv,starship,age,sops,op,pass,etcdctl,k3d,k9s,skaffold,tilt,argocd,flux,istioctl,linkerd,eksctl,kops,kustomize,buildah,skopeo,lima,colima,orbctl,multipass',
    VERSION,
  ),
  ...each('java,javac,ffmpeg,ffprobe', '+-version +--version @0'),
  ...each('mvn,gradle,make,eslint,prettier', '+-v +--version @0'),
  tsc: '+--noEmit +--version +-v +--showConfig +--listFilesOnly -p: --project: --pretty --strict --skipLibCheck',
  ruff: {
    bare: '--version -V @0',
    sub: {
      check:
        '--select: --ignore: --output-format: -q --quiet --statistics --show-settings --no-cache --exclude: --extend-select: --line-length: --target-version: -v',
      format: '+--check +--diff -q --quiet --no-cache --exclude: --line-length:',
      rule: '--all --output-format:',
      linter: '--output-format:',
      version: '@0',
    },
  },
  black: '+--check +--diff +--version -q --quiet -l: --line-length: --color --no-color --fast -v --exclude: --include:',
  isort: '+--check-only +-c +--check +--diff +--version --profile: -q',
  pyflakes: '--version',
  pycodestyle: '--max-line-length: --ignore: --select: --statistics --count --show-source --exclude:',
  pydocstyle: '-v -s --count --select: --ignore:',
  biome: {
    bare: '--version -V @0',
    sub: {
      lint: '--max-diagnostics: --diagnostic-level: --colors: --reporter: --error-on-warnings',
      check: '--max-diagnostics: --diagnostic-level: --colors: --reporter: --error-on-warnings',
      format: '--max-diagnostics: --diagnostic-level: --colors: --reporter:',
      ci: '--max-diagnostics: --colors: --reporter:',
      version: '@0',
      explain: '',
    },
  },
  oxlint: '--quiet --max-warnings: -f: --format: --version --threads:',
  ctags: '+--version +--list-languages @0',
  shfmt: '+-d +-l +--diff +--list +-version -i: -ci -sr -bn -s -ln:',
  stylua: '+--check +--version',
  actionlint: '-color -no-color -verbose -version -format: -oneline',
  promtool: { bare: '--version @0', sub: { 'check config': '--syntax-only', 'check rules': '', 'check metrics': '' } },
  ...each(
    'pkgconf,pkg-config',
    '--cflags --libs --modversion --exists --list-all --variable: --print-errors --atleast-version: --print-variables --print-requires --static --version',
  ),
  tend: {
    bare: '--version --help @0',
    sub: {
      ...Object.fromEntries(
        'status,state,asks,journal,history,history diff,history show,goal list,goal show,sensor list,schedule list,worker list,playbook show,ask show,screenshot,version,help,gate test'
          .split(',')
          .flatMap((name) => [name, `_ ${name}`])
          .map((name) => [name, '--json -n: --lines: --all --ansi --plain --last: --since:']),
      ),
    },
  },
};
