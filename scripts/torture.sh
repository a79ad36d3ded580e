#!/usr/bin/env bash
# torture.sh [PATTERN]: the long form of the fault, overload and soak tests whose name matches PATTERN (default: all), on
# both database engines. LINLI_TORTURE_DAYS=N lets N days pass in the soak, ten minutes each. All of it takes about half an hour; run it on a machine that has nothing else to do, since
# the bar of a second for an answer under overload holds there. As root it fills a small disk (a tmpfs); otherwise a
# limit to the size of files stands for it. docs/torture.md tells what is done and what was seen.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}" LINLI_TORTURE=long

exec scripts/with-postgres.sh go test -v -count 1 -timeout 2h -run "${1:-.}" ./torture
