#!/usr/bin/env bash
# One step of installing Sala into this folder; the Makefile decides which steps are needed.
#
#   scripts/setup.sh venv              a Python environment in .venv
#   scripts/setup.sh python FILE       Python packages of a locked requirements file
#   scripts/setup.sh assets            front-end packages of package-lock.json
#   scripts/setup.sh lock              new lock files from requirements/*.in
#
# Mirrors, proxies and certificates are the machine's business: settings of pip, uv and npm apply.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
fail() { printf '\n' >&2; printf '%s\n' "$@" >&2; exit 1; }

find_python() {
    local candidate
    for candidate in ${SALA_PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Sala needs Python 3.11 or newer, and none was found." \
        "On Debian or Ubuntu: apt-get install python3 python3-venv. On macOS: brew install python." \
        "If it is somewhere else, name it: make demo SALA_PYTHON=/where/python3"
}

make_venv() {
    local python
    python=$(find_python)
    say "Creating a Python environment in .venv ($("$python" --version))"
    if ! "$python" -m venv .venv; then
        fail "Python could not create the environment." \
            "On Debian and Ubuntu the part that does so is a package of its own: apt-get install python3-venv"
    fi
}

# uv is several times faster than pip; where it cannot be had or does not reach what pip reaches, pip it is.
install_python() {
    local file=$1
    say "Installing Python packages of $file"
    if [ ! -x .venv/bin/uv ]; then
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r requirements/uv.txt >/dev/null 2>&1 || true
    fi
    if [ -x .venv/bin/uv ] && VIRTUAL_ENV="$PWD/.venv" UV_LINK_MODE="${UV_LINK_MODE:-copy}" \
        .venv/bin/uv pip install --quiet --require-hashes -r "$file"; then
        return
    fi
    say "(with pip, which takes a minute or two)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$file"
}

node_is_new_enough() {
    command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

install_assets() {
    if ! node_is_new_enough; then
        if [ ! -x .venv/bin/npm ]; then
            say "No Node.js 18 or newer here: installing one into .venv"
            install_python requirements/node.txt
        fi
        PATH="$PWD/.venv/bin:$PATH"
    fi
    say "Installing front-end packages with npm $(npm --version 2>/dev/null)"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
}

lock() {
    local name
    for name in base dev node uv; do
        say "Locking requirements/$name.txt"
        .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
            --no-header --no-emit-index-url "requirements/$name.in" -o "requirements/$name.txt"
    done
}

case "${1:-}" in
    venv) make_venv ;;
    python) install_python "$2" ;;
    assets) install_assets ;;
    lock) lock ;;
    *) fail "Usage: scripts/setup.sh venv | python FILE | assets | lock" ;;
esac
