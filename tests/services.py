"""Which tests this machine can run: a pytest plugin.

    @pytest.mark.services("LMS_TEST_REDIS_URL")      a Redis answers at that address
    @pytest.mark.services("LMS_TEST_POSTGRES_URL")   a PostgreSQL is at hand beside the test database
    @pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")   an Elasticsearch answers at that address
    @pytest.mark.services("postgresql")              the test database itself is PostgreSQL
    @pytest.mark.e2e                                 a Chromium is installed

What cannot run is skipped and named at the end. With LMS_REQUIRE_SERVICES=1, as in CI, a missing
service is a failure: a suite that left something out must not look whole.
"""

import os
import shutil
from collections import Counter
from functools import cache

import pytest
from django.db import connection


def chromium() -> str | None:
    """The browser to launch; LMS_TEST_CHROMIUM names one that is not on PATH."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("LMS_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@cache
def redis_answers(url: str) -> bool:
    import redis

    if not url:
        return False
    try:
        return redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return False


@cache
def elasticsearch_answers(url: str) -> bool:
    from urllib.error import URLError
    from urllib.request import urlopen

    if not url:
        return False
    try:
        with urlopen(f"{url}/_cluster/health", timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def obstacle(item: pytest.Item) -> tuple[str, bool] | None:
    """Why this test cannot run here, and whether that is a gap (False: another pass runs it)."""
    if item.get_closest_marker("e2e") and not chromium():
        return "needs Chromium (Debian: apt-get install chromium)", True
    for marker in item.iter_markers("services"):
        for name in marker.args:
            if name == "postgresql":
                if connection.vendor != "postgresql":
                    reason = "needs PostgreSQL as its database (make services tells how)"
                    return reason, not os.environ.get("LMS_TEST_POSTGRES_URL")
            elif name == "LMS_TEST_REDIS_URL":
                if not redis_answers(os.environ.get(name, "")):
                    return f"needs Redis (make services; {name})", True
            elif name == "LMS_TEST_ELASTICSEARCH_URL":
                if not elasticsearch_answers(os.environ.get(name, "")):
                    return f"needs Elasticsearch (make services; {name})", True
            elif name == "LMS_TEST_POSTGRES_URL":
                if not os.environ.get(name):
                    return f"needs PostgreSQL (make services; {name})", True
            else:
                raise pytest.UsageError(f"{item.nodeid}: no such service: {name!r}")
    return None


def pytest_runtest_setup(item: pytest.Item):
    found = obstacle(item)
    if found is None:
        return
    reason, is_gap = found
    if is_gap:
        leave_out(reason)
    pytest.skip(reason)


def leave_out(reason: str) -> None:
    """End a test that cannot run on this machine: skipped, or failed where everything is demanded."""
    if os.environ.get("LMS_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason}, and LMS_REQUIRE_SERVICES=1", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter):
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and report.longrepr[2].startswith("Skipped: needs ")
    )
    if reasons:
        terminalreporter.section("Left out on this machine")
        for reason, count in reasons.items():
            terminalreporter.line(f"{count} test{'s' if count > 1 else ''}: {reason}")
