"""What kinds share when a course file is read."""

import difflib
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils.translation import gettext as _


class CourseFileError(ValueError):
    """Something in a course file is missing or wrong.

    `path` leads from the item to the place: keys and positions, e.g. `["prompts", 0, "text"]`.
    """

    code = "course_file"

    def __init__(self, path: list, message: str):
        super().__init__(message)
        self.path = list(path)
        self.message = message


_noted: ContextVar[list | None] = ContextVar("noted", default=None)


@contextmanager
def collecting():
    """Within this, the helpers below note a mistake and go on: a file is told all of its mistakes
    at once. Yields the list of `CourseFileError`."""
    found: list[CourseFileError] = []
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def mistake(path: list, message: str, instead=None):
    """Note a mistake and go on with `instead`; outside of `collecting`, raise it."""
    found = _noted.get()
    error = CourseFileError(path, message)
    if found is None:
        raise error
    found.append(error)
    return instead


def required(mapping: dict, key: str, path: list):
    """The value under `key`; refuses a mapping without it."""
    if not isinstance(mapping, dict):
        raise CourseFileError(path, _("expected a mapping"))
    if mapping.get(key) in (None, "", []):
        return mistake([*path, key], _("is missing"))
    return mapping[key]


def text(mapping: dict, key: str, language: str, path: list) -> str:
    """The text under `key` in a language. Both languages must be there."""
    value = required(mapping, key, path)
    if value is None:
        return ""
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        message = _("expected a text in each language: {th: …, en: …}")
        return mistake([*path, key], message, "")
    if not value.get(language):
        return mistake([*path, key, language], _("is missing"), "")
    return value[language]


def whole_number(
    mapping: dict,
    key: str,
    path: list,
    *,
    default: int | None = None,
    least: int = 0,
    most: int | None = None,
) -> int:
    """A whole number from `least` to `most` under `key`."""
    value = mapping.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        message = _("expected a whole number of at least %(least)s") % {"least": least}
        return mistake([*path, key], message, default if isinstance(default, int) else least)
    if most is not None and value > most:
        return mistake([*path, key], _("expected at most %(most)s") % {"most": most}, most)
    return value


def flag(mapping: dict, key: str, path: list, *, default: bool = False) -> bool:
    """true or false under `key`."""
    value = mapping.get(key, default)
    if not isinstance(value, bool):
        return mistake([*path, key], _("expected true or false"), default)
    return value


def name_of(mapping: dict, key: str, path: list) -> str:
    """A short name (a key, an id) under `key`, always as a text."""
    value = required(mapping, key, path)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return mistake([*path, key], _("expected a short name"), "")
    return str(value)


def one_of(mapping: dict, key: str, choices, path: list, *, default: str) -> str:
    """One of these words under `key`; a near miss is named."""
    value = mapping.get(key, default)
    if value not in choices:
        return mistake([*path, key], expected_one_of(value, choices), default)
    return str(value)


def expected_one_of(value, choices) -> str:
    message = _("expected one of %(choices)s") % {"choices": ", ".join(choices)}
    near = difflib.get_close_matches(str(value), list(choices), n=1)
    return f"{message} ({did_you_mean(near[0])})" if near else message


def did_you_mean(word: str) -> str:
    return _("did you mean “%(word)s”?") % {"word": word}


def mappings(mapping: dict, key: str, path: list | None = None, *, needed: bool = True):
    """(entry, its path) for each mapping of the list under `key`; others are refused."""
    path = path or []
    values = required(mapping, key, path) if needed else mapping.get(key)
    if not isinstance(values or [], list):
        mistake([*path, key], _("expected a list"))
        return
    for place, value in enumerate(values or []):
        if isinstance(value, dict):
            yield value, [*path, key, place]
        else:
            mistake([*path, key, place], _("expected a mapping"))


class Watched(dict):
    """A mapping that knows which of its keys were read, so that the others can be named."""

    def __init__(self, raw: dict):
        super().__init__({key: watched(value) for key, value in raw.items()})
        self.read: set = set()

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.read.add(key)
        return super().__contains__(key)

    def __iter__(self):
        self.read |= set(super().keys())
        return super().__iter__()

    def items(self):
        self.read |= set(super().keys())
        return super().items()

    def values(self):
        self.read |= set(super().keys())
        return super().values()


def watched(value):
    """The value with every mapping in it watched."""
    if isinstance(value, dict):
        return Watched(value)
    if isinstance(value, list):
        return [watched(entry) for entry in value]
    return value


def unread(value, path: list) -> list[CourseFileError]:
    """A mistake for every key that nobody has asked for: it is misspelt, or means nothing here."""
    found = []
    if isinstance(value, Watched):
        codes = {code for code, _name in settings.LANGUAGES}
        if set(dict.keys(value)) <= codes:  # a text in several languages
            return found
        for key in dict.keys(value):
            inner = dict.__getitem__(value, key)
            if key not in value.read:
                near = difflib.get_close_matches(str(key), [str(k) for k in value.read], n=1)
                message = _("is not known here")
                if near:
                    message = f"{message} ({did_you_mean(near[0])})"
                found.append(CourseFileError([*path, key], message))
            else:
                found += unread(inner, [*path, key])
    elif isinstance(value, list):
        for n, entry in enumerate(value):
            found += unread(entry, [*path, n])
    return found
