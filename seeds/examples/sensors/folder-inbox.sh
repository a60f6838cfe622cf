#!/bin/sh
# Watches a folder in which things arrive: wakes when a name comes or goes.
#
# Reads:   the names in FOLDER (the line below, or $INBOX_DIR), never the contents. Hidden names are left out.
# Knobs:   INBOX_DIR    path of the folder, instead of the line below
#          INBOX_SHOWN  names in the reading, default 40: a reading has a size limit
# Signal:  {"count": 2, "names": ["a.pdf", "b.txt"], "rest": null}
#          When not all names fit into a reading, rest is a checksum over all of them, so that the others wake too.
# Detail:  {"folder": "/path"}
# Fails:   when the folder is missing or cannot be listed: an empty inbox and no inbox are two things.
set -eu
FOLDER=

FOLDER=${INBOX_DIR:-$FOLDER}
SHOWN=${INBOX_SHOWN:-40}
LC_ALL=C
export LC_ALL

fail() {
  printf '%s\n' "folder-inbox: $1" >&2
  exit 1
}

# Each argument as one JSON string, any bytes in it, until 6,000 bytes are used (a reading may have 8,192).
# First line: how many arguments were shown. Second line: the strings, separated by commas.
json_strings() {
  awk -- 'BEGIN {
    for (i = 1; i < 32; i++) esc[sprintf("%c", i)] = sprintf("\\u%04x", i)
    esc["\""] = "\\\""; esc["\\"] = "\\\\"; esc[sprintf("%c", 127)] = "\\u007f"
    for (a = 1; a < ARGC; a++) {
      out = (a > 1) ? ",\"" : "\""
      n = length(ARGV[a])
      for (k = 1; k <= n; k++) { c = substr(ARGV[a], k, 1); out = out ((c in esc) ? esc[c] : c) }
      if (length(all) + length(out) > 6000) break
      all = all out "\""
    }
    print a - 1
    print all
  }' "$@"
}

[ -n "$FOLDER" ] || fail 'no folder named: set FOLDER at the top of the script, or INBOX_DIR'
case $SHOWN in '' | *[!0-9]*) fail "INBOX_SHOWN is no number: $SHOWN" ;; esac
[ -d "$FOLDER" ] || fail "no such folder: $FOLDER"
cd -- "$FOLDER" 2>/dev/null || fail "cannot enter $FOLDER"
[ -r . ] || fail "cannot list $FOLDER"

# Names come from the shell itself, sorted by bytes (LC_ALL), so no name can be split at a space or a newline.
set -- *
if [ "$#" -eq 1 ] && [ ! -e "$1" ] && [ ! -L "$1" ]; then shift; fi
count=$#

# A checksum of everything, before the list is cut. Each name ends in a NUL, which no name contains.
checksum=$(printf '%s\0' "$@" | cksum | awk '{ print $1 }')
[ -n "$checksum" ] || fail 'cksum is not installed'

# The first SHOWN names stay: they are moved behind the others, then the others are dropped.
if [ "$count" -gt "$SHOWN" ]; then
  i=0
  while [ "$i" -lt "$SHOWN" ]; do
    first=$1
    shift
    set -- "$@" "$first"
    i=$((i + 1))
  done
  shift $((count - SHOWN))
fi

listed=$(json_strings "$@")
shown=$(printf '%s\n' "$listed" | sed -n 1p)
names=$(printf '%s\n' "$listed" | sed -n 2p)
rest=null
if [ "$count" -gt "$shown" ]; then rest=$checksum; fi
folder=$(json_strings "$FOLDER" | sed -n 2p)

printf '{"signal":{"count":%s,"names":[%s],"rest":%s},"detail":{"folder":%s}}\n' \
  "$count" "$names" "$rest" "$folder"
