#!/bin/sh
# Tells the loop which day it is, so that a new day wakes it once, shortly after midnight.
#
# tend:approvals=keep
#   A new day alone does not expire an approval that waits for you.
#
# Reads:   the clock of this machine, in its time zone.
# Knobs:   TZ, as everywhere.
# Signal:  {"date": "2026-11-21", "weekday": "Saturday"}
# Detail:  {"zone": "UTC"}: no hours and minutes, they would change on every beat.
set -eu
LC_ALL=C
export LC_ALL

# One call, so that date and weekday cannot come from two sides of midnight.
date '+{"signal":{"date":"%Y-%m-%d","weekday":"%A"},"detail":{"zone":"%Z"}}'
