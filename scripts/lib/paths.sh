# Where things lie. Sourced by the other scripts; expects bash.
# shellcheck shell=bash

carrel_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034  # read by the scripts that source this
carrel_cache=${CARREL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/carrel}
# shellcheck disable=SC2034  # read by the scripts that source this
carrel_build=$carrel_root/build/release

# distribution_codename: "bookworm", "trixie", "noble", …
distribution_codename() {
  # shellcheck source=/dev/null
  (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-unknown}")
}

PATH=$PATH:/usr/sbin:/sbin  # dockerd and iptables, which an ordinary user does not see on Debian

# die MESSAGE…: what was wrong and what to do, on standard error.
die() {
  printf 'carrel: %s\n' "$*" >&2
  exit 1
}
