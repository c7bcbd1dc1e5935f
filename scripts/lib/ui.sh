# What a person sees: one line per step with its time, the long output in a log.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

carrel_log=${carrel_log:-$carrel_root/.cache/$(basename "$0").log}

if [ -t 1 ]; then
  ui_good=$'\e[32m' ui_bad=$'\e[31m' ui_dim=$'\e[2m' ui_off=$'\e[0m' ui_back=$'\r\e[K'
else
  ui_good='' ui_bad='' ui_dim='' ui_off='' ui_back=''
fi

start_log() {
  mkdir -p "$(dirname "$carrel_log")"
  : >"$carrel_log"
}

say() { printf '%s\n' "$*"; }

# seconds_since MICROSECONDS: with one decimal.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step TITLE COMMAND…: runs it with its output in the log. A failure shows the end of the log and ends the script.
# Not for use in a condition: there the shell would ignore a failure inside COMMAND.
step() {
  local title=$1 began=${EPOCHREALTIME/[.,]/} status start
  shift
  [ -z "$ui_back" ] || printf '  … %s' "$title"
  printf '\n=== %s\n' "$title" >>"$carrel_log"
  start=$(wc -l <"$carrel_log")
  set +e
  (
    set -e
    "$@"
  ) >>"$carrel_log" 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    printf '%s  %s✓%s %s %s(%s s)%s\n' "$ui_back" "$ui_good" "$ui_off" "$title" "$ui_dim" "$(seconds_since "$began")" "$ui_off"
    return
  fi
  printf '%s  %s✗%s %s failed (%s s). The last lines of its output:\n' "$ui_back" "$ui_bad" "$ui_off" "$title" "$(seconds_since "$began")" >&2
  tail -n "+$((start + 1))" "$carrel_log" | tail -n 20 | sed 's/^/    /' >&2
  die "stopped at: $title. Everything it said is in $carrel_log; mend what it names, then run $0 again."
}

# wait_until SECONDS COMMAND…: true as soon as COMMAND is.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# process_lives PID [NAME]: a program (of that name) with that number runs. An ended one that nobody collects does not count.
process_lives() {
  [[ $1 =~ ^[1-9][0-9]*$ ]] && grep -qs "^Name:.${2:-.*}\$" "/proc/$1/status" && ! grep -qs '^State:.Z' "/proc/$1/status"
}
process_is_gone() { ! process_lives "$@"; }
