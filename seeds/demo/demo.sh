#!/bin/sh
# One whole loop on screen, in a throw-away profile: a paper arrives in a folder, a rule sends a worker, the worker asks you, you answer,
# the worker prepares, the loop asks before the act, you say yes, the act happens once. Everything goes through the public verbs of tend;
# a step is ticked only after it was observed. Run by ./install.sh demo, which sets TEND (the program) and TEND_DEMO_NODE.
set -eu

: "${TEND:?run ./install.sh demo}"
node=${TEND_DEMO_NODE:-node}
here=$(cd "$(dirname "$0")" && pwd -P)
seeds=$(dirname "$here")
# Longest wait for one step. On an idle machine each takes a second or two; a busy one may take its time.
step_s=60

yes=no
keep=no
for word in "$@"; do
  case $word in
    --yes) yes=yes ;;
    --keep) keep=yes ;;
    *)
      printf 'demo: Unknown argument "%s"; known are --yes and --keep\n' "$word" >&2
      exit 2
      ;;
  esac
done
if [ "$yes" = no ] && ! { [ -t 0 ] && [ -t 1 ]; }; then
  printf 'demo: It asks you questions, and this is no terminal\n  try: ./install.sh demo --yes\n' >&2
  exit 2
fi
command -v git >/dev/null 2>&1 || {
  printf 'demo: git is needed, and there is none on PATH\n' >&2
  exit 1
}

# --- the screen ---
bold='' dim='' green='' red='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m') red=$(printf '\033[31m') off=$(printf '\033[0m')
fi
title() { printf '\n%s%s%s\n' "$bold" "$1" "$off"; }
why() { printf '  %s%s%s\n' "$dim" "$1" "$off"; }
ok() { printf '  %s✓%s %s\n' "$green" "$off" "$1"; }
waiting() { printf '  %s… %s%s\n' "$dim" "$1" "$off"; }

# --- a profile of its own: nothing of the user's tend, git or agents takes part ---
for name in $(env | sed -n 's/^\(TEND_[A-Z_]*\)=.*/\1/p'); do
  case $name in TEND_SESSION_ID | TEND_GENERATION | TEND_DEMO_NODE) ;; *) unset "$name" ;; esac
done
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
work=$(mktemp -d "${TMPDIR:-/tmp}/tend-demo.XXXXXX")
work=$(cd "$work" && pwd -P)
inbox="$work/inbox"
papers="$work/papers"
mkdir "$inbox" "$papers" "$work/run"
export TEND_DATA_DIR="$work/data" TEND_INTERVAL=1 XDG_RUNTIME_DIR="$work/run"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 DEMO_INBOX="$inbox" DEMO_PAPERS="$papers"
is_up=no
failed=no

bring_down() {
  code=$?
  trap '' INT TERM HUP
  if [ "$is_up" = yes ]; then "$TEND" down >/dev/null 2>&1 || printf 'demo: could not bring everything down; TEND_DATA_DIR=%s tend status\n' "$TEND_DATA_DIR" >&2; fi
  if [ "$keep" = yes ] || [ "$failed" = yes ]; then
    printf '\nThe profile is kept: TEND_DATA_DIR=%s\n' "$TEND_DATA_DIR"
  else
    rm -rf "$work"
  fi
  exit "$code"
}
trap bring_down EXIT
trap 'printf "\ndemo: stopped, bringing everything down\n" >&2; exit 130' INT
trap 'exit 143' TERM HUP

# --- observing ---
fail_step() {
  failed=yes
  printf '  %s✗ expected:%s %s\n' "$red" "$off" "$1" >&2
  printf '    seen: %s\n' "$2" >&2
  printf '    tend status:\n' >&2
  "$TEND" status 2>&1 | sed 's/^/      /' >&2 || :
  printf '    terminal of the worker:\n' >&2
  "$TEND" screenshot clerk 2>&1 | sed 's/^/      /' >&2 || :
  exit 1
}
# Reads a JSON document and prints what the expression over `s` gives, nothing for undefined. The expression is text of this script;
# data reaches it only through the environment.
pick() { "$node" -e 'const fs = require("node:fs"); const s = JSON.parse(fs.readFileSync(0, "utf8")); const v = eval(process.argv[1]);
  if (v !== undefined && v !== null && v !== false) process.stdout.write(typeof v === "string" ? v : JSON.stringify(v));' "$1"; }
# watch_for WHAT EXPRESSION: looks at `tend state --json` until the expression gives something, which it leaves in $seen.
watch_for() {
  end=$(($(date +%s) + step_s))
  said=no
  while :; do
    state=$("$TEND" state --json) || fail_step "$1" '"tend state" failed'
    seen=$(printf '%s' "$state" | pick "$2")
    [ -z "$seen" ] || return 0
    [ "$(date +%s)" -lt "$end" ] || fail_step "$1" "$(printf '%s' "$state" | pick '({ asks: s.asks.map((a) => a.id), workers: s.workers, journal: s.journal_tail.slice(-3) })')"
    if [ "$said" = no ]; then waiting "waiting for $1"; said=yes; fi
    # Sleeps until something changes; its exit code only says whether it did.
    "$TEND" wait --since "$(printf '%s' "$state" | pick s.cursor)" --timeout 1s >/dev/null 2>&1 || :
  done
}
# ask_you QUESTION DEFAULT: leaves the answer in $answer.
ask_you() {
  if [ "$yes" = yes ]; then
    answer=$2
    printf '  %s>%s %s   %s(--yes answers)%s\n' "$bold" "$off" "$answer" "$dim" "$off"
    return 0
  fi
  printf '  %s%s%s ' "$bold" "$1" "$off"
  IFS= read -r answer || fail_step 'your answer' 'the end of the input'
  [ -n "$answer" ] || answer=$2
}
# A path as one shell word: bare when it is harmless.
quote() {
  case $1 in
    *[!A-Za-z0-9_./-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}
commits() { git -C "$papers" rev-list --count HEAD; }
# with_line FILE NAME VALUE: a shipped sensor with one setting filled in, on stdout.
with_line() { NAME=$2 VALUE=$3 awk '$0 == ENVIRON["NAME"] "=" { v = ENVIRON["VALUE"]; gsub(/\047/, "\047\\\047\047", v); print ENVIRON["NAME"] "=\047" v "\047"; next } { print }' "$1"; }

# --- the world: a folder, a repository, a worker, two sensors, one goal ---
title 'A loop is set up'
git -C "$papers" init -q
git -C "$papers" config user.name 'Demo'
git -C "$papers" config user.email 'demo@example.invalid'
printf 'Papers, filed.\n' >"$papers/README"
git -C "$papers" add README
git -C "$papers" commit -q -m 'Begin'
cp "$here/clerk.sh" "$work/clerk.sh"
chmod +x "$work/clerk.sh"
printf '# PLAYBOOK\n\nRules alone decide in this demo; see goals/inbox.md.\n' | "$TEND" playbook write - >/dev/null
"$TEND" init --runner embedded --worker-command "'$(printf '%s' "$work/clerk.sh" | sed "s/'/'\\\\''/g")' {{prompt_file}}" --yes >/dev/null
with_line "$seeds/examples/sensors/folder-inbox.sh" FOLDER "$inbox" | "$TEND" sensor write inbox - >/dev/null
with_line "$seeds/examples/sensors/git-repo.sh" REPO "$papers" | "$TEND" sensor write papers - >/dev/null
commit="git -C $(quote "$papers") commit -q -m 'File what the clerk prepared'"
{
  # JSON is YAML: strings of any content stay one line.
  # shellcheck disable=SC2016 # The program is JavaScript, its backquotes are no command substitution.
  CMD=$commit "$node" -e '
  const rules = [
    { when: `sensors.inbox.count > 0 && !sys.fleet.exists(w, w.id == "clerk")`,
      move: { action: "start_worker", id: "clerk", prompt: "File what lies in the inbox. Ask the human where it belongs. Prepare the commit, do not make it.",
        journal: "a paper lies in the inbox: sent the clerk" } },
    { when: `sensors.inbox.count == 0 && sensors.papers.dirty > 0 && sys.fleet.exists(w, w.id == "clerk" && w.state == "exited" && w.exit_code == 0)`,
      move: { action: "run_shell", cmd: process.env.CMD, reason: "the clerk has prepared it, only the commit is missing",
        journal: "the paper is filed and committed" } },
  ];
  console.log(`---\ngoal: "Every paper in the inbox is filed where the human says"\nrules: ${JSON.stringify(rules)}\n---`);'
  printf '# Inbox\n\nA paper that arrives is filed in the repository, in the folder that the human names. The commit is asked for.\n'
} | "$TEND" goal write inbox - >/dev/null
ok "a folder    $inbox"
ok "a git repo  $papers, $(commits) commit"
ok 'two sensors that read them, one goal with two rules, no model'
is_up=yes
"$TEND" up >/dev/null
alive=$("$TEND" status --json | pick 's.pulse.alive && s.pulse.pid')
[ -n "$alive" ] || fail_step 'the pulse to be alive' "$("$TEND" status --json | pick s.pulse)"
ok "the pulse beats (tend up, pid $alive)"

title 'A paper arrives'
printf 'Invoice 0042\nPaper clips, 12.00\n' >"$work/invoice-0042.txt"
mv "$work/invoice-0042.txt" "$inbox/invoice-0042.txt"
watch_for 'the sensor to see it' 's.snapshots["sensor-inbox"]?.signal?.names?.join(", ")'
ok "sensed: $seen"
watch_for 'the rule to fire' 's.journal_tail.find((l) => l.includes("sent the clerk"))'
why 'goals/inbox.md: when sensors.inbox.count > 0 → start_worker'
ok "decided by a rule, without a model: ${seen#- ????-??-?? ??:?? }"
watch_for 'the worker to run' 's.workers.find((w) => w.id === "clerk")?.state'
ok 'a worker runs in a terminal of its own: clerk'

title 'The worker asks you'
watch_for 'its question' 's.asks.find((a) => a.worker === "clerk")?.id'
ask=$seen
printf '%s' "$state" | pick 's.asks.find((a) => a.worker === "clerk").prompt' | sed 's/^/  │ /'
printf '\n'
ok "it waits for you, the loop goes on (tend asks: $ask)"
ask_you '1 = bills, 2 = taxes, or your own words:' 1
case $answer in 1) answer=bills ;; 2) answer=taxes ;; esac
printf '%s\n' "$answer" | "$TEND" answer "$ask" - >/dev/null
why "tend answer $ask '$answer'"
watch_for 'the worker to finish' 's.workers.find((w) => w.id === "clerk" && w.state === "exited" && w.exit_code === 0)?.id'
[ -s "$TEND_DATA_DIR/reports/clerk.md" ] || fail_step 'a report in reports/clerk.md' "$(ls "$TEND_DATA_DIR/reports" 2>&1)"
sed 's/^/  │ /' "$TEND_DATA_DIR/reports/clerk.md"
ok 'it wrote its report and ended'

title 'The loop asks before the act'
watch_for 'the approval' 's.asks.find((a) => a.kind === "approval")?.id'
gate=$seen
shown=$(printf '%s' "$state" | pick 's.asks.find((a) => a.kind === "approval").proposal.move.cmd')
[ "$shown" = "$commit" ] || fail_step "the command: $commit" "$shown"
printf '  │ %s\n' "$shown"
why 'a commit changes the repository for good: not without your yes to exactly this'
[ "$(commits)" = 1 ] || fail_step 'no commit before your yes' "$(commits) commits"
ok "prepared, not done: the repository still has $(commits) commit"
ask_you 'yes or no (a no may say why):' yes
while ! printf '%s\n' "$answer" | "$TEND" answer "$gate" - >/dev/null; do
  [ "$yes" = no ] || fail_step "tend answer $gate yes" 'it was refused'
  ask_you 'yes or no:' yes
done
why "tend answer $gate '$answer'"
case $answer in
  [Nn]*)
    watch_for 'the no to be written down' 's.journal_tail.find((l) => l.includes("'"$gate"'"))'
    [ "$(commits)" = 1 ] || fail_step 'no commit after a no' "$(commits) commits"
    ok 'your no was taken: nothing was done'
    ;;
  *)
    watch_for 'the act' 's.journal_tail.find((l) => l.includes("filed and committed"))'
    [ "$(commits)" = 2 ] || fail_step 'exactly one new commit' "$(commits) commits"
    ok "done: $(git -C "$papers" log -1 --format='%h %s')"
    # Some beats more, in which nothing may happen again.
    sleep 2
    [ "$(commits)" = 2 ] || fail_step 'the act to stay done once' "$(commits) commits"
    ok 'once: some beats later there is still that one commit'
    ;;
esac

title 'What was written down'
"$TEND" journal | sed 's/^/  │ /'
"$TEND" down >/dev/null || fail_step 'everything to stop' "$("$TEND" status --json | pick s.pulse)"
is_up=no
[ -z "$("$TEND" status --json | pick s.pulse.alive)" ] || fail_step 'the pulse to be down' 'it is alive'
ok 'the pulse is down (tend down)'

title 'Now on your own goals'
cat <<'TEXT'
  ./install.sh        link tend into ~/.local/bin
  tend init           choose who decides: an agent CLI, your own script, or rules alone
  tend up             start the pulse
  tend asks           what it wants to know of you; then: tend answer setup-1 -
TEXT
