"""What search asks of the rest of the site, and what an engine owes. A leaf: it imports nothing.

Whoever has something to find registers a `SearchSource` (`sources.register`). A source speaks in
groups, what changes together (a course, a page), and says of each group a stamp that changes
whenever its passages do. Search keeps the passages in its own table and hands their terms to an
engine; the table is also what an answer is made from, so that a word of a text nobody may read
never comes from an engine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

PUBLIC = "public"
COURSE = "course"
PEOPLE = "people"


@dataclass(frozen=True)
class Passage:
    """A searchable unit: what one result shows.

    `key` is unique and stays the same while the unit stays. `unit` is the key without the language:
    the Thai and the English text of one lesson passage share it. `course` is "" for what belongs
    to no course. `labels` are facets, {name: values}. Who finds it: everybody (`scope` PUBLIC),
    those with the token `audience` and everyone who may read every course (COURSE), or only those
    with the token (PEOPLE: what learners wrote).
    """

    key: str
    unit: str
    title: str
    body: str
    kind: str
    language: str
    url: str
    updated: datetime
    trail: tuple[str, ...] = ()
    course: str = ""
    minutes: int = 0
    scope: str = PUBLIC
    audience: str = PUBLIC
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Viewer:
    """Who searches: the tokens of what they may read, and the scopes they may read whole."""

    tokens: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset([PUBLIC])


EVERYBODY = Viewer()


class SearchSource(Protocol):
    """Somebody who has passages. `name` is stored and at most 40 characters."""

    name: str

    def groups(self) -> Iterable[tuple[str, str]]:
        """(group, stamp) of everything that can be found now. A stamp is at most 80 characters."""

    def stamp(self, group: str) -> str | None:
        """The stamp of one group, None when there is nothing to find any more."""

    def passages(self, group: str) -> Iterable[Passage]:
        """The passages of a group as they are now."""

    def viewer(self, user: Any) -> Viewer:
        """What of this source a person may find. `user` may be anonymous."""

    def facet_labels(self, language: str) -> dict[str, dict[str, str]]:
        """{facet: {value: what people call it}} of the values that this source gives."""


@dataclass(frozen=True)
class Narrowing:
    """What results must be: {facet: values}, one of the values of each facet."""

    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    course: str = ""


@dataclass(frozen=True)
class Entry:
    """A passage as an engine indexes it: its number in the passages' table and its terms.

    `title_words` and `body_words` are words in order, `title_text` and `body_text` the squeezed
    texts that 3-grams are cut from.
    """

    number: int
    title_words: tuple[str, ...]
    body_words: tuple[str, ...]
    title_text: str
    body_text: str
    scope: str
    audience: str
    course: str
    labels: dict[str, tuple[str, ...]]


class EngineDown(Exception):
    """The engine does not answer; another one may."""


class Engine(Protocol):
    """Finds passages by their terms. Raises `EngineDown`, nothing else, when it cannot answer."""

    name: str

    def index(self, entries: Iterable[Entry]) -> None:
        """Add entries; those with a known number replace what was there."""

    def delete(self, numbers: Iterable[int]) -> None:
        """Forget entries; unknown numbers do not matter."""

    def clear(self) -> None:
        """Forget everything."""

    def search(
        self, question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
    ) -> list[int]:
        """The numbers of the best entries that the viewer may find, best first, at most `limit`."""

    def numbers(self) -> set[int]:
        """The numbers of all entries."""

    def refresh(self) -> None:
        """Make what was indexed findable and bring figures about terms up to date."""
