#!/bin/sh
# Builds tend in this checkout and links it, or shows the demo. Touches nothing outside the checkout but npm's cache and, for the
# plain install, one small file in ${TEND_INSTALL_DIR:-$HOME/.local/bin}. Needs npm; a Node that is too old is left alone, a private one
# is fetched from npm into .tend-node/.
set -eu

node_wanted='20.19'
node_private='22'
mark='# Made by install.sh of tend.'

usage() {
  cat <<'TEXT'
Usage: ./install.sh              build tend here and link it into ${TEND_INSTALL_DIR:-~/.local/bin}
       ./install.sh demo [--yes] [--keep]
                                 build tend here and watch one whole loop in a throw-away profile;
                                 --yes answers by itself (needed without a terminal), --keep keeps the profile
       ./install.sh --help       this text

Environment: TEND_INSTALL_DIR    directory of the link
No sudo, no daemon, nothing to undo but the link, node_modules/, dist/ and .tend-node/.
TEXT
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

usage_error() {
  printf 'install.sh: %s\n  try: %s\n' "$1" "$2" >&2
  exit 2
}

# A path as one shell word.
quote() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

# True when the given program is a Node that is new enough. A program that prints nonsense, or nothing, is not.
is_node_fit() {
  version=$("$1" --version 2>/dev/null) || return 1
  case $version in v[0-9]*.[0-9]*) ;; *) return 1 ;; esac
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case "$major$minor" in *[!0-9]*) return 1 ;; esac
  [ "$major" -gt "${node_wanted%.*}" ] || { [ "$major" -eq "${node_wanted%.*}" ] && [ "$minor" -ge "${node_wanted#*.}" ]; }
}

# Sets $node. The order: the one on PATH, the private one of an earlier run, a new private one.
find_node() {
  node=$(command -v node 2>/dev/null) || node=''
  if [ -n "$node" ] && is_node_fit "$node"; then return 0; fi
  found=$([ -n "$node" ] && "$node" --version 2>/dev/null) || found='none'
  command -v npm >/dev/null 2>&1 || fail "tend needs Node $node_wanted or newer and npm; found Node: $found, npm: none" \
    'Install Node from https://nodejs.org (or your package manager), then run this again.'
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) fail "tend needs Node $node_wanted or newer; found: $found, and there is no private Node for $(uname -s)" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "tend needs Node $node_wanted or newer; found: $found, and there is no private Node for $(uname -m)" ;;
  esac
  node="$root/.tend-node/node_modules/node-$os-$arch/bin/node"
  if ! is_node_fit "$node"; then
    say "Node on this machine: $found; tend needs $node_wanted or newer. Fetching a private Node $node_private from npm into .tend-node/ ..."
    mkdir -p "$root/.tend-node"
    [ -f "$root/.tend-node/package.json" ] || printf '{"private":true}\n' >"$root/.tend-node/package.json"
    quietly 'fetch a private Node from npm' npm install --prefix "$root/.tend-node" --no-save --no-package-lock --no-audit --no-fund \
      "node-$os-$arch@$node_private"
    is_node_fit "$node" || fail "The Node that npm fetched does not run here: $node" "Install Node $node_wanted or newer by hand, then run this again."
  fi
  # Children by shebang (npm, the build's tools, tend's own workers) find the private one first.
  PATH="${node%/*}:$PATH"
  export PATH
  private=yes
}

# Runs a noisy command: its output is shown only when it fails.
quietly() {
  what=$1
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/tend-install.XXXXXX")
  if "$@" >"$log" 2>&1 </dev/null; then
    rm -f "$log"
    return 0
  fi
  cat "$log" >&2
  rm -f "$log"
  log=''
  fail "Could not $what (the output is above): $*"
}

# npm writes node_modules/.package-lock.json last, so one that is newer than the lock file is a finished installation of that lock.
install_packages() {
  if [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then return 0; fi
  command -v npm >/dev/null 2>&1 || fail 'npm is needed to install the packages, and there is none on PATH'
  say 'Installing packages (npm ci) ...'
  quietly 'install the packages' npm ci --include=dev --no-audit --no-fund
}

build() {
  if [ -f dist/main.js ] && [ -z "$(find src package.json package-lock.json -newer dist/main.js 2>/dev/null | head -n 1)" ]; then return 0; fi
  say 'Building ...'
  quietly 'build tend' npm run build
}

# Writes a program at $1 that runs this checkout with the Node that was found. Renamed into place, so a running shell never reads half of it.
write_program() {
  {
    printf '#!/bin/sh\n%s\n' "$mark Run it again after moving the checkout or changing Node."
    printf 'node=%s\n' "$(quote "$node")"
    # shellcheck disable=SC2016 # The expansions belong to the written program.
    if [ "$private" = yes ]; then printf 'PATH="${node%%/*}:$PATH"\nexport PATH\n'; fi
    # shellcheck disable=SC2016
    printf '[ -x "$node" ] || node=node\nexec "$node" %s "$@"\n' "$(quote "$root/dist/main.js")"
  } >"$1.new.$$"
  chmod 755 "$1.new.$$"
  mv -f "$1.new.$$" "$1"
}

link() {
  dir=${TEND_INSTALL_DIR:-}
  if [ -z "$dir" ]; then
    [ -n "${HOME:-}" ] || fail 'HOME is not set, so there is no place for the link' 'TEND_INSTALL_DIR=/some/bin ./install.sh'
    dir="$HOME/.local/bin"
  fi
  mkdir -p "$dir" || fail "Cannot create \"$dir\"" 'TEND_INSTALL_DIR=/some/bin ./install.sh'
  dir=$(cd "$dir" && pwd)
  if [ -e "$dir/tend" ] && ! grep -qF "$mark" "$dir/tend" 2>/dev/null; then
    fail "\"$dir/tend\" exists and was not made by this script; it is left alone" 'TEND_INSTALL_DIR=/some/other/bin ./install.sh'
  fi
  write_program "$dir/tend" || fail "Cannot write \"$dir/tend\"" 'TEND_INSTALL_DIR=/some/bin ./install.sh'
  say "Installed: $dir/tend ($("$dir/tend" version))"
  case ":$PATH:" in
    *":$dir:"*) program=tend ;;
    *)
      program="$dir/tend"
      say "\"$dir\" is not on your PATH. To have it there: export PATH=\"$dir:\$PATH\""
      ;;
  esac
  say "Next: $program init"
}

root=$(cd "$(dirname "$0")" && pwd -P)
cd "$root"
private=no
log=''
trap 'rm -f "$log" "dist/tend.new.$$"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mode=${1:-install}
[ $# -eq 0 ] || shift
case $mode in
  -h | --help | help) usage; exit 0 ;;
  install) [ $# -eq 0 ] || usage_error "Unknown argument \"$1\"" './install.sh --help' ;;
  demo)
    for word in "$@"; do
      case $word in
        --yes | --keep) ;;
        *) usage_error "Unknown argument \"$word\" of demo" './install.sh --help' ;;
      esac
    done
    case " $* " in
      *' --yes '*) ;;
      *) { [ -t 0 ] && [ -t 1 ]; } || usage_error 'The demo asks you questions, and this is no terminal' './install.sh demo --yes' ;;
    esac
    ;;
  *) usage_error "Unknown argument \"$mode\"" './install.sh --help' ;;
esac

find_node
install_packages
build
if [ "$mode" = install ]; then
  link
  exit 0
fi
write_program dist/tend
TEND="$root/dist/tend" TEND_DEMO_NODE="$node" exec sh "$root/seeds/demo/demo.sh" "$@"
