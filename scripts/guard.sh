#!/usr/bin/env bash
# The certificate guard in the build that people run in production: without the
# sandbox a zero-signed certificate chain must be refused. (With the sandbox the
# same test runs among the others and proves the opposite.)
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo test -p sparkbot-whatsapp --test guard "$@"
