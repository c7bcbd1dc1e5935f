# The daemon that scripts/up runs: its settings, its start, its end.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

# setting NAME DEFAULT: from the environment, else from the .env of the checkout (as carreld itself reads them).
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -r "$carrel_root/.env" ]; then
    value=$(sed -n "s/^\(export \)\?$1=//p" "$carrel_root/.env" | tail -n 1 | sed "s/^\([\"']\)\(.*\)\1\$/\2/")
  fi
  printf '%s\n' "${value:-$2}"
}

data_dir=$(setting CARREL_DATA_DIR "${XDG_DATA_HOME:-$HOME/.local/share}/carrel")
carreld=$carrel_build/orchestrator/carreld
daemon_log=$data_dir/carreld.log
daemon_pid_file=$data_dir/carreld.pid
daemon_settings=$data_dir/up.env    # what the running daemon was started with, without secrets
daemon_fingerprint=$data_dir/up.built

# Readable by nobody else: it holds the accounts, the log and what was watched.
make_data_dir() {
  mkdir -p "$data_dir"
  chmod 0700 "$data_dir"
}

# Settings of the environment and of .env win, then those of scripts/up, then carreld's own.
choose_settings() {
  CARREL_HTTP_LISTEN=$(setting CARREL_HTTP_LISTEN 127.0.0.1:8080)
  CARREL_HTTP_WEB_DIR=$(setting CARREL_HTTP_WEB_DIR "$carrel_root/orchestrator/web/dist")
  CARREL_ADMIN_USER=$(setting CARREL_ADMIN_USER admin)
  CARREL_LIBRARY_PATHS=$(setting CARREL_LIBRARY_PATHS "$data_dir/films")
  export CARREL_DATA_DIR=$data_dir CARREL_HTTP_LISTEN CARREL_HTTP_WEB_DIR CARREL_ADMIN_USER CARREL_LIBRARY_PATHS
  # Demo films made once stay in the library until their folder is removed.
  if [ -d "$data_dir/demo-films" ] && [[ :$CARREL_LIBRARY_PATHS: != *":$data_dir/demo-films:"* ]]; then
    CARREL_LIBRARY_PATHS+=:$data_dir/demo-films
  fi
  [[ $CARREL_HTTP_LISTEN =~ :[1-9][0-9]*$ ]] ||
    die "CARREL_HTTP_LISTEN is '$CARREL_HTTP_LISTEN'; scripts/up needs ADDRESS:PORT, for example 127.0.0.1:8080."
}

make_default_library() {
  [[ :$CARREL_LIBRARY_PATHS: != *":$data_dir/films:"* ]] || mkdir -p "$data_dir/films"
}

# The address that a browser on this machine uses.
daemon_url() {
  local address=$CARREL_HTTP_LISTEN
  address=${address/#0.0.0.0:/127.0.0.1:}
  printf 'http://%s\n' "${address/#\[::\]:/[::1]:}"
}

# The settings in force as lines NAME=value, quoted for the shell; a password is never among them.
settings_now() {
  local name
  for name in $(compgen -e CARREL_ | LC_ALL=C sort); do
    case $name in CARREL_ADMIN_PASSWORD*) continue ;; esac
    printf '%s=%q\n' "$name" "${!name}"
  done
}

# What the running daemon depends on: executable, image and settings.
built_now() {
  { sha256sum <"$carreld"
    engine_cli image inspect --format '{{.Id}}' carrel-streamer:latest
    settings_now
  } | sha256sum
}

# daemon_pid: of the carreld that the pid file names; fails when it is gone or the number is another program's now.
daemon_pid() {
  local pid
  pid=$(cat "$daemon_pid_file" 2>/dev/null) && process_lives "$pid" carreld && printf '%s\n' "$pid"
}

daemon_is_ready() { curl --silent --fail --noproxy '*' --max-time 5 -o /dev/null "$(daemon_url)/readyz"; }
# By number alone: just after the fork the process does not bear its own name yet.
daemon_is_ready_or_dead() { daemon_is_ready || process_is_gone "$(cat "$daemon_pid_file")"; }
daemon_is_current() {
  daemon_pid >/dev/null && [ "$(cat "$daemon_fingerprint" 2>/dev/null)" = "$(built_now)" ] && daemon_is_ready
}

# No account was ever made here.
is_first_start() { ! compgen -G "$data_dir/*.db" >/dev/null; }

new_password() { LC_ALL=C tr -dc 'a-hj-km-np-zA-HJ-NP-Z2-9' </dev/urandom | head -c 20 || true; }

# The password travels in a file of its own that is gone when this script ends, never in an argument or a log.
hand_over_new_password() {
  admin_password=$(new_password)
  password_file=$(umask 077 && mktemp "$data_dir/.password.XXXXXX")
  trap 'rm -f "$password_file"' EXIT
  printf '%s\n' "$admin_password" >"$password_file"
  export CARREL_ADMIN_PASSWORD_FILE=$password_file
}

# The last log stays beside the new one: nothing else rotates it.
begin_log_anew() {
  local largest=$((64 * 1024 * 1024)) size
  size=$(stat -c %s "$daemon_log" 2>/dev/null) || return 0
  [ "$size" -lt "$largest" ] || mv -f "$daemon_log" "$daemon_log.1"
}

run_daemon() {
  begin_log_anew
  settings_now >"$daemon_settings"
  cd "$carrel_root" || return  # where carreld looks for carrel.toml and .env
  setsid "$carreld" >>"$daemon_log" 2>&1 9>&- </dev/null &
  echo $! >"$daemon_pid_file"
  wait_until 60 daemon_is_ready_or_dead || true
  if ! daemon_pid >/dev/null || ! daemon_is_ready; then
    echo "carreld is not ready at $(daemon_url). The end of $daemon_log:"
    tail -n 15 "$daemon_log"
    return 1
  fi
  built_now >"$daemon_fingerprint"
}

upgrades_refused() { grep -c '"upgrade.refused"' "$daemon_log" 2>/dev/null || true; }
runs_new_program() { [ "/proc/$1/exe" -ef "$carreld" ]; }
upgrade_is_decided() { runs_new_program "$1" || process_is_gone "$1" carreld || [ "$(upgrades_refused)" -gt "$2" ]; }

# In place, so that nobody is refused meanwhile. False when that cannot be: the settings changed too, the program did
# not, or it refuses (the password file of a first start is gone, for example).
upgrade_daemon() {
  local pid refused
  pid=$(daemon_pid) && ! runs_new_program "$pid" || return 1
  settings_now | cmp -s - "$daemon_settings" || return 1
  refused=$(upgrades_refused)
  kill -USR2 "$pid" || return 1
  wait_until 30 upgrade_is_decided "$pid" "$refused" && runs_new_program "$pid" || return 1
  wait_until 60 daemon_is_ready || return 1
  built_now >"$daemon_fingerprint"
}

renew_daemon() {
  if upgrade_daemon; then return; fi
  end_daemon
  run_daemon
}

end_daemon() {
  local pid
  pid=$(daemon_pid) || return 0
  kill -TERM "$pid"
  wait_until 60 process_is_gone "$pid" carreld || die "carreld ($pid) does not end; see $daemon_log."
  rm -f "$daemon_pid_file"
}

# With the settings that it was started with, so that it finds the same engine, database and containers.
remove_sandboxes() {
  [ -x "$carreld" ] || die "$carreld is not there any more, so its containers stay; build it, or remove them by their label carrel.instance."
  (
    set -a
    # shellcheck source=/dev/null
    [ ! -r "$daemon_settings" ] || . "$daemon_settings"
    cd "$carrel_root" || return
    exec "$carreld" --remove-sandboxes
  )
}
