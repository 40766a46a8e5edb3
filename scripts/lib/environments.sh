# Makes the environments in .venv/. Sourced, never run.
# shellcheck shell=bash

# shellcheck source=scripts/lib/uv.sh
. "$ROOT/scripts/lib/uv.sh"
# shellcheck source=scripts/lib/python.sh
. "$ROOT/scripts/lib/python.sh"

# The environment $1 (one of those above, or broker), made where it is missing or no longer
# what its requirements are. Two scripts may need it at once: the second waits for the first.
environment() {
    mkdir -p "$CACHE" "$VENVS"
    (
        if command -v flock >/dev/null; then flock 9; fi
        find_uv
        find_python
        make_environment "$1"
    ) 9>"$CACHE/lock"
}

make_environment() {
    local name=$1 into=$VENVS/$1 made_from
    made_from=$(fingerprint "$name")
    [ "$(cat "$into/made_from" 2>/dev/null)" = "$made_from" ] && "$into/bin/python" -c '' 2>/dev/null && return
    say "Making the environment .venv/$name with $("$PY" --version) …"
    "$UV" venv --quiet --clear --no-project --python "$PY" "$into"
    requirements "$name" >"$into/requirements.txt"
    pip_install --python "$into" -r "$into/requirements.txt" ||
        die "the requirements of .venv/$name could not be installed; see above."
    [ "$name" != run ] || install_component_requirements "$into"
    echo "$made_from" >"$into/made_from"
}

# What environment $1 holds, one requirement a line.
requirements() {
    case $1 in
        floor) grep -v '^pytest-homeassistant-custom-component' "$ROOT/requirements_test.txt" ;;
        test | fuzz) cat "$ROOT/requirements_test.txt" ;;
    esac
    [ "$1" = test ] || "$PY" -c 'import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["dependency-groups"][sys.argv[2]], sep="\n")' "$ROOT/pyproject.toml" "$1"
}

# A checksum of all that environment $1 is made from.
fingerprint() {
    {
        requirements "$1"
        [ "$1" != run ] || cat "$ROOT/scripts/lib/component_requirements.py"
        "$PY" -c 'import sys; print(sys.version, sys.base_prefix)'
    } | cksum | tr ' ' -
}

# What Home Assistant would install at its first start: with it, a start downloads nothing.
# hassio is not set up, but mqtt's config flow imports it.
install_component_requirements() {
    local into=$1 required
    required=$(mktemp)
    say "  and what Home Assistant's components require …"
    "$into/bin/python" "$ROOT/scripts/lib/component_requirements.py" frontend hassio mqtt recorder history logbook energy >"$required"
    pip_install --python "$into" -r "$required" \
        -c "$(echo "$into"/lib/python3*/site-packages/homeassistant/package_constraints.txt)" ||
        die "what Home Assistant's components require could not be installed; see above."
    rm -f "$required"
}
