#!/usr/bin/env bash
# A private PostgreSQL, Redis and Elasticsearch for tests, on free ports of this machine, with throw-away data.
#
# Run as a program (`make services`) it starts them, prints what to export and waits for Ctrl-C; without Java 17 and
# Maven it goes on without Elasticsearch. Sourced, it offers start_services and stop_services. Only what was started here is ever stopped.

SERVICES_HOME=""
REDIS_PID=""
POSTGRES_BIN=""

. "$(dirname "${BASH_SOURCE[0]}")/elasticsearch.sh"

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

find_postgres() {
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            POSTGRES_BIN=$folder
            return
        fi
    done
    echo "PostgreSQL's server is not installed (Debian: apt-get install postgresql)." >&2
    return 1
}

start_postgres() {
    local port
    find_postgres || return 1
    mkdir "$SERVICES_HOME/postgres"
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$SERVICES_HOME/postgres"
    fi
    as_postgres "$POSTGRES_BIN/initdb" --pgdata "$SERVICES_HOME/postgres/data" --username sala --auth trust \
        --encoding UTF8 --locale C.UTF-8 --no-sync >"$SERVICES_HOME/initdb.log" || return 1
    port=$(free_port)
    # Data that is thrown away need not survive a power cut.
    as_postgres "$POSTGRES_BIN/pg_ctl" start --pgdata "$SERVICES_HOME/postgres/data" --wait --timeout 60 --silent \
        --log "$SERVICES_HOME/postgres/server.log" --options \
        "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$SERVICES_HOME/postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" \
        >/dev/null || return 1
    export LMS_TEST_POSTGRES_URL="postgres://sala@127.0.0.1:$port/postgres"
}

start_redis() {
    local port tries
    if ! command -v redis-server >/dev/null; then
        echo "Redis is not installed (Debian: apt-get install redis-server)." >&2
        return 1
    fi
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$SERVICES_HOME" \
        >"$SERVICES_HOME/redis.log" 2>&1 &
    REDIS_PID=$!
    for tries in $(seq 100); do
        if redis-cli -p "$port" ping >/dev/null 2>&1; then
            export LMS_TEST_REDIS_URL="redis://127.0.0.1:$port/0"
            return
        fi
        sleep 0.1
    done
    echo "Redis did not answer within 10 seconds:" >&2
    cat "$SERVICES_HOME/redis.log" >&2
    return 1
}

start_services() {
    SERVICES_HOME=$(mktemp -d)
    chmod 755 "$SERVICES_HOME"
    if ! start_postgres; then
        echo "PostgreSQL did not start." >&2
        cat "$SERVICES_HOME/initdb.log" "$SERVICES_HOME/postgres/server.log" >&2 2>/dev/null || true
        return 1
    fi
    start_redis
}

stop_services() {
    stop_elasticsearch
    if [ -n "$REDIS_PID" ]; then
        kill "$REDIS_PID" 2>/dev/null || true
        wait "$REDIS_PID" 2>/dev/null || true
        REDIS_PID=""
    fi
    if [ -n "$SERVICES_HOME" ]; then
        if [ -f "$SERVICES_HOME/postgres/data/postmaster.pid" ]; then
            as_postgres "$POSTGRES_BIN/pg_ctl" stop --pgdata "$SERVICES_HOME/postgres/data" --mode immediate --silent || true
        fi
        rm -rf "$SERVICES_HOME"
        SERVICES_HOME=""
    fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    trap stop_services EXIT
    trap 'exit 0' INT TERM
    start_services
    search="" search_name=""
    if start_elasticsearch "$SERVICES_HOME"; then
        search="  export LMS_TEST_ELASTICSEARCH_URL=$LMS_TEST_ELASTICSEARCH_URL
" search_name=" and Elasticsearch"
    fi
    cat <<TEXT
PostgreSQL, Redis$search_name are ready. In another terminal:

  export LMS_TEST_POSTGRES_URL=$LMS_TEST_POSTGRES_URL
  export LMS_TEST_REDIS_URL=$LMS_TEST_REDIS_URL
$search
then \`make test\` for the tests that use them, and for the whole suite on PostgreSQL

  LMS_DATABASE_URL=\$LMS_TEST_POSTGRES_URL make test

Ctrl-C ends them and throws their data away.
TEXT
    while :; do sleep 3600 & wait $!; done
fi
