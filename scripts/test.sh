#!/usr/bin/env bash
# test.sh: every test there is. The Go tests run on both database engines, the browser tests on the built program;
# PostgreSQL and Chromium are installed and started as needed.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"

started=$SECONDS
echo "== the faces and the program"
make --no-print-directory build
echo "== Go tests, embedded database and PostgreSQL"
scripts/with-postgres.sh go test ./...
echo "== the faces in a browser"
scripts/web.sh test
echo "== all tests passed in $((SECONDS - started)) s"
