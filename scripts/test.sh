#!/usr/bin/env bash
# test.sh: every test there is. The Go tests run on both database engines; PostgreSQL is installed and started as needed.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"

started=$SECONDS
echo "== Go tests, embedded database and PostgreSQL"
scripts/with-postgres.sh go test ./...
echo "== all tests passed in $((SECONDS - started)) s"
