#!/usr/bin/env bash
# fuzz.sh [TIME]: runs every fuzz target for TIME (default 10s), one after another, and says at the end which ones failed.
# A failing input is kept by Go under testdata/fuzz of its package: commit it together with the mend.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"
time=${1:-10s}

ran=0
failed=()
for package in $(go list ./...); do
  listed=$(go test -list '^Fuzz' "$package")
  for target in $(grep '^Fuzz' <<<"$listed" || true); do
    echo "== $package $target for $time"
    ran=$((ran + 1))
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" || failed+=("$package $target")
  done
done

if [ "$ran" -eq 0 ]; then
  echo "no fuzz target found" >&2
  exit 1
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "== $ran fuzz targets found nothing"
