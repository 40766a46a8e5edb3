# Finds uv, or installs it from PyPI below .cache; sets UV. Sourced, never run.
# shellcheck shell=bash

find_uv() {
    UV=$(command -v uv || true)
    [ -n "$UV" ] && return
    UV=$CACHE/uv/bin/uv
    "$UV" --version >/dev/null 2>&1 && return
    command -v python3 >/dev/null ||
        die "neither uv nor python3 was found. Install uv or Python 3 and run this again."
    say "Installing uv from PyPI …"
    rm -rf "$CACHE/uv"
    # Debian ships python3 without pip, and pip without what venv needs: two ways, then a third.
    if python3 -m venv "$CACHE/uv" >/dev/null 2>&1; then
        quietly "$CACHE/uv/bin/python" -m pip install uv || true
    else
        rm -rf "$CACHE/uv"
        python3 -m pip --version >/dev/null 2>&1 || install_debian_packages python3-pip || true
        quietly python3 -m pip install --target "$CACHE/uv" uv || true
    fi
    [ -x "$UV" ] || die "uv could not be installed. Install it by hand and run this again."
}
