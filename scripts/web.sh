#!/usr/bin/env bash
# web.sh COMMAND: works on the faces in web/. Node's packages are fetched when the lock file has changed.
#
#   ready         fetch the packages and install Chromium when it is missing
#   build         build them into web/dist/faces, unless they are newer than every source
#   api           write src/shared/api/schema.d.ts from the program's API document
#   drift         fail when the client of the faces is not that of bin/linli's API any more
#   test [FACE]   types, words, format; then the browser tests (Chromium is installed when missing)
#   screenshots   every screen as a picture
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS--buildvcs=false}"
say() { printf 'web: %s\n' "$*" >&2; }

packages() {
  # by what the lock file says, not by its age: a fresh clone's is always new
  if cmp -s web/package-lock.json web/node_modules/.fetched; then return; fi
  if [ -L web/node_modules ]; then
    # npm ci empties the folder first, and this one belongs to somebody else
    say "web/node_modules is a link to packages of another lock file; fetch them where they are, or remove the link"
    exit 69
  fi
  say "fetching packages"
  (cd web && npm ci --no-audit --no-fund --loglevel=error)
  cp web/package-lock.json web/node_modules/.fetched
}

client() {
  (cd web && npx --no-install openapi-typescript api/openapi.json --output "$1" --alphabetize >/dev/null)
}

browser() {
  if [ -n "${CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null; then return; fi
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "installing the packages chromium-headless-shell and fonts-noto-cjk"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-noto-cjk; } >&2 </dev/null && return
  fi
  if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then return; fi
  say "Chromium is not installed. Install it (Debian: apt-get install chromium-headless-shell fonts-noto-cjk) or set CHROMIUM to it."
  exit 69
}

case "${1:-}" in
  ready)
    packages
    browser
    ;;
  build)
    built=web/dist/faces/index.html.gz
    if [ -e "$built" ] && [ -z "$(find web/src web/public web/scripts web/index.html web/field web/desk web/vite.config.ts web/fieldworker.ts web/words.ts web/package-lock.json -newer "$built" -print -quit)" ]; then
      exit 0
    fi
    packages
    (cd web && npm run --silent build)
    ;;
  api)
    packages
    go run ./cmd/linli openapi >web/api/openapi.json
    client api/schema.d.ts
    cp web/api/schema.d.ts web/src/shared/api/schema.d.ts
    ;;
  drift)
    bin/linli openapi >web/api/built.json
    if ! cmp -s web/api/built.json web/api/openapi.json || [ ! -e web/api/schema.d.ts ]; then
      packages
      mv web/api/built.json web/api/openapi.json
      rm -f web/api/schema.d.ts
      client api/schema.d.ts
    fi
    rm -f web/api/built.json
    if ! cmp -s web/api/schema.d.ts web/src/shared/api/schema.d.ts; then
      say "the client of the faces is not that of the API any more: run make web-api and look what changed"
      exit 1
    fi
    ;;
  test)
    packages
    (cd web && npm run --silent check)
    browser
    (cd web && npx --no-install playwright test ${2:+"tests/$2"})
    ;;
  screenshots)
    packages
    browser
    (cd web && npx --no-install playwright test --config playwright.pictures.ts)
    ;;
  *)
    sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//' >&2
    exit 64
    ;;
esac
