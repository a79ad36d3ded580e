#!/usr/bin/env bash
# with-postgres.sh COMMAND [ARG...]
#
# Runs COMMAND with LINLI_TEST_POSTGRES set to a PostgreSQL that may be written to and thrown away.
#   LINLI_TEST_POSTGRES already set   that server is used as it is
#   otherwise                         a cluster of our own is made in a temporary folder, listening on loopback and a unix
#                                     socket, and stopped and removed when COMMAND ends, however it ends
# PostgreSQL's programs are looked for in PATH and /usr/lib/postgresql. When they are missing, and this runs as root on a
# Debian-like system, the package `postgresql` is installed. LINLI_TEST_POSTGRES_FSYNC=off trades durability for speed.
# LINLI_TEST_POSTGRES_SETTINGS="NAME=VALUE ..." are settings of the server beside those it comes with.
# LINLI_TEST_POSTGRES_KEEP=FOLDER keeps the cluster's data there for the next time, for databases that take long to fill.
set -euo pipefail

if [ $# -eq 0 ]; then
  sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 64
fi
if [ -n "${LINLI_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

say() { printf 'with-postgres: %s\n' "$*" >&2; }

# Prints the folder that holds initdb, pg_ctl and postgres; the newest version when there are several.
find_programs() {
  local found
  found=$(command -v pg_ctl || true)
  if [ -n "$found" ]; then
    found=$(dirname "$(readlink -f "$found")")
    if [ -x "$found/initdb" ] && [ -x "$found/postgres" ]; then
      echo "$found"
      return
    fi
  fi
  for found in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$found/initdb" ] && [ -x "$found/pg_ctl" ] && [ -x "$found/postgres" ]; then
      echo "$found"
      return
    fi
  done
}

bin=$(find_programs)
if [ -z "$bin" ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "PostgreSQL is not installed. Install it (Debian: apt-get install postgresql) or set LINLI_TEST_POSTGRES to a test server."
    exit 69
  fi
  say "installing the package postgresql"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends postgresql >&2 </dev/null
  bin=$(find_programs)
  [ -n "$bin" ] || { say "the package postgresql brought no server"; exit 69; }
fi

# PostgreSQL refuses to run as root, so its programs run as `postgres`, or `nobody` where that user is unknown.
as_server() { "$@"; }
owner=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
  owner=nobody
  if id postgres >/dev/null 2>&1; then owner=postgres; fi
  if command -v setpriv >/dev/null; then
    as_server() { setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env HOME="$home" "$@"; }
  else
    as_server() { runuser -u "$owner" -- env HOME="$home" "$@"; }
  fi
fi

home=$(mktemp -d "${TMPDIR:-/tmp}/linli-pg.XXXXXX")
data=$home/data
chown "$owner" "$home"
chmod 700 "$home"

cleanup() {
  local code=$?
  trap - EXIT
  if [ -f "$data/postmaster.pid" ]; then
    as_server "$bin/pg_ctl" -D "$data" stop -m fast -w -t 30 >/dev/null 2>&1 ||
      as_server "$bin/pg_ctl" -D "$data" stop -m immediate -w -t 30 >/dev/null 2>&1 || true
  fi
  rm -rf "$home"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -n "${LINLI_TEST_POSTGRES_KEEP:-}" ]; then
  data=$LINLI_TEST_POSTGRES_KEEP/postgresql-$("$bin/postgres" --version | grep -oE '[0-9]+' | head -n 1)
  mkdir -p "$data"
  chown "$owner" "$data"
  chmod 700 "$data"
fi

cd "$home" # initdb looks at the current folder, which the server's user may not be allowed to read
if [ ! -s "$data/PG_VERSION" ]; then
  as_server "$bin/initdb" -D "$data" -U linli --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$home/initdb.log" 2>&1 ||
    { cat "$home/initdb.log" >&2; exit 70; }
fi

port=
for _ in 1 2 3 4 5 6 7 8; do
  candidate=$((20000 + RANDOM % 30000))
  if (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then continue; fi
  options="-p $candidate -k $home -c listen_addresses=127.0.0.1 -c fsync=${LINLI_TEST_POSTGRES_FSYNC:-on} -c max_connections=200"
  for setting in ${LINLI_TEST_POSTGRES_SETTINGS:-}; do options+=" -c $setting"; done
  if as_server "$bin/pg_ctl" -D "$data" -l "$home/server.log" -o "$options" start -w -t 60 >/dev/null 2>&1; then
    port=$candidate
    break
  fi
done
[ -n "$port" ] || { say "the server did not start:"; tail -n 20 "$home/server.log" >&2; exit 70; }
[ -n "${LINLI_TEST_POSTGRES_KEEP:-}" ] && as_server "$bin/dropdb" -h "$home" -p "$port" -U linli --if-exists linli_test
as_server "$bin/createdb" -h "$home" -p "$port" -U linli linli_test
cd - >/dev/null

export LINLI_TEST_POSTGRES="postgres://linli@127.0.0.1:$port/linli_test?sslmode=disable"
say "$("$bin/postgres" --version) on port $port"

# In the background, so that a signal to this script reaches the command and the cluster is removed afterwards.
"$@" <&0 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 143' TERM
trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 130' INT # a command in the background ignores INT
wait "$child"
