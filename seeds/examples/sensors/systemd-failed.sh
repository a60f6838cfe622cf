#!/bin/sh
# Watches systemd for failed units: wakes when one fails, and again when it is mended.
#
# tend:timeout=20
#
# Reads:   systemctl list-units --state=failed
# Knobs:   SYSTEMD_SCOPE  system (default) or user
# Signal:  {"failed": ["backup.service", "nginx.service"]}
# Detail:  {"scope": "system", "count": 2}
# Fails:   when there is no systemd, or it does not answer: no answer is not "nothing failed".
set -eu
SCOPE=${SYSTEMD_SCOPE:-system}
LC_ALL=C
export LC_ALL SYSTEMD_COLORS=0 SYSTEMD_PAGER=cat

fail() {
  printf '%s\n' "systemd-failed: $1" >&2
  exit 1
}

case $SCOPE in system | user) ;; *) fail "SYSTEMD_SCOPE is neither system nor user: $SCOPE" ;; esac
command -v systemctl >/dev/null 2>&1 || fail 'systemctl is not installed'
units=$(systemctl "--$SCOPE" list-units --state=failed --all --plain --no-legend --no-pager --full) ||
  fail "systemctl does not answer"

# The first column is the unit; its name may hold backslashes, never quotes or spaces. Old versions print a dot before it.
# As many units as fit into a reading are named; count says how many there are.
printf '%s\n' "$units" | sed 's/^[^A-Za-z0-9_.@:\\-]*//' |
  awk '$1 != "" { print $1 }' | sort | sed 's/\\/\\\\/g' | awk -v scope="$SCOPE" '
  {
    count++
    if (length(names) + length($0) < 6000) names = names (names == "" ? "" : ",") "\"" $0 "\""
  }
  END { printf "{\"signal\":{\"failed\":[%s]},\"detail\":{\"scope\":\"%s\",\"count\":%d}}\n", names, scope, count }'
