#!/bin/sh
# Stands for any agent CLI: reads its stdin to the end, leaves what it was called with, and says what $SAYS says.
# codex asks itself for its MCP servers first.
[ "$1 $2" = 'mcp list' ] && exit 0
sum=$(sha256sum | cut -d' ' -f1)
{ printf '%s\0' "$sum"; for word; do printf '%s\0' "$word"; done; } >"$RECORD.part"
mv "$RECORD.part" "$RECORD"
printf '%s\n' "$SAYS"
