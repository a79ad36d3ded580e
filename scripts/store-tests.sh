#!/usr/bin/env bash
# store-tests.sh [ARG...]: the tests of the packages that open a database (those that use dbtest). ARGs go to `go test`.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t packages < <(git grep -l --untracked -F 'platform/database/dbtest"' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|')
if [ ${#packages[@]} -eq 0 ]; then
  echo "no package uses dbtest" >&2
  exit 1
fi
exec go test "$@" "${packages[@]}"
