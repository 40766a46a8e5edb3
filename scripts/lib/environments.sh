# Makes the environments in .venv/ and keeps them. Sourced, never run.
# shellcheck shell=bash

# shellcheck source=scripts/lib/uv.sh
. "$ROOT/scripts/lib/uv.sh"
# shellcheck source=scripts/lib/python.sh
. "$ROOT/scripts/lib/python.sh"

# The environment $1 (one of those above, or broker), made where it is missing or no longer
# what its requirements say. Two scripts may ask at once: the second waits for the first.
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
    made_from=$(what_makes "$name")
    [ "$(cat "$into/made_from" 2>/dev/null)" = "$made_from" ] && "$into/bin/python" -c '' 2>/dev/null && return
    say "Making the environment .venv/$name with $("$PY" --version) …"
    "$UV" venv --quiet --clear --no-project --python "$PY" "$into"
    pip_install --python "$into" -r "$ROOT/requirements_$name.txt" ||
        die "the requirements in requirements_$name.txt could not be installed; see above."
    [ "$name" != run ] || install_component_requirements "$into"
    echo "$made_from" >"$into/made_from"
}

# A name for all that an environment is made from.
what_makes() {
    local from=("$ROOT/requirements_$1.txt")
    case $1 in
        test | floor) from+=("$ROOT/requirements_common.txt") ;;
        fuzz) from+=("$ROOT/requirements_test.txt" "$ROOT/requirements_common.txt") ;;
        run) from+=("$ROOT/scripts/lib/component_requirements.py") ;;
    esac
    { cat "${from[@]}" && "$PY" -c 'import sys; print(sys.version, sys.base_prefix)'; } | cksum | tr ' ' -
}

# What Home Assistant would install at its first start, so that a start downloads nothing.
# hassio is not set up, but mqtt's config flow imports it.
install_component_requirements() {
    local into=$1 wanted
    wanted=$(mktemp)
    say "  and what Home Assistant's components want …"
    "$into/bin/python" "$ROOT/scripts/lib/component_requirements.py" frontend hassio mqtt recorder history logbook energy >"$wanted"
    pip_install --python "$into" -r "$wanted" \
        -c "$(echo "$into"/lib/python3*/site-packages/homeassistant/package_constraints.txt)" ||
        die "what Home Assistant's components want could not be installed; see above."
    rm -f "$wanted"
}
