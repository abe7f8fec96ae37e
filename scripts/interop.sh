#!/usr/bin/env bash
# Baileys and whatsmeow, which nobody here wrote, against the sandbox and a
# SparkBot number. Fetches the clients themselves, at the versions committed in
# tests/interop; what the machine has to have it names in one line.
#   scripts/interop.sh [--keep] [baileys] [whatsmeow]
# INTEROP_BINARY names a binary built with the sandbox; else one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=tests/interop

stop() {
    echo "interop: $*" >&2
    exit 1
}

as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Debian packages for a command or library that is missing.
install_package() {
    as_root || stop "$1 is missing; get it with: sudo apt-get install -y $1"
    echo "interop: installing $1"
    { apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 \
        || { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$1" >/dev/null; }; } \
        || stop "$1 could not be installed; see: apt-get install $1"
}

# Whether a file differs from the copy that was kept when it was last acted on.
changed() { ! cmp -s "$1" "$2"; }

[ "$(uname -s)" = Linux ] || stop "only Linux has the memory map by which whatsmeow is pointed at the sandbox"
node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null \
    || stop "Node.js 20 or newer is missing; get it from https://nodejs.org or with: nvm install 20"
command -v npm >/dev/null || stop "npm is missing; it comes with Node.js, or with: sudo apt-get install -y npm"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
    || stop "Python 3.10 or newer is missing; get it with: sudo apt-get install -y python3 python3-venv"
python3 -c 'import ensurepip, venv' 2>/dev/null || install_package python3-venv
command -v openssl >/dev/null || install_package openssl

target=$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
venv=$target/interop-venv
mkdir -p "$target"

modules=$suite/baileys/node_modules
if changed $suite/baileys/package-lock.json "$modules/.installed-lock.json"; then
    echo "interop: fetching Baileys"
    # None of the packages needs its install script.
    npm ci --prefix $suite/baileys --ignore-scripts --no-audit --no-fund --loglevel=error
    cp $suite/baileys/package-lock.json "$modules/.installed-lock.json"
fi
if changed $suite/whatsmeow/requirements.txt "$venv/installed.txt"; then
    echo "interop: fetching whatsmeow"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r $suite/whatsmeow/requirements.txt
    cp $suite/whatsmeow/requirements.txt "$venv/installed.txt"
fi
# neonize loads it at once, though only media need it.
"$venv/bin/python" -c 'import magic' 2>/dev/null || install_package libmagic1

binary=${INTEROP_BINARY:-}
if [ -z "$binary" ]; then
    binary=$(cargo build -p sparkbot --features sandbox --message-format=json-render-diagnostics \
        | python3 -c '
import json, sys
built = [json.loads(line) for line in sys.stdin]
print(next(b["executable"] for b in built if b.get("executable") and b["target"]["name"] == "sparkbot"))')
fi

run() { python3 $suite/run.py --binary "$binary" --python "$venv/bin/python" "$@"; }
run "$@"
