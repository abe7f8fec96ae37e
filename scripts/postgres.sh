#!/usr/bin/env bash
# The storage suites and the end-to-end tests on a PostgreSQL of their own: a
# cluster in a temporary folder, on loopback, ended with this script. Arguments
# choose end-to-end tests, as for nextest.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$programs" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq postgresql >/dev/null
    programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi
[ -n "$programs" ] || { echo "PostgreSQL is missing: apt-get install postgresql"; exit 1; }

folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"
trap 'as_owner "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
as_owner "$programs/initdb" -D "$folder/data" -U sparkbot --auth=trust >/dev/null
as_owner "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c max_connections=300" start >/dev/null

export SPARKBOT_TEST_POSTGRES="postgres://sparkbot@127.0.0.1:$port"
export PSQL="$programs/psql"
"$PSQL" -q "$SPARKBOT_TEST_POSTGRES/postgres" -c 'CREATE DATABASE conformance'
SPARKBOT_TEST_POSTGRES_URL="$SPARKBOT_TEST_POSTGRES/conformance" \
    cargo test -p sparkbot-whatsapp --features sandbox --test backend
# Named so that nextest and cargo test take them alike; nothing chosen is all of them.
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --features sparkbot/sandbox -E "binary(end_to_end) ${1:+and test($1)}"
else
    cargo test --workspace --features sparkbot/sandbox --test end_to_end -- ${1:+"$1"}
fi
