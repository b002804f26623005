#!/usr/bin/env bash
# Makes a fresh machine ready to build: checks for Swift 6 and installs the missing system packages.
set -euo pipefail

swift_needed="6.2"
# What the build links against, and what reports and tests use beside it.
packages_needed=(libopenblas-dev libzmq3-dev libsqlite3-dev zlib1g-dev pkg-config)
packages_wished=(librsvg2-bin fonts-dejavu-core dataset-fashion-mnist)

if ! command -v swift >/dev/null; then
    echo "setup: no Swift toolchain found; install Swift $swift_needed or later from https://swift.org/install" >&2
    exit 78
fi
swift_found=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | head -1 | grep -oE '[0-9.]+$' || true)
if [ "$(printf '%s\n%s\n' "$swift_needed" "${swift_found:-0}" | sort -V | head -1)" != "$swift_needed" ]; then
    echo "setup: Swift $swift_needed or later is needed, but this is ${swift_found:-unknown}; see https://swift.org/install" >&2
    exit 78
fi

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

if ! command -v apt-get >/dev/null; then
    echo "setup: this system has no apt-get; make sure that these are installed:" >&2
    echo "setup:   OpenBLAS, ZeroMQ 4.3, SQLite 3, zlib (with their headers) and pkg-config" >&2
    echo "setup:   (in Debian's names: ${packages_needed[*]}; for PNG plots and all tests also ${packages_wished[*]})" >&2
    exit 0
fi

missing=()
for package in "${packages_needed[@]}" "${packages_wished[@]}"; do is_installed "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

run_as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null; then
        run_as_root=(sudo)
    else
        echo "setup: please install as root: apt-get install ${missing[*]}" >&2
        exit 78
    fi
fi
echo "setup: installing ${missing[*]}" >&2
install_missing() {
    "${run_as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
# The package lists of a fresh machine are often empty or old.
install_missing 2>/dev/null || { "${run_as_root[@]}" apt-get update -qq && install_missing; } || {
    echo "setup: apt-get could not install ${missing[*]}; please install them by hand and run make again" >&2
    exit 74
}
