#!/usr/bin/env bash
# Formatting and clippy always; licences and unused dependencies where the tools
# are installed (cargo install cargo-deny cargo-machete --locked).
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fmt --all --check
cargo clippy --workspace --all-targets --features sparkbot/sandbox -- -D warnings
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --all-features check
else
    echo "skipped: licences and advisories (cargo install cargo-deny --locked)"
fi
if command -v cargo-machete >/dev/null; then
    cargo machete
else
    echo "skipped: unused dependencies (cargo install cargo-machete --locked)"
fi
