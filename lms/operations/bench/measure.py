"""A stopwatch for pages: CPU time of this process, queries, bytes."""

import gzip
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

WARM_UPS = 3
REQUESTS = 15
RUNS = 5
# By then an export has its tables of courses and words, and one portion of rows.
MEASURED_FROM = 2000


class NotAnswered(Exception):
    """A page did not answer 200: its figures would say nothing."""


@dataclass(frozen=True)
class Figures:
    """Median CPU milliseconds, queries, bytes plain and compressed (0 where there is no page).

    `afterwards` are the queries of what is done once the answer was sent (`search.afterwards`): nobody
    waits for them, but the process works, so the milliseconds are of both.
    """

    cpu_ms: float
    queries: int
    plain: int = 0
    compressed: int = 0
    afterwards: int = 0


def cpu_ms(action) -> float:
    begun = time.process_time()
    action()
    return (time.process_time() - begun) * 1000


def yardstick() -> float:
    """CPU milliseconds of a fixed piece of plain Python, the best of five: how fast this machine is
    at this moment. Figures of two runs can be compared in proportion to it."""
    return min(cpu_ms(lambda: sum(n * n % 7 for n in range(1_000_000))) for _n in range(5))


def page(client, url: str) -> Figures:
    """The figures of a page. Raises `NotAnswered`."""

    def get():
        return client.get(url, secure=settings.SECURE_SSL_REDIRECT)

    for _n in range(WARM_UPS):
        response = get()
        if response.status_code != 200:
            raise NotAnswered(f"{url} answered {response.status_code}")
    with CaptureQueriesContext(connection) as captured, answered(client.handler) as at:
        body = get().content
    # Now: the next request clears the log.
    queries, in_all = at[0] - captured.initial_queries, len(captured)
    median = statistics.median(cpu_ms(get) for _n in range(REQUESTS))
    return Figures(
        median, queries, len(body), len(gzip.compress(body, 6)), afterwards=in_all - queries
    )


@contextmanager
def answered(handler) -> Iterator[list[int]]:
    """How many queries the log holds when a test client's handler has an answer, before it closes it."""
    made, at = handler.get_response, []

    def get_response(request):
        response = made(request)
        at.append(len(connection.queries_log))
        return response

    handler.get_response = get_response
    try:
        yield at
    finally:
        del handler.get_response


@dataclass(frozen=True)
class Export:
    """What a file cost: its lines, kilobytes, CPU seconds, and by how many megabytes the process grew
    from its first portion on to its largest."""

    lines: int
    kilobytes: float
    cpu_s: float
    grown_mb: float


def export(client, url: str) -> Export:
    """Read a file that is sent in portions, without keeping it. Raises `NotAnswered`."""
    begun = time.process_time()
    response = client.get(url, secure=settings.SECURE_SSL_REDIRECT)
    if response.status_code != 200:
        raise NotAnswered(f"{url} answered {response.status_code}")
    lines, size, first, most = 0, 0, 0, 0
    for portion in response.streaming_content:
        lines += portion.count(b"\n")
        size += len(portion)
        if lines > MEASURED_FROM:
            most = max(most, resident())
            first = first or most
    return Export(lines, size / 1000, time.process_time() - begun, (most - first) / 1e6)


def resident() -> int:
    """Bytes of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def undone(action) -> Figures:
    """The figures of something that writes. Each time it is taken back, so all times are alike."""

    def run():
        with transaction.atomic():
            action()
            transaction.set_rollback(True)

    run()
    with CaptureQueriesContext(connection) as captured:
        run()
    # BEGIN and ROLLBACK are the measuring's own.
    queries = [q for q in captured if q["sql"].split()[0] not in ("BEGIN", "ROLLBACK")]
    return Figures(statistics.median(cpu_ms(run) for _n in range(RUNS)), len(queries))
