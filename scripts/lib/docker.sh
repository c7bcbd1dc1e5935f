# The Docker Engine: found, or installed and started.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

engine_socket=${CARREL_ENGINE_SOCKET:-/var/run/docker.sock}
engine_pid_file=/run/carrel-dockerd.pid
engine_log=/var/log/carrel-dockerd.log

engine_answers() {
  curl --silent --fail --max-time 5 --unix-socket "$engine_socket" http://engine/_ping >/dev/null 2>&1
}

engine_cli() { DOCKER_HOST=unix://$engine_socket docker "$@"; }

# ensure_engine ARGUMENTS…: of the script, which is started anew when it has to join the group "docker".
ensure_engine() {
  engine_answers || start_engine
  if ! engine_answers && [ -S "$engine_socket" ] && [ ! -w "$engine_socket" ]; then
    join_docker_group "$@"
  fi
  wait_until 30 engine_answers || die "no Docker Engine answers on $engine_socket. See $engine_log or 'systemctl status docker'."
  command -v docker >/dev/null || install_engine_packages
}

# A socket that is there but not ours to open belongs to a running engine: nothing to start then.
start_engine() {
  [ ! -S "$engine_socket" ] || [ -w "$engine_socket" ] || return 0
  command -v dockerd >/dev/null || install_engine_packages
  if [ -d /run/systemd/system ]; then
    step "Starting Docker Engine (systemd)" as_root systemctl start docker
  elif ! engine_answers; then
    prepare_cgroups
    step "Starting Docker Engine" start_dockerd
  fi
}

install_engine_packages() {
  local names
  [ -n "$(apt-cache pkgnames docker.io)" ] || step "Reading the package lists" update_package_lists
  mapfile -t names < <(engine_packages)
  ensure_packages "Docker Engine" "${names[@]}"
}

# forget_dead FILE PROGRAM: an engine that was killed leaves its number behind, and dockerd takes whoever has that number
# now, a zombie even, for a living one.
forget_dead() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  case $(as_root readlink "/proc/$pid/exe" 2>/dev/null) in
    */"$2") ;;
    *) as_root rm -f "$1" ;;
  esac
}

# Where nothing else supervises it, dockerd runs by itself, outlives this script, and leaves its pid.
start_dockerd() {
  forget_dead /var/run/docker.pid dockerd
  forget_dead /var/run/docker/containerd/containerd.pid containerd
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_root sh -c 'setsid dockerd --host "unix://$1" >>"$2" 2>&1 9>&- </dev/null & echo $! >"$3"' \
    start-dockerd "$engine_socket" "$engine_log" "$engine_pid_file"
  if ! wait_until 60 engine_is_up_or_dead || ! engine_process_lives; then
    as_root tail -n 15 "$engine_log"
    die "dockerd did not come up. It needs iptables, cgroups and the right to mount."
  fi
}

engine_process_lives() { process_lives "$(cat "$engine_pid_file" 2>/dev/null)" dockerd; }
# By number alone: just after the fork the process does not bear its own name yet.
engine_is_up_or_dead() {
  process_is_gone "$(cat "$engine_pid_file")" || engine_answers || { [ -S "$engine_socket" ] && [ ! -w "$engine_socket" ]; }
}

# Controllers that limits need. A bare container or chroot often has none mounted.
prepare_cgroups() {
  local controller
  if [ "$(stat -f -c %T /sys/fs/cgroup 2>/dev/null)" = cgroup2fs ]; then
    grep -qw memory /sys/fs/cgroup/cgroup.controllers ||
      die "the cgroup controller 'memory' is not available in /sys/fs/cgroup; Docker could not limit containers."
    return
  fi
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mountpoint -q "/sys/fs/cgroup/$controller" || mountpoint -q /sys/fs/cgroup/cpu,cpuacct && continue
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_root sh -ec 'mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
      mkdir -p "/sys/fs/cgroup/$1"; mount -t cgroup -o "$1" cgroup "/sys/fs/cgroup/$1"' mount-cgroup "$controller" ||
      die "the cgroup controller '$controller' is not mounted and could not be. Docker needs it for its limits."
  done
}

join_docker_group() {
  [ -z "${_carrel_regrouped:-}" ] || return 0
  say "  Adding $(id -un) to the group 'docker', which may use $engine_socket (it is as mighty as root)."
  as_root usermod -aG docker "$(id -un)"
  _carrel_regrouped=1 exec sg docker -c "$(printf '%q ' "$0" "$@")"
}

# Ends the dockerd that start_dockerd began, unless it still runs somebody's containers.
stop_engine() {
  local pid
  engine_process_lives || return 0
  pid=$(cat "$engine_pid_file")
  if [ -n "$(engine_cli ps -q)" ]; then
    say "  Docker Engine goes on: other containers run in it."
    return 0
  fi
  as_root kill "$pid"
  wait_until 30 process_is_gone "$pid" dockerd || die "dockerd ($pid) does not end."
  as_root rm -f "$engine_pid_file"
  say "  Docker Engine is stopped."
}
