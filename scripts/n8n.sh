#!/usr/bin/env bash
# The n8n package: generated code, lint, build, and its tests against a SparkBot with a sandbox.
#   scripts/n8n.sh        all of it, on a real n8n as well
#   scripts/n8n.sh short  without the real n8n, whose installation takes ten minutes the first time
# INTEROP_BINARY names a binary built with the sandbox; else one is built. N8N_APP names a folder with n8n installed
# (and N8N_NODE a Node 24); else both are installed into target/n8n.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
    echo "n8n: $*" >&2
    exit 1
}

node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null \
    || stop "Node.js 20 or newer is missing; get it from https://nodejs.org or with: nvm install 20"
command -v npm >/dev/null || stop "npm is missing; it comes with Node.js, or with: sudo apt-get install -y npm"

installed=n8n/node_modules/.installed-lock.json
if ! cmp -s n8n/package-lock.json "$installed"; then
    echo "n8n: fetching what the package is built and tested with"
    npm ci --prefix n8n --ignore-scripts --no-audit --no-fund --loglevel=error
    cp n8n/package-lock.json "$installed"
fi

if [ -z "${INTEROP_BINARY:-}" ]; then
    INTEROP_BINARY=$(cargo build --workspace --features sparkbot/sandbox --message-format=json-render-diagnostics \
        | python3 -c '
import json, sys
built = [json.loads(line) for line in sys.stdin]
print(next(b["executable"] for b in built if b.get("executable") and b["target"]["name"] == "sparkbot"))')
fi
INTEROP_BINARY=$(realpath "$INTEROP_BINARY")
export INTEROP_BINARY

cd n8n
npm run --silent lint
npm run --silent build
node --test --test-reporter=spec tests/*.test.mjs
[ "${1:-}" = short ] || exec ../scripts/n8n-real.sh
