"""Who has something to find, and who may find what."""

from collections.abc import Iterable
from typing import Any

from .contract import PUBLIC, SearchSource, Viewer

_sources: dict[str, SearchSource] = {}


def register(source: SearchSource) -> None:
    _sources[source.name] = source


def unregister(name: str) -> None:
    _sources.pop(name, None)


def get(name: str) -> SearchSource | None:
    return _sources.get(name)


def every() -> Iterable[SearchSource]:
    return list(_sources.values())


def viewer_for(user: Any) -> Viewer:
    """Everything that a person may find, of all sources together."""
    tokens: set[str] = set()
    scopes = {PUBLIC}
    for source in every():
        of_source = source.viewer(user)
        tokens |= of_source.tokens
        scopes |= of_source.scopes
    return Viewer(frozenset(tokens), frozenset(scopes))


def facet_labels(language: str) -> dict[str, dict[str, str]]:
    """{facet: {value: what people call it}} of all sources."""
    labels: dict[str, dict[str, str]] = {}
    for source in every():
        for facet, values in source.facet_labels(language).items():
            labels.setdefault(facet, {}).update(values)
    return labels
