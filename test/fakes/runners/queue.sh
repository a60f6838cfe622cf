#!/bin/bash
# A decider that says what a test laid ready. $1: a directory. Call N leaves its prompt as prompt-N.md; the first file of queue/
# is taken and run as a script when it is executable, printed otherwise; with an empty queue it does nothing at all.
cd "$1" || exit 9
cat >prompt.part
calls=$(($(cat calls 2>/dev/null || echo 0) + 1))
mv prompt.part "prompt-$calls.md" && echo "$calls" >calls.part && mv calls.part calls
next=$(ls queue | head -n 1)
if [ -z "$next" ]; then
  echo '{"action":"noop","reason":"the queue is empty"}'
else
  mv "queue/$next" "taken-$next"
  if [ -x "taken-$next" ]; then exec "./taken-$next"; else cat "taken-$next"; fi
fi
