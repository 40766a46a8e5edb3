# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=$ROOT/.cache
VENVS=$ROOT/.venv
# Home Assistant 2026.3, the oldest supported, needs it.
PYTHON_FLOOR=3.14.2

# Progress goes to standard error, dim where that is a terminal.
say() {
    if [ -t 2 ]; then printf '\033[2m%s\033[0m\n' "$*" >&2; else printf '%s\n' "$*" >&2; fi
}

die() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# Runs a command quietly; its output is shown only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

is_debian() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }

is_root() { [ "$(id -u)" = 0 ]; }

# Installs Debian packages where that is allowed; fails quietly where it is not.
install_debian_packages() {
    is_debian && is_root || return 1
    say "Installing $* from Debian …"
    export DEBIAN_FRONTEND=noninteractive
    # A source that does not answer must not stop an install that another one can serve.
    quietly apt-get -q update || say "  apt-get update failed; trying with the lists that are there."
    quietly apt-get -q -y --no-install-recommends install "$@"
}

# Debian's mosquitto is in sbin, which is not on everyone's PATH.
PATH=$PATH:/usr/sbin

# Has program $1, installed with packages $@ where that is allowed.
need() {
    command -v "$1" >/dev/null || install_debian_packages "$@" || true
    command -v "$1" >/dev/null
}
