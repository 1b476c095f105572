"""The kinds that are installed, by name. An app registers its kind in `AppConfig.ready()`."""

API = 1

_kinds: dict = {}


class UnknownKind(LookupError):
    """No installed app provides this kind (a plugin was removed or is disabled)."""

    code = "unknown_kind"


class KindRefused(ValueError):
    """A kind that does not keep to the contract cannot be registered; the message says why."""


def register(kind) -> None:
    """Make a kind known. Raises `KindRefused` for a wrong API version or a name that is taken."""
    if kind.api != API:
        raise KindRefused(f"{kind.name!r} is written for api {kind.api}, this site has {API}.")
    taken = _kinds.get(kind.name)
    if taken is not None and type(taken) is not type(kind):
        raise KindRefused(f"The name {kind.name!r} is taken by {type(taken).__qualname__}.")
    _kinds[kind.name] = kind


def get(name: str):
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def find(name: str):
    """The kind of that name, or None when no installed app provides it."""
    return _kinds.get(name)


def all_kinds() -> list:
    """Every registered kind, in the order of its name."""
    return [_kinds[name] for name in sorted(_kinds)]


def page_models() -> list:
    return [kind.page_model for kind in all_kinds()]
