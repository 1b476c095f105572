"""How good the results are: passages and queries with known answers, measured on an engine.

Passages: JSON lines {"id", "title", "text"}. Queries: JSON lines {"qid", "kind", "query",
"relevant": [ids]}. Figures for each kind of query and as the mean over the kinds: success@1 and
success@10 (a relevant passage is the first, is among the first ten), MRR@10 (mean of one through
the rank of the first relevant one), the share of queries without any result, and how long a
search took.
"""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from . import analysis
from .contract import EVERYBODY, PUBLIC, Engine, Entry, Narrowing
from .question import ask

DEPTH = 10


@dataclass(frozen=True)
class Figures:
    """Of one kind of query. Times are milliseconds."""

    queries: int
    success_at_1: float
    success_at_10: float
    mrr_at_10: float
    empty: float
    p50_ms: float
    p95_ms: float


def read_lines(path: str | Path) -> list[dict]:
    """The objects of a JSON lines file. Raises ValueError with the line's number."""
    found = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    found.append(json.loads(line))
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}: {error}") from error
    return found


def entry(number: int, title: str, text: str) -> Entry:
    """A public passage that belongs to nothing."""
    title_words, title_text = analysis.analysed(title)
    body_words, body_text = analysis.analysed(text)
    return Entry(
        number=number,
        title_words=title_words,
        body_words=body_words,
        title_text=title_text,
        body_text=body_text,
        scope=PUBLIC,
        audience=PUBLIC,
        course="",
        labels={},
    )


def measure(
    engine: Engine,
    numbers: dict[str, int],
    queries: Iterable[dict],
    tell: Callable[[int], None] = lambda done: None,
) -> dict[str, Figures]:
    """Search for every query; {kind: Figures} with "macro", the mean over the kinds, at the end.

    `numbers` maps the ids of passages to the numbers under which the engine holds them.
    """
    ids = {number: name for name, number in numbers.items()}
    scores: dict[str, list[tuple]] = defaultdict(list)
    for done, query in enumerate(queries, start=1):
        began = time.perf_counter()
        found = engine.search(ask(query["query"]), EVERYBODY, Narrowing(), DEPTH)
        took = (time.perf_counter() - began) * 1000
        rank = first_relevant([ids.get(number) for number in found], set(query["relevant"]))
        scores[query["kind"]].append(
            (rank == 1, rank > 0, 1 / rank if rank else 0.0, not found, took)
        )
        tell(done)
    figures = {kind: of_kind(rows) for kind, rows in scores.items()}
    everything = [row for rows in scores.values() for row in rows]
    whole = of_kind(everything)
    figures["macro"] = Figures(
        queries=len(everything),
        **{
            name: statistics.fmean(getattr(one, name) for one in figures.values())
            for name in ("success_at_1", "success_at_10", "mrr_at_10", "empty")
        },
        p50_ms=whole.p50_ms,
        p95_ms=whole.p95_ms,
    )
    return figures


def first_relevant(found: list, relevant: set) -> int:
    """The rank of the first relevant result, from 1; 0 when there is none."""
    for rank, name in enumerate(found[:DEPTH], start=1):
        if name in relevant:
            return rank
    return 0


def of_kind(rows: list[tuple]) -> Figures:
    times = sorted(row[4] for row in rows)
    return Figures(
        queries=len(rows),
        success_at_1=statistics.fmean(row[0] for row in rows),
        success_at_10=statistics.fmean(row[1] for row in rows),
        mrr_at_10=statistics.fmean(row[2] for row in rows),
        empty=statistics.fmean(row[3] for row in rows),
        p50_ms=times[len(times) // 2],
        p95_ms=times[min(len(times) - 1, int(len(times) * 0.95))],
    )


def as_dict(figures: dict[str, Figures]) -> dict:
    return {kind: asdict(row) for kind, row in figures.items()}
