#!/usr/bin/env bash
# Every fuzz target for ten minutes (FUZZ_SECONDS), two at a time (FUZZ_JOBS), from
# a seed (FUZZ_SEED); arguments are names of targets. A target that fails names
# the file of its input, which FUZZ_INPUT=<file> tries alone.
set -euo pipefail
cd "$(dirname "$0")/.."
export FUZZ_SECONDS="${FUZZ_SECONDS:-600}" FUZZ_SEED="${FUZZ_SEED:-1}"
jobs="${FUZZ_JOBS:-2}"
if cargo nextest --version >/dev/null 2>&1; then
    filter="test(/(^|::)fuzz_/)"
    [ $# -eq 0 ] || filter="$filter & ($(printf 'test(%s) | ' "$@" | sed 's/ | $//'))"
    exec cargo nextest run --workspace --features sparkbot/sandbox -j "$jobs" --success-output immediate -E "$filter"
fi
exec cargo test --workspace --features sparkbot/sandbox -- "${@:-fuzz_}" --test-threads "$jobs" --nocapture
