"""Parsed content of versions, kept in memory.

A version never changes, so what was parsed once is right for as long as the process lives; the
key is the digest, not the row, and the store is bounded.
"""

from collections import OrderedDict
from threading import Lock

from . import registry

MOST = 1024

_store: OrderedDict = OrderedDict()
_lock = Lock()


def cached_content(version, language: str):
    key = (version.kind, version.digest, language)
    with _lock:
        if key in _store:
            _store.move_to_end(key)
            return _store[key]
    content = registry.get(version.kind).content(version.page(language))
    with _lock:
        _store[key] = content
        while len(_store) > MOST:
            _store.popitem(last=False)
    return content


def forget() -> None:
    """Empty the store (a kind was installed anew, or a test wants to start clean)."""
    with _lock:
        _store.clear()
