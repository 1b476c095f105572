"""How long a search takes among many passages: invented ones, with words as unevenly common as real
ones are (Zipf's law), drawn from PyThaiNLP's list of Thai words."""

import bisect
import itertools
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .contract import EVERYBODY, PUBLIC, Engine, Entry, Narrowing
from .find import MOST
from .question import ask

TITLE_WORDS, BODY_WORDS = 6, 110
SEED = 2569


@dataclass(frozen=True)
class Timing:
    """Milliseconds of a kind of query, and the share of them whose passage came among the first ten.
    `cpu_p95_ms` is this process's own time, which the load of the machine does not change; a
    server's is not in it."""

    kind: str
    queries: int
    p50_ms: float
    p95_ms: float
    cpu_p95_ms: float
    found: float


class Library:
    """Invented passages; the same number always gives the same passage. With `distinct`, there are
    only so many different ones, and those after them are their copies."""

    def __init__(self, distinct: int = 0):
        from pythainlp.corpus import thai_words

        self.distinct = distinct
        self.words = sorted(word for word in thai_words() if word.isalpha() or len(word) > 2)
        random.Random(SEED).shuffle(self.words)
        weights = (1 / (rank + 3) for rank in range(len(self.words)))
        self.until = list(itertools.accumulate(weights))

    def drawn(self, source: random.Random, count: int) -> list[str]:
        total = self.until[-1]
        return [
            self.words[bisect.bisect(self.until, source.random() * total)] for _ in range(count)
        ]

    def original(self, number: int) -> int:
        return (number - 1) % self.distinct + 1 if self.distinct else number

    def texts(self, number: int) -> tuple[list[str], list[str]]:
        """(words of the title, words of the body) of a passage."""
        source = random.Random(SEED * 1_000_003 + number)
        return self.drawn(source, TITLE_WORDS), self.drawn(source, BODY_WORDS)

    def entry(self, number: int) -> Entry:
        title, body = self.texts(number)
        return Entry(
            number=number,
            title_words=tuple(title),
            body_words=tuple(body),
            title_text="".join(title),
            body_text="".join(body),
            scope=PUBLIC,
            audience=PUBLIC,
            course="",
            labels={},
        )

    def batches(self, numbers: list[int], at_once: int = 1000) -> Iterator[list[Entry]]:
        for at in range(0, len(numbers), at_once):
            yield [self.entry(number) for number in numbers[at : at + at_once]]

    def queries(self, numbers: list[int], count: int) -> Iterator[tuple[str, str, int]]:
        """(kind, query, number of the passage it was made from)."""
        source = random.Random(SEED + 1)
        for _ in range(count):
            number = self.original(source.choice(numbers))
            title, body = self.texts(number)
            at = source.randrange(BODY_WORDS - 8)
            yield "question", "".join(body[at : at + 8]), number
            yield "title", "".join(title), number
            whole = "".join(title)
            yield "half a title", whole[: max(6, len(whole) // 2)], number
            place = source.randrange(1, len(whole) - 1)
            yield "typing error", whole[:place] + whole[place + 1 :], number
            yield "common words", " ".join(self.drawn(source, 2)), 0


def measure(engine: Engine, library: Library, numbers: list[int], count: int) -> list[Timing]:
    """Search for `count` passages in each way, as the page does; the first ten searches warm up and
    do not count."""
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    for done, (kind, typed, number) in enumerate(library.queries(numbers, count + 2)):
        began, worked = time.perf_counter(), time.process_time()
        found = engine.search(ask(typed), EVERYBODY, Narrowing(), MOST)
        took, cpu = time.perf_counter() - began, time.process_time() - worked
        if done >= 10:
            first = {library.original(one) for one in found[:10]}
            rows.setdefault(kind, []).append(
                (took * 1000, cpu * 1000, number in first or not number)
            )
    result = []
    for kind, timed in rows.items():
        times, cpu = sorted(row[0] for row in timed), sorted(row[1] for row in timed)
        late = min(len(times) - 1, int(len(times) * 0.95))
        found = statistics.fmean(row[2] for row in timed)
        result.append(
            Timing(kind, len(times), times[len(times) // 2], times[late], cpu[late], found)
        )
    return result
