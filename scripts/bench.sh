#!/usr/bin/env bash
# What SparkBot costs and how that grows. `full` and `quick` check the targets;
# other arguments go to the bench as they are (`scripts/bench.sh --help`).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
cargo build --release -p sparkbot -p sparkbot-bench --features sparkbot/sandbox
case ${1:-full} in
    full) set -- --check --json "$target/bench.json" --plots "$target/bench" ;;
    quick) set -- --quick --check --json "$target/bench-quick.json" ;;
esac
exec "$target/release/sparkbot-bench" --server "$target/release/sparkbot" "$@"
