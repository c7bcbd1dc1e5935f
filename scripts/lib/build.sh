# Building the parts; each piece is left alone when nothing it depends on changed.
# shellcheck shell=bash disable=SC2154  # what paths.sh sets

build_ffmpeg() { "$carrel_root/scripts/build-ffmpeg"; }

# web_fingerprint: of everything that the built page is made from.
web_fingerprint() {
  (cd "$carrel_root/orchestrator/web" &&
    find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

web_is_built() {
  [ "$(cat "$carrel_root/.cache/web.built" 2>/dev/null)" = "$(web_fingerprint)" ] &&
    [ -e "$carrel_root/orchestrator/web/dist/index.html" ]
}

build_web() {
  cd "$carrel_root/orchestrator/web" || return
  npm ci --no-audit --no-fund
  npm run build
  web_fingerprint >"$carrel_root/.cache/web.built"
}

# What the browser's tests and those of playlists take from npm, where it is not there yet.
install_test_modules() {
  cd "$carrel_root/tests/e2e" || return
  node --input-type=module --eval 'import { install } from "./lib/install.mjs"; install();'
}

# build_cxx PRESET TARGET…: all targets when none is named.
build_cxx() {
  local preset=$1
  shift
  cd "$carrel_root" || return
  # What was compiled in one checkout serves the next, whatever its path.
  export CCACHE_BASEDIR=$carrel_root CCACHE_NOHASHDIR=1
  [ -e "build/$preset/build.ninja" ] || cmake --preset "$preset"
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

build_image() { "$carrel_root/scripts/build-image"; }
