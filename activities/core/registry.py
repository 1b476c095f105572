"""The kinds that are installed, by name. An app registers its kind in `AppConfig.ready()`.

What is handed out for a kind of another package is the kind behind a guard (`guard.py`): whatever
it does wrong arrives as `KindFailed`, which is an `UnknownKind`.
"""

import re

API = 1
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
OWN_PACKAGES = ("activities.", "courses.")

_kinds: dict = {}
_disabled: dict[str, str] = {}


class UnknownKind(LookupError):
    """No installed app provides this kind (a plugin was removed or is disabled)."""

    code = "unknown_kind"


class KindFailed(UnknownKind):
    """A kind of another package raised, or answered with something that the contract forbids."""

    code = "kind_failed"


class KindRefused(ValueError):
    """A kind that does not keep to the contract cannot be registered; the message says why."""

    def __init__(self, message: str, reason: str = "contract"):
        super().__init__(message)
        self.reason = reason


def is_own(kind) -> bool:
    """Whether a kind belongs to the site itself: its mistakes are the site's and are raised."""
    return type(kind).__module__.startswith(OWN_PACKAGES)


def register(kind) -> None:
    """Make a kind known. Raises `KindRefused` for what does not keep to the contract, above all a
    wrong API version and a name that is taken. A kind that the operator has switched off is not
    made known."""
    from . import guard, notices

    kind = guard.bare(kind)
    check(kind)
    taken = _kinds.get(kind.name)
    if taken is not None and type(guard.bare(taken)) is not type(kind):
        raise KindRefused(
            f"The name {kind.name!r} is taken by {type(guard.bare(taken)).__qualname__}.", "name"
        )
    if kind.name in disabled_names():
        _disabled[kind.name] = type(kind).__module__
        return
    notices.register(*kind.notices)
    _kinds[kind.name] = kind if is_own(kind) else guard.GuardedKind(kind)


def check(kind) -> None:
    """Raises `KindRefused` unless the kind keeps to the contract as far as can be seen at once."""
    from .contract import ActivityKind
    from .enums import Category
    from .models import ItemPage

    name, api = getattr(kind, "name", None), getattr(kind, "api", None)
    if api != API:
        raise KindRefused(f"{name!r} is written for api {api!r}, this site has {API}.", "api")
    if not isinstance(kind, ActivityKind):
        raise KindRefused(f"{name!r} does not extend ActivityKind.")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise KindRefused(f"{name!r} is not a name: small letters, digits and _, 2 to 40 of them.")
    if getattr(kind, "category", None) not in Category.values:
        raise KindRefused(
            f"{name!r} has the category {getattr(kind, 'category', None)!r}; there are only "
            f"{', '.join(Category.values)}.",
            "category",
        )
    for what in ("label", "method_label", "page_model"):
        if getattr(kind, what, None) is None:
            raise KindRefused(f"{name!r} has no {what}.")
    model = kind.page_model
    if not (isinstance(model, type) and issubclass(model, ItemPage)):
        raise KindRefused(f"The page model of {name!r} does not extend ItemPage.")
    if model.kind_name != name:
        raise KindRefused(f"The pages of {name!r} say that their kind is {model.kind_name!r}.")
    if (
        not is_own(kind)
        and kind.category == Category.ACTIVE
        and type(kind).ceiling is ActivityKind.ceiling
    ):
        raise KindRefused(
            f"{name!r} counts as doing and must say with `ceiling` how many minutes its "
            "requirements account for."
        )


def disabled_names() -> list[str]:
    from django.conf import settings

    return settings.LMS_PLUGINS_DISABLED


def disabled_kinds() -> dict[str, str]:
    """{name: module} of kinds that are installed and switched off by name."""
    return dict(_disabled)


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


def kinds_of(plugin) -> list[str]:
    """The names of the kinds that a plugin has made known, those switched off included."""
    from . import guard

    inside = (plugin.package, f"{plugin.package}.")
    modules = {name: type(guard.bare(kind)).__module__ for name, kind in _kinds.items()}
    return [
        name
        for name, module in {**modules, **_disabled}.items()
        if module == inside[0] or module.startswith(inside[1])
    ]


def drop(plugin) -> None:
    """Forget the kinds of a plugin that went into quarantine."""
    for name in kinds_of(plugin):
        _kinds.pop(name, None)
        _disabled.pop(name, None)
