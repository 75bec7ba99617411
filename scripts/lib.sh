# What the scripts share. Sourced by bash scripts that have set -euo pipefail.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages
source "$project/scripts/packages"

# A collector a source, as services/*/CMakeLists.txt have them: the collectors' names, and of each the
# source and the port that it listens on unless told otherwise.
collectors=()
declare -A source_of=() default_port=()
while read -r collector source number; do
  collectors+=("$collector")
  source_of[$collector]=$source default_port[$collector]=$number
done < <(sed -n 's/^events_collector(\(.*\))$/\1/p' "$project"/services/*/CMakeLists.txt)

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# persistently COMMAND...: up to three times, with a pause, since what is far away may fail for once.
persistently() {
  local pause
  for pause in 10 30; do
    if "$@"; then return; fi
    say "That failed; once more in $pause seconds"
    sleep "$pause"
  done
  "$@"
}

# as_root COMMAND...: as it is for root, else through sudo; says what to do when there is none.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "this needs root, and there is no sudo. As root, run: $*"
  fi
}

is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# install_missing PACKAGE...: calls apt only when something is missing.
install_missing() {
  local missing=() package
  command -v dpkg-query >/dev/null || die "this script installs Debian packages; on another system install what scripts/packages names"
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]})); then
    as_root "$project/scripts/install-packages" "${missing[@]}"
  fi
}

# missing_node_packages: those of NODE_PACKAGES whose command isn't there, from wherever.
missing_node_packages() {
  local package command
  for package in $NODE_PACKAGES; do
    command=${package%js}
    command -v "$command" >/dev/null || printf '%s\n' "$package"
  done
}

# missing_kubernetes_packages: KUBERNETES_PACKAGES, unless there is a kubectl.
missing_kubernetes_packages() {
  command -v kubectl >/dev/null || printf '%s\n' "$KUBERNETES_PACKAGES"
}

# install_npm_packages FOLDER: those of tests/FOLDER, exactly those of its lock file.
install_npm_packages() {
  local folder=$project/tests/$1
  local installed=$folder/node_modules/.installed-lock.json
  if cmp -s "$folder/package-lock.json" "$installed"; then return; fi
  say "Installing the npm packages of tests/$1"
  persistently npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$folder/package-lock.json" "$installed"
}

# build PRESET [TARGET...]: configures and builds it with all cores.
build() {
  local preset=$1
  shift
  say "Building the preset $preset"
  cmake -S "$project" --preset "$preset" >/dev/null
  ninja -C "$project/build/$preset" -j "$(nproc)" "$@"
}

# sources PATTERN...: the project's own source files whose names match, ended by NULs.
sources() {
  local pattern names=()
  for pattern in "$@"; do names+=(-o -name "$pattern"); done
  find "$project" -mindepth 1 -type d \( -name build -o -name '.*' \) -prune -o \
    -type f \( "${names[@]:1}" \) -print0
}
