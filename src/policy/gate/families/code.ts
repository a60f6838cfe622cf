/**
 * Compilers, linters and build tools: questions about code. Whatever runs the project's own code (tests, builds with scripts,
 * plugins from the project) can do anything, so it is asked; `gate.allow` is where a user says that theirs is harmless.
 */
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';

const VERSION = '+--version +--help @0';

/** `--print cfg=FILE` would write a file. */
const rustc: Rule = (args) => {
  const { problem, flags } = readArgs(grammarOf('+--version +-V +-vV --verbose +--print: +--explain: @0'), args);
  if (problem) return `"rustc": ${problem}`;
  return flags.every(({ name, value = '' }) => name !== '--print' || /^[a-z-]+$/.test(value))
    ? undefined
    : 'it may write a file';
};

/** `--check` is a flag of cargo's, and behind `--` one of rustfmt's. */
const cargoFmt: Rule = (args) => {
  const words = args.map((arg) => (arg.fixed ? arg.value : '\0'));
  const at = words.indexOf('--');
  const isRustfmt = at >= 0 && words.slice(at + 1).join(' ') === '--check';
  const { problem } = readArgs(
    grammarOf(isRustfmt ? '--all -p:' : '~ +--check --all -p:'),
    args.slice(0, isRustfmt ? at : undefined),
  );
  return problem && `"cargo fmt": ${problem}`;
};

/**
 * Checkers look and say; a config of the project may name code for them, as it may for git and terraform, and that config is
 * written by a step that was asked. Flags that mend, write reports, or name code on the line are not among theirs.
 */
const CHECKERS: Table = {
  eslint:
    '-v --version --max-warnings: --quiet --ext: --no-color --color --no-eslintrc --no-inline-config --ignore-pattern: --no-ignore --report-unused-disable-directives --no-error-on-unmatched-pattern --stats --debug',
  prettier:
    '~ +--check +-c +--list-different +-l +--version +--help -u --ignore-unknown --no-color --log-level: --loglevel: --no-config',
  stylelint: '--max-warnings: -q --quiet --version --no-color',
  // `@file` holds more flags.
  mypy: {
    flags:
      '--strict --ignore-missing-imports --no-error-summary --pretty --show-error-codes --show-error-context --show-column-numbers -p: -m: --package: --module: --python-version: --platform: --namespace-packages --explicit-package-bases --exclude: --no-incremental --check-untyped-defs --disallow-untyped-defs --warn-unused-ignores --follow-imports: -v --version -V',
    args: /^[^@]/,
  },
  pyright: '--outputjson --stats --warnings --version --level: -p: --project: --verbose',
  flake8:
    '--max-line-length: --max-complexity: --select: --extend-select: --ignore: --extend-ignore: --exclude: --extend-exclude: --count --statistics --show-source --version -v -q -j: --isolated',
  pylint:
    '-E --errors-only -d: --disable: -e: --enable: -j: --jobs: --fail-under: --score: -rn -sn --recursive: --ignore: --max-line-length: --version -v',
  markdownlint: '--version',
  bandit:
    '-r -q -l -ll -lll -i -ii -iii -v -f: -s: -t: -x: --version --recursive --severity-level: --confidence-level: --exclude:',
  ...each('golint,staticcheck', '-version -tests -checks: -f: -min_confidence: -set_exit_status'),
};

/** Only what is installed already: otherwise it would fetch a package and run it. */
const npx: Rule = ([first, ...args], court) => {
  if (first?.fixed && args.length === 0 && /^(--version|-v|--help)$/.test(first.value)) return undefined;
  const isLocal = first?.fixed === true && /^(--no-install|--no)$/.test(first.value);
  const isChecker =
    args[0]?.fixed === true && /^(tsc|eslint|prettier|stylelint|pyright|biome|oxlint)$/.test(args[0].value);
  return isLocal && isChecker ? court.command(args) : 'it runs a package, which may be downloaded first';
};

export const CODE: Table = {
  ...CHECKERS,
  npx,
  go: {
    sub: {
      version: '-m -v',
      env: '-json -changed',
      list: '-m -json -f: -deps -u -versions -e -test -find -retracted',
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
    own: /^(add|bench|build|b|check|c|clean|clippy|doc|d|fetch|fix|generate-lockfile|init|install|login|logout|new|owner|package|publish|remove|report|run|r|rustc|rustdoc|test|t|uninstall|update|vendor|yank)$/,
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
      fmt: cargoFmt,
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
  rustc,
  rustfmt: '~ +--check --edition: +--version',
  ...each('gcc,g++,cc,c++,clang,clang++', '+--version +-v +-dumpversion +-dumpmachine +-print-search-dirs @0'),
  'clang-format': '~ +--dry-run +-n --Werror --style: --version -output-replacements-xml',
  ...each(
    'kotlinc,scalac,sbt,ant,cmake,ninja,meson,bazel,tsx,webpack,vite,jest,vitest,mocha,pytest,tox,nox,ansible,ansible-playbook,vagrant,packer,pulumi,hyperfine,semgrep,gitleaks,snyk,sonar-scanner,k6,wrk,ab,siege,locust,esbuild,rollup,parcel,next,nuxt,ng,vue,svelte-kit,astro,playwright,cypress,storybook,karma,ava,tap,jasmine,c8,nyc,swc,babel,volta,fnm,n,corepack,rbenv,rvm,sdk,jenv,goenv,nodenv,tfenv,virtualenv,pipx,rye,pixi,hatchling,twine,sphinx-build,mkdocs,jupyter-lab,streamlit,gunicorn,uvicorn,flask,django-admin,celery,rails,rake,rspec,rubocop,puma,sidekiq,elm,stack,cabal,mix,iex,rebar3,crystal,ocaml,opam,dune,clojure,lein,boot,racket,sbcl,guile,gdb,lldb,valgrind,perf,bpftrace,strace,ltrace,cppcheck,clang-tidy,ccache,conan,vcpkg,qmake,autoconf,automake,libtool,m4,bison,flex,swig,nasm,yasm,ld,as,patchelf,upx,qemu-system-x86_64,virsh,virt-manager,vboxmanage,VBoxManage,lxc,lxd,incus,nix,guix,nix-env,home-manager,chezmoi,stow,ranger,mc,nnn,lf,btop,glances,iotop,iftop,nethogs,bmon,rclone,restic,borg,duplicity,syncthing,ftp,lftp,aria2c,yt-dlp,youtube-dl,sox,handbrake-cli,gs,qpdf,pdftk,tesseract,inkscape,gimp,blender,dot,plantuml,mermaid,mmdc,asciidoctor,gnuplot,octave,sage,maxima,mongod,redis-server,postgres,mysqld,memcached,etcd,kafka-topics,nats,mosquitto,elasticsearch,grafana-server,prometheus,alertmanager,telegraf,influxd,vector,fluent-bit,filebeat,caddy,traefik,envoy,varnishd,squid,bind,dnsmasq,unbound,coredns,wireguard,wg,openvpn,tshark,wireshark,masscan,nikto,sqlmap,hydra,john,hashcat,metasploit,burpsuite,zap,serverless,sls,cdk,hugo,jekyll,protoc,buf,zig,nim,dart,flutter,convert,magick,pandoc,latex,pdflatex,emacs,vim,vi,nano,code,claude,codex,opencode,gemini,aider,heroku,flyctl,fly,vercel,netlify,firebase,supabase,wrangler,doctl,ibmcloud,oci,pre-commit,pipenv,pdm,hatch,lerna,nx,turbo,rush,terragrunt,nmap,tmux,screen,fzf,mise,direnv,starship,age,sops,op,pass,etcdctl,k3d,k9s,skaffold,tilt,argocd,flux,istioctl,linkerd,eksctl,kops,buildah,skopeo,lima,colima,orbctl,multipass',
    VERSION,
  ),
  dotnet: '+--version +--info +--list-sdks +--list-runtimes +--help @0',
  jupyter: {
    bare: '+--version @0',
    sub: { 'kernelspec list': '--json', 'lab list': '', 'notebook list': '', 'server list': '' },
  },
  // Without the flags that let it run plugins.
  kustomize: { bare: '+--version @0', sub: { build: '@1', version: '--short' } },
  trivy: {
    bare: '--version @0',
    common:
      '--severity: --format: -f: -q --quiet --scanners: --ignore-unfixed --exit-code: --no-progress --skip-dirs: --vuln-type: --timeout:',
    sub: { ...each('image,fs,filesystem,config,repo,sbom', '' as Rule), version: '' },
  },
  ...each('java,javac,ffmpeg', '+-version +--version @0'),
  javap: {
    flags:
      '& -c -l -p -v -s -public -protected -package -private -verbose -constants -version --version -cp: -classpath: --class-path: --module:',
    args: /^[^@]/,
  },
  ...each('mvn,gradle,make', '+-v +--version +-version @0'),
  // `--noEmit false` would emit after all, and `@file` holds more flags.
  tsc: {
    flags: '~ +--noEmit +--version +-v +--showConfig +--listFilesOnly -p: --project: --pretty --strict --skipLibCheck',
    args: /^[^@].*\.[cm]?[jt]sx?$/,
  },
  ruff: {
    bare: '--version -V @0',
    sub: {
      check:
        '--select: --ignore: --output-format: -q --quiet --statistics --show-settings --no-cache --exclude: --extend-select: --line-length: --target-version: -v',
      format: '~ +--check +--diff -q --quiet --no-cache --exclude: --line-length:',
      rule: '--all --output-format:',
      linter: '--output-format:',
      version: '@0',
    },
  },
  black:
    '~ +--check +--diff +--version -q --quiet -l: --line-length: --color --no-color --fast -v --exclude: --include:',
  isort: '~ +--check-only +-c +--check +--diff +--version --profile: -q',
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
  stylua: '~ +--check +--version',
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
