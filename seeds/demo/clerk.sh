#!/bin/sh
# The worker of the demo: a script in the place of an agent CLI. Its brief is the file named by $1; it asks the human through tend,
# prepares what is irreversible, and leaves that last step to the loop. $TEND_BIN and $TEND_REPORTS_DIR are given to every worker.
set -eu
cat "$1" >/dev/null

for path in "$DEMO_INBOX"/*; do
  name=${path##*/}
  echo "clerk: looking at $name"
  said=$("$TEND_BIN" ask --options bills,taxes --prompt "Where does $name belong?

$(sed 's/^/    /' "$path")

1. bills
2. taxes")
  case $said in
    bills | taxes) folder=$said ;;
    *) folder=other ;;
  esac
  mkdir -p "$DEMO_PAPERS/$folder"
  mv "$path" "$DEMO_PAPERS/$folder/$name"
  git -C "$DEMO_PAPERS" add -- "$folder/$name"
  printf 'Filed %s under %s/, because you said: %s\n' "$name" "$folder" "$said" >>"$TEND_REPORTS_DIR/clerk.md"
done
echo 'clerk: prepared, the commit is yours to release'
