"""What tells who somebody is, and does a text say it? For blind reviews, before work is sent.

Other apps may know more (agencies, nicknames): they register a function that gives a person's words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

# Shorter names stand in too many other words, above all in Thai, which has no spaces.
LEAST_CHARS = 5
SPACE = re.compile(r"\s+")

_sources: list[Callable] = []


def register(function: Callable) -> None:
    """`function(user)` gives words that tell who that person is, for example the names of their
    agencies. Called once by each app that knows some, in `AppConfig.ready()`."""
    if function not in _sources:
        _sources.append(function)


def words_of(user) -> list[str]:
    """The words that tell who somebody is, as they are written, the longest first."""
    found = [
        user.get_full_name(),
        user.first_name,
        user.last_name,
        (user.email or ""),
        (user.email or "").partition("@")[0],
    ]
    for source in _sources:
        found += source(user)
    told = {SPACE.sub(" ", str(word or "")).strip() for word in found}
    return sorted((w for w in told if len(plain(w)) >= LEAST_CHARS), key=lambda w: (-len(w), w))


def plain(text: str) -> str:
    """A text as it is compared: one way of writing each letter, no spaces, small letters."""
    return SPACE.sub("", unicodedata.normalize("NFKC", text or "")).casefold()


def told_by(texts: Mapping[str, str], user, also: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(key, word) for each text that holds a word that tells who the person is: the longest one."""
    words = [(word, plain(word)) for word in (*words_of(user), *also)]
    found = []
    for key, text in texts.items():
        bare = plain(text)
        word = next((word for word, compared in words if compared in bare), None)
        if word is not None:
            found.append((key, word))
    return found
