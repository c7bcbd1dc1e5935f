# What Carrel needs from the distribution (Debian 12 and 13, Ubuntu 24.04), and how it is installed.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

# as_root COMMAND…: never asks for a password when nobody is at the terminal.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    die "this needs root and there is no sudo. As root, run: $*"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@" || die "this needs root and sudo wants a password. As root, run: $*"
  fi
}

# Node from elsewhere is as good as the distribution's, when it is new enough to build the web page.
node_is_there() {
  local version
  version=$(node --version 2>/dev/null) && command -v npm >/dev/null || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 18 ]
}

build_packages() {
  printf '%s\n' g++ make dpkg-dev xz-utils cmake ninja-build python3 ccache nasm pkg-config git curl ca-certificates \
    libcurl4-openssl-dev libsqlite3-dev nlohmann-json3-dev libcgroup-dev libsodium-dev libssl-dev libspdlog-dev libcli11-dev \
    libtomlplusplus-dev prometheus-cpp-dev doctest-dev libseccomp-dev zlib1g-dev libx264-dev meson file
  # Debian 12's default Boost is 1.74, too old for Boost.URL.
  case $(distribution_codename) in
    bookworm) printf '%s\n' libboost1.81-dev ;;
    *) printf '%s\n' libboost-dev ;;
  esac
  node_is_there || printf '%s\n' nodejs npm
}

demo_packages() { printf '%s\n' ffmpeg fonts-dejavu-core; }

engine_packages() {
  printf '%s\n' docker.io iptables
  # A package of its own since Debian 13.
  [ -z "$(apt-cache pkgnames docker-cli 2>/dev/null)" ] || printf '%s\n' docker-cli
}

test_packages() {
  demo_packages
  printf '%s\n' groff-base chromium mpv vlc-bin vlc-plugin-base nginx-light openssl prometheus clang-19 libclang-rt-19-dev \
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav libsoup-3.0-0 python3-gi \
    gir1.2-gstreamer-1.0 systemd iproute2 procps logrotate mmdebstrap haproxy caddy docker-compose
}

# missing_packages NAME…: those that are not installed.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# apt waits for the packages' lock by itself, and not for that of the lists, which a machine that has just started may hold.
update_package_lists() {
  local deadline=$((SECONDS + 300)) said
  until said=$(as_root env LC_ALL=C apt-get -q -o DPkg::Lock::Timeout=300 update 2>&1); do
    printf '%s\n' "$said"
    [[ $said == *'Could not get lock /var/lib/apt/lists/lock'* && $SECONDS -lt $deadline ]] || return 1
    sleep 2
  done
  printf '%s\n' "$said"
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "$@"
}

# ensure_packages WHAT NAME…: installs what is missing, after saying so.
ensure_packages() {
  local what=$1 missing
  shift
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "apt-get is not here; install these for $what yourself: ${missing[*]}"
  say "  Will install for $what, from the distribution: ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || as_root true
  step "Reading the package lists" update_package_lists
  step "Installing ${#missing[@]} packages for $what" apt_install "${missing[@]}"
}
