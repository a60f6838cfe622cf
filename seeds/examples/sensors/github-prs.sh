#!/bin/sh
# Watches the open pull requests of a GitHub repository through the gh CLI, which must be logged in (gh auth status).
#
# tend:interval=300
# tend:timeout=60
#
# Reads:   gh pr list (one call)
# Knobs:   GITHUB_REPO  owner/name, instead of the line below
#          PRS_LIMIT    pull requests asked for, default 40
# Signal:  {"open": [{"number": 7, "head": "3fa2…", "draft": false, "review": "APPROVED"}, …]}
#          By number. A new push or review wakes; comments, titles and times do not. When the list was cut, "cut" is true.
#          Conflicts are in the detail: GitHub forgets and computes them anew after each push to the base.
# Detail:  {"repo": "owner/name", "prs": {"7": {"title": …, "author": …, "branch": …, "url": …, "mergeable": …}}}, ten of them
# Fails:   without gh, network, login or permission.
set -eu
REPO=

REPO=${GITHUB_REPO:-$REPO}
LIMIT=${PRS_LIMIT:-40}

# Colours and prompts of gh would end up in the reading; a terminal is never there.
unset GH_FORCE_TTY CLICOLOR_FORCE
export GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1 GH_PAGER=cat

fail() {
  printf '%s\n' "github-prs: $1" >&2
  exit 1
}

[ -n "$REPO" ] || fail 'no repository named: set REPO at the top of the script, or GITHUB_REPO, to owner/name'
case $REPO in -* | *[!A-Za-z0-9._/-]*) fail "not a repository name: $REPO" ;; esac
case $LIMIT in '' | *[!0-9]* | 0*) fail "PRS_LIMIT is no number above 0: $LIMIT" ;; esac
command -v gh >/dev/null 2>&1 || fail 'gh is not installed, see https://cli.github.com'

# One more than shown, to know whether the list was cut. The expression runs inside gh; no jq is needed.
reading=$(gh pr list --repo "$REPO" --state open --limit "$((LIMIT + 1))" \
  --json number,title,author,headRefName,headRefOid,isDraft,reviewDecision,mergeable,url \
  --jq "(sort_by(.number) | .[0:$LIMIT]) as \$shown | {
    signal: ({open: [\$shown[] | {number, head: (.headRefOid // \"\")[0:12], draft: .isDraft,
      review: (if (.reviewDecision // \"\") == \"\" then null else .reviewDecision end)}]} + (if length > $LIMIT then {cut: true} else {} end)),
    detail: {repo: \"$REPO\", prs: ([\$shown[] | {key: (.number | tostring), value: {title: .title[0:60],
      author: .author.login, branch: .headRefName[0:60], url, mergeable}}][0:10] | from_entries)}
  }") || fail "gh cannot list the pull requests of $REPO"
[ -n "$reading" ] || fail "gh printed nothing about $REPO"

printf '%s\n' "$reading"
