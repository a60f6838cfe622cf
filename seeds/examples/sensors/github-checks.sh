#!/bin/sh
# Watches the latest run of each GitHub Actions workflow on one branch through the gh CLI, which must be logged in.
#
# tend:interval=120
# tend:timeout=60
#
# Reads:   gh run list (one call, the newest runs of the branch)
# Knobs:   GITHUB_REPO    owner/name, instead of the line below
#          GITHUB_BRANCH  branch, default main
#          CHECKS_LIMIT   runs asked for, default 40
# Signal:  {"branch": "main", "checks": {"ci": "success", "release": "running"}}
#          Per workflow the conclusion of its newest run, or "running". Runs, commits and times do not wake.
# Detail:  {"repo": "owner/name", "runs": {"ci": {"commit": "3fa2…", "url": …, "event": "push"}}}
# Fails:   without gh, network, login or permission.
set -eu
REPO=
BRANCH=main

REPO=${GITHUB_REPO:-$REPO}
BRANCH=${GITHUB_BRANCH:-$BRANCH}
LIMIT=${CHECKS_LIMIT:-40}

# Colours and prompts of gh would end up in the reading; a terminal is never there.
unset GH_FORCE_TTY CLICOLOR_FORCE
export GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1 GH_PAGER=cat

fail() {
  printf '%s\n' "github-checks: $1" >&2
  exit 1
}

[ -n "$REPO" ] || fail 'no repository named: set REPO at the top of the script, or GITHUB_REPO, to owner/name'
case $REPO in -* | *[!A-Za-z0-9._/-]*) fail "not a repository name: $REPO" ;; esac
# The branch becomes part of an expression below: only what cannot end a string there.
case $BRANCH in '' | -* | *[!A-Za-z0-9._/@+#-]*) fail "not a branch name that can be watched: $BRANCH" ;; esac
case $LIMIT in '' | *[!0-9]* | 0*) fail "CHECKS_LIMIT is no number above 0: $LIMIT" ;; esac
command -v gh >/dev/null 2>&1 || fail 'gh is not installed, see https://cli.github.com'

# The expression runs inside gh; no jq is needed. databaseId grows with time, so the greatest is the newest run.
reading=$(gh run list --repo "$REPO" --branch "$BRANCH" --limit "$LIMIT" \
  --json databaseId,workflowName,status,conclusion,headSha,url,event \
  --jq "([group_by(.workflowName)[] | max_by(.databaseId)] | .[0:20]) as \$latest | {
    signal: {branch: \"$BRANCH\", checks: ([\$latest[] | {key: .workflowName[0:60],
      value: (if .status == \"completed\" then .conclusion else \"running\" end)}] | from_entries)},
    detail: {repo: \"$REPO\", runs: ([\$latest[] | {key: .workflowName[0:60],
      value: {commit: .headSha[0:12], url, event}}] | from_entries)}
  }") || fail "gh cannot list the runs of $REPO"
[ -n "$reading" ] || fail "gh printed nothing about $REPO"

printf '%s\n' "$reading"
