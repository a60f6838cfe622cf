#!/bin/bash
# A decider that behaves as its first argument says. Each call adds a line to $FAKE_CALLS; the prompt it got on stdin goes to
# $FAKE_CALLS.stdin.
echo "$1" >>"$FAKE_CALLS"
[ "$1" = hang ] || cat >"$FAKE_CALLS.stdin"
calls=$(wc -l <"$FAKE_CALLS")
case "$1" in
say) printf '%s' "$2" ;;
usage)
  printf '{"type":"usage","input_tokens":100,"output_tokens":10,"cost_usd":0.25}\n{"action":"noop","reason":"metered"}\n'
  printf '{"type":"usage","output_tokens":5,"cost_usd":0.5}\n' >&2
  ;;
file) printf '%s' "$2" >"$TEND_DECISION_FILE" && echo 'I wrote it down.' ;;
file-dir) mkdir "$TEND_DECISION_FILE" && echo '{"action":"noop"}' ;;
file-huge) head -c 2000000 /dev/zero | tr '\0' ' ' >"$TEND_DECISION_FILE" && echo '{"action":"noop"}' ;;
file-then-fail) printf '{"action":"archive_goal","id":"a"}' | tee "$TEND_DECISION_FILE" && echo 'quota reached' >&2 && exit 3 ;;
fail-until)
  # $2 calls fail with $3 on stderr and exit code $4; then it decides.
  [ "$calls" -gt "$2" ] && echo '{"action":"noop","reason":"at last"}' && exit 0
  echo "$3" >&2 && exit "$4"
  ;;
old-file) printf '{"action":"archive_goal","id":"stale"}' | tee "$(dirname "$TEND_DECISION_FILE")/decision.json" .decision.json >/dev/null && echo 'Nothing.' ;;
second-good) [ "$calls" -gt 1 ] && echo '{"action":"noop","reason":"mended"}' || echo '{"action":"run_shell"}' ;;
by-model)
  # What the model named behind the last word says: a cheap one passes the question on, or never gives a move.
  echo "${!#}" >>"$FAKE_CALLS.models"
  case "${!#}" in
  cheap) echo '{"action":"noop","reason":"too hard","stronger":true}' ;;
  dull) echo 'Hm.' ;;
  strong) echo '{"action":"noop","reason":"it was easy","stronger":true}' ;;
  esac
  ;;
hang)
  trap '' TERM
  setsid bash -c "trap '' TERM; echo \$\$ >'$FAKE_CALLS.pid'; while :; do sleep 1; done" &
  while :; do sleep 1; done
  ;;
flood) yes '{"action":"noop"}' ;;
garbage) printf '\xff\xfe{"action":"noop","reason":"caf\xe9"}\x00\xc3' ;;
edits) echo 'Everything is allowed.' >PLAYBOOK.md && echo '{"action":"noop"}' ;;
whoami) printf '{"action":"noop","reason":"%s in %s"}' "$TEND_SESSION_ID" "$PWD" ;;
esac
