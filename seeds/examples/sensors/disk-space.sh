#!/bin/sh
# Watches how full file systems are, in four steps, so that it wakes when a step is crossed and not with every byte.
#
# tend:interval=300
#
# Reads:   df of each path in PATHS (the line below, or $DISK_PATHS), separated by ":".
# Knobs:   DISK_PATHS  paths, instead of the line below
#          DISK_STEPS  percent used at which "warn", "high" and "critical" begin, default "80 90 95"
# Signal:  {"/": "ok", "/home": "high"}
# Detail:  {"/": {"used_percent": 41, "available_mib": 20480, "mount": "/"}}
# Fails:   when a path does not exist, or df cannot say how full it is.
set -eu
PATHS=/

PATHS=${DISK_PATHS:-$PATHS}
STEPS=${DISK_STEPS:-80 90 95}
LC_ALL=C
export LC_ALL

fail() {
  printf '%s\n' "disk-space: $1" >&2
  exit 1
}

json_string() {
  awk -- 'BEGIN {
    for (i = 1; i < 32; i++) esc[sprintf("%c", i)] = sprintf("\\u%04x", i)
    esc["\""] = "\\\""; esc["\\"] = "\\\\"; esc[sprintf("%c", 127)] = "\\u007f"
    n = length(ARGV[1])
    for (k = 1; k <= n; k++) { c = substr(ARGV[1], k, 1); out = out ((c in esc) ? esc[c] : c) }
    printf "\"%s\"", out
  }' "$1"
}

# shellcheck disable=SC2086 # three words are wanted
set -- $STEPS
[ "$#" -eq 3 ] || fail "DISK_STEPS wants three numbers, not: $STEPS"
case "$1$2$3" in *[!0-9]*) fail "DISK_STEPS wants three numbers, not: $STEPS" ;; esac
warn=$1
high=$2
critical=$3

signal=
detail=
rest=$PATHS:
while [ -n "$rest" ]; do
  path=${rest%%:*}
  rest=${rest#*:}
  [ -n "$path" ] || continue
  [ -e "$path" ] || fail "no such path: $path"
  table=$(df -Pk -- "$path") || fail "df cannot tell about $path"
  # Counted from the percent sign: names of devices and mount points may contain spaces.
  numbers=$(printf '%s\n' "$table" | sed -n '2s/^.* \{1,\}\(-\{0,1\}[0-9]\{1,\}\) \{1,\}\([0-9]\{1,\}\)% .*$/\1 \2/p')
  [ -n "$numbers" ] || fail "df does not say how full $path is"
  mount=$(printf '%s\n' "$table" | sed -n '2s/^.* [0-9]\{1,\}% *//p')
  available=${numbers% *}
  percent=${numbers#* }
  if [ "$percent" -ge "$critical" ]; then step=critical
  elif [ "$percent" -ge "$high" ]; then step=high
  elif [ "$percent" -ge "$warn" ]; then step=warn
  else step=ok; fi
  name=$(json_string "$path")
  signal="${signal:+$signal,}$name:\"$step\""
  detail="${detail:+$detail,}$name:{\"used_percent\":$percent,\"available_mib\":$((available / 1024)),\"mount\":$(json_string "$mount")}"
done
[ -n "$signal" ] || fail 'no paths named: set PATHS at the top of the script, or DISK_PATHS'

printf '{"signal":{%s},"detail":{%s}}\n' "$signal" "$detail"
