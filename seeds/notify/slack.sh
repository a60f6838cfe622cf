#!/usr/bin/env bash
# Pushes each new ask once to a Slack incoming webhook: what `tend notify` does, as a loop of your own to change as you like.
#   SLACK_WEBHOOK_URL=https://hooks.slack.com/… seeds/notify/slack.sh        needs curl and jq
set -uo pipefail
: "${SLACK_WEBHOOK_URL:?is not set}"
tend=${TEND_BIN:-tend} # several words in it would be several words here, so: one program
seen="${XDG_STATE_HOME:-$HOME/.local/state}/tend-pushed-asks"
mkdir -p "${seen%/*}" && touch "$seen"
since=()
while :; do
  news=$("$tend" wait --only-asks --json "${since[@]}") # sleeps until the asks change
  case $? in 0 | 2) ;; 130 | 143) exit 0 ;; *) sleep 10 && continue ;; esac # 2: the pulse is down; asks stay asks
  since=(--since "$(jq -r .cursor <<<"$news")")
  while IFS= read -r ask; do
    id=$(jq -r .id <<<"$ask")
    grep -qxF -- "$id" "$seen" && continue
    # The address goes to curl by a file descriptor: in its arguments every user of this machine could read it.
    jq '{text: ("*\(.id)*: " + (.prompt | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;")) + "\n`tend answer \(.id) …`")}' <<<"$ask" |
      curl -fsS --retry 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- -K <(printf 'url = "%s"\n' "$SLACK_WEBHOOK_URL") &&
      echo "$id" >>"$seen" || { since=() && sleep 10; } # not taken: begin anew
  done < <(jq -c '.asks[]' <<<"$news")
done
