#!/usr/bin/env bash
# bench.sh [OPTION...]: measures bin/linli against the bars and writes the table into docs/benchmarks.md.
#
#   BENCH=short       few rounds, 10 k and 100 k stored cases, printed only: a few minutes once the databases are filled
#   BENCH_YEAR=DIR    also start, memory, search and check on the data folder of a simulated year (a copy of it is used)
#   BENCH_YEAR_DB=URL the same on a simulated year in PostgreSQL, with BENCH_YEAR_PG=DIR for the data folder that belongs to it.
#                     Its server makes a copy of the database, to which nobody may be connected meanwhile
#   BENCH_CACHE=DIR   where the filled databases are kept for the next time: up to 15 GB in the full form
#
# Options are those of the program, see `bin/linli-bench -h`: -only intake,worklist  -engine sqlite  -profile DIR  -prepare …
# PostgreSQL comes from with-postgres.sh, with fsync on and a quarter of the memory as its own, as its manual advises (what Debian
# sets is 128 MB, whatever the machine has); LINLI_TEST_POSTGRES_SETTINGS says otherwise. Run it on a quiet machine; docs/benchmarks.md says what is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"

# /var/tmp is for large files that outlive a restart, and PostgreSQL's own user can reach it, unlike root's home.
cache=${BENCH_CACHE:-${XDG_CACHE_HOME:-/var/tmp}/linli-bench}
mkdir -p "$cache"
[ -O "$cache" ] || { echo "bench: $cache belongs to somebody else; set BENCH_CACHE" >&2; exit 1; }
exec 9>"$cache/lock"
flock -n 9 || { echo "bench: another measurement is running with $cache" >&2; exit 1; }

args=(-cache "$cache")
case ${BENCH:-full} in
  short) args+=(-short) ;;
  full) args+=(-doc docs/benchmarks.md) ;;
  *) echo "bench: BENCH is short or full, not $BENCH" >&2; exit 64 ;;
esac
[ -z "${BENCH_YEAR:-}" ] || args+=(-year "$BENCH_YEAR")
[ -z "${BENCH_YEAR_DB:-}" ] || args+=(-year-db "$BENCH_YEAR_DB" -year-folder "${BENCH_YEAR_PG:?is the data folder that belongs to BENCH_YEAR_DB}")

quarter=$(awk '/^MemTotal/ { print int($2 / 4096) }' /proc/meminfo)
export LINLI_TEST_POSTGRES_SETTINGS="${LINLI_TEST_POSTGRES_SETTINGS-shared_buffers=${quarter}MB max_wal_size=4GB}"

go build -o bin/linli-bench ./bench
LINLI_TEST_POSTGRES_KEEP=$cache exec scripts/with-postgres.sh bin/linli-bench "${args[@]}" "$@"
