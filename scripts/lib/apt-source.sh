# Source packages of the distribution, fetched with lists of our own: the system's sources stay as they are.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

# source_version PACKAGE: the version that the distribution would install now; nothing when its lists are empty.
source_version() {
  apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1
}

# archive_keyring ORIGIN: the keys that sign that distribution's archives, from its own package.
archive_keyring() {
  local file
  for file in "/usr/share/keyrings/${1,,}-archive-keyring".{pgp,gpg}; do
    if [ -r "$file" ]; then
      printf '%s\n' "$file"
      return
    fi
  done
}

# The system's binary archives of the distribution itself, rewritten as source archives.
source_archives() {
  # shellcheck disable=SC2016  # the names in $( ) are apt's
  apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
    sort -u | while IFS='|' read -r origin uri release component; do
      case $origin in Debian | Ubuntu) ;; *) continue ;; esac
      local key
      key=$(archive_keyring "$origin")
      printf 'deb-src %s%s %s %s\n' "${key:+[signed-by=$key] }" "$uri" "$release" "$component"
    done
}

# download_source NAME VERSION DIRECTORY: from the archives in DIRECTORY/apt/sources.list.
download_source() {
  local name=$1 version=$2 directory=$3 apt=$3/apt
  local options=(-q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=)
  apt-get "${options[@]}" update >/dev/null &&
    (cd "$directory" && apt-get "${options[@]}" source --download-only "$name${version:+=$version}" >/dev/null)
}

# fetch_source_package NAME VERSION DIRECTORY: unpacks it, patches applied, into DIRECTORY/NAME.
fetch_source_package() {
  local name=$1 version=$2 directory=$3 apt=$3/apt archive
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  source_archives >"$apt/all.list"
  [ -s "$apt/all.list" ] ||
    die "apt knows no archive of Debian or Ubuntu. Run 'apt-get update' as root, then try again."
  cp "$apt/all.list" "$apt/sources.list"
  if ! download_source "$name" "$version" "$directory" 2>"$apt/download.err"; then
    # An archive may list what it has not; another one has it.
    while read -r archive; do
      printf '%s\n' "$archive" >"$apt/sources.list"
      download_source "$name" "$version" "$directory" 2>>"$apt/download.err" && break
    done <"$apt/all.list"
  fi
  set -- "$directory/${name}_"*.dsc
  [ -e "$1" ] || { cat "$apt/download.err" >&2; die "no archive has the source package $name ${version}"; }
  dpkg-source --no-check -x "$1" "$directory/$name" >/dev/null
}
