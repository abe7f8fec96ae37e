#!/usr/bin/env bash
# What 200 linked numbers cost: memory, restarts, messages. Arguments go to the
# bench: `make bench` checks the targets, `scripts/bench.sh --help` tells more.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
# Two commands: together, features would be unified over both.
cargo build --release -p sparkbot --features sandbox
cargo build --release -p sparkbot-bench
[ $# -gt 0 ] || set -- --check
exec "$target/release/sparkbot-bench" --server "$target/release/sparkbot" "$@"
