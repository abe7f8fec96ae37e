#!/usr/bin/env bash
# Units and end-to-end tests, with the sandbox built in. cargo-nextest where it
# is installed, since it runs tests side by side in processes of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
# The end-to-end tests live in the binary's package, whose own code is built once.
if cargo nextest --version >/dev/null 2>&1; then
    profile=default
    [ -n "${CI:-}" ] && profile=ci
    exec cargo nextest run --workspace --features sparkbot/sandbox --profile "$profile" "$@"
fi
echo "cargo-nextest is not installed (cargo install cargo-nextest --locked makes this faster)"
exec cargo test --workspace --features sparkbot/sandbox "$@"
