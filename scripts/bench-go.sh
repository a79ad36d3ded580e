#!/usr/bin/env bash
# bench-go.sh [PATTERN]: the Go benchmarks whose name matches PATTERN (default: all), on both database engines.
# BENCHTIME and BENCHCOUNT are handed to `go test`. Run it on a quiet machine; compare two runs with benchstat.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"

mapfile -t packages < <(git grep -l --untracked -E '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|')
if [ ${#packages[@]} -eq 0 ]; then
  echo "no benchmark found" >&2
  exit 1
fi
exec scripts/with-postgres.sh go test -run '^$' -bench "${1:-.}" -benchmem -benchtime "${BENCHTIME:-1s}" -count "${BENCHCOUNT:-1}" "${packages[@]}"
