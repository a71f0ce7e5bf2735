#!/bin/sh
# A PostgreSQL of one's own, for tests: `postgres.sh start DIR` prints its URL, `postgres.sh stop DIR` ends it and removes DIR.
# On the loopback only, a free port, no passwords, no fsync: never for data that somebody wants to keep.
set -eu

usage() {
    echo "usage: postgres.sh start|stop DIR" >&2
    exit 2
}

[ $# -eq 2 ] || usage
verb=$1
dir=$2

# The newest installed server; Debian does not put it on the path.
bin=$(dirname "$(command -v initdb 2>/dev/null || ls -1d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)")
[ -x "$bin/initdb" ] || { echo "postgres.sh: no PostgreSQL server is installed" >&2; exit 1; }

# The server refuses to run as root.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    mkdir -p "$dir"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$dir"
    cd "$dir"
    as_owner "$bin/initdb" --pgdata="$dir/data" --username=weft --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 \
        || { cat "$dir/initdb.log" >&2; exit 1; }
    # Somebody may take the port between asking and binding.
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        if as_owner "$bin/pg_ctl" start --wait --silent --pgdata="$dir/data" --log="$dir/server.log" \
            --options="-c listen_addresses=127.0.0.1 -p $port -k $dir -c fsync=off -c full_page_writes=off -c max_connections=200" >/dev/null 2>&1; then
            echo "postgres://weft@127.0.0.1:$port/postgres"
            return
        fi
    done
    cat "$dir/server.log" >&2
    exit 1
}

stop() {
    [ -f "$dir/data/PG_VERSION" ] || { echo "postgres.sh: $dir holds no server of ours" >&2; exit 1; }
    cd "$dir"
    as_owner "$bin/pg_ctl" stop --wait --silent --mode=fast --pgdata="$dir/data" || true
    cd /
    rm -rf "$dir/data" "$dir/initdb.log" "$dir/server.log"
    rmdir "$dir" 2>/dev/null || true
}

case $verb in
    start) case $dir in /*) ;; *) dir=$PWD/$dir ;; esac; start ;;
    stop) case $dir in /*) ;; *) dir=$PWD/$dir ;; esac; stop ;;
    *) usage ;;
esac
