#!/bin/sh
# Watches one git repository: branch, head, uncommitted changes, distance to its upstream.
#
# tend:timeout=30
#
# Reads:   the repository at REPO (the line below, or $GIT_REPO). Writes nothing into it and runs none of its hooks.
# Knobs:   GIT_REPO   path of the repository, instead of the line below
#          GIT_FETCH  1: fetch from the upstream first (needs the network); otherwise the network is never used
# Signal:  {"branch": "main", "head": "3fa2…", "dirty": 2, "ahead": 1, "behind": 0}
#          branch is null on a detached head; head is null before the first commit; ahead and behind are null without upstream.
# Detail:  {"repo": "/path", "subject": "last commit's first line", "upstream": "origin/main", "changes": [" M file", …]}
# Fails:   when there is no repository there, or git is not installed.
set -eu
REPO=

REPO=${GIT_REPO:-$REPO}
CHANGES_SHOWN=20

# The caller's git variables would point at another repository than the one asked for; optional locks would write the index.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_NAMESPACE
export GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 LC_ALL=C

fail() {
  printf '%s\n' "git-repo: $1" >&2
  exit 1
}

# Each argument as one JSON string, separated by commas: any bytes, newlines and quotes included.
json_strings() {
  awk -- 'BEGIN {
    for (i = 1; i < 32; i++) esc[sprintf("%c", i)] = sprintf("\\u%04x", i)
    esc["\""] = "\\\""; esc["\\"] = "\\\\"; esc[sprintf("%c", 127)] = "\\u007f"
    for (a = 1; a < ARGC; a++) {
      out = ""
      n = length(ARGV[a])
      for (k = 1; k <= n; k++) { c = substr(ARGV[a], k, 1); out = out ((c in esc) ? esc[c] : c) }
      printf "%s\"%s\"", (a > 1 ? "," : ""), out
    }
  }' "$@"
}

json_or_null() {
  if [ -n "$1" ]; then json_strings "$1"; else printf null; fi
}

repo_git() {
  git -c core.fsmonitor=false -C "$REPO" "$@"
}

[ -n "$REPO" ] || fail 'no repository named: set REPO at the top of the script, or GIT_REPO'
[ -d "$REPO" ] || fail "no such directory: $REPO"
command -v git >/dev/null 2>&1 || fail 'git is not installed'
if [ "${GIT_FETCH:-0}" = 1 ]; then
  repo_git fetch --quiet || fail 'git fetch failed'
fi

status=$(repo_git status --porcelain=v2 --branch --untracked-files=normal) || fail "git cannot read $REPO"
# Fields of the header lines; the names of changed files stand in other lines, quoted by git, one a line.
head=$(printf '%s\n' "$status" | sed -n 's/^# branch\.oid //p')
branch=$(printf '%s\n' "$status" | sed -n 's/^# branch\.head //p')
upstream=$(printf '%s\n' "$status" | sed -n 's/^# branch\.upstream //p')
ahead=$(printf '%s\n' "$status" | sed -n 's/^# branch\.ab +\([0-9]*\) -\([0-9]*\)$/\1/p')
behind=$(printf '%s\n' "$status" | sed -n 's/^# branch\.ab +\([0-9]*\) -\([0-9]*\)$/\2/p')
dirty=$(printf '%s\n' "$status" | grep -c '^[^#]' || :)

[ "$head" != '(initial)' ] || head=
[ "$branch" != '(detached)' ] || branch=
subject=
if [ -n "$head" ]; then
  subject=$(repo_git log -1 --no-show-signature --format=%s "$head" | cut -c 1-200)
fi

# The short form is what people know; one name a line, quoted by git where it is strange.
set --
short=$(repo_git status --porcelain --untracked-files=normal | sed "${CHANGES_SHOWN}q" | cut -c 1-200)
while IFS= read -r line; do
  [ -z "$line" ] || set -- "$@" "$line"
done <<END
$short
END

printf '{"signal":{"branch":%s,"head":%s,"dirty":%s,"ahead":%s,"behind":%s},' \
  "$(json_or_null "$branch")" "$(json_or_null "$head")" "$dirty" "${ahead:-null}" "${behind:-null}"
printf '"detail":{"repo":%s,"subject":%s,"upstream":%s,"changes":[%s]}}\n' \
  "$(json_strings "$REPO")" "$(json_or_null "$subject")" "$(json_or_null "$upstream")" "$(json_strings "$@")"
