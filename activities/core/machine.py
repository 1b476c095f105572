"""Tables of transitions: who may go from where to where. What is not in the table is refused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .errors import TransitionNotAllowed


@dataclass(frozen=True)
class Table:
    """The states of one thing of a kind (a learner's stage, a post) and the ways between them.

    `states` is the enumeration, `ways` holds (from, to). `way` gives the steps from one state to
    another, without the first; by default a single step.
    """

    name: str
    states: Iterable
    ways: Iterable
    way: Callable[[str, str], list] | None = None

    def path(self, here: str, there: str) -> list:
        """The states passed on the way. Raises `TransitionNotAllowed`, status 409."""
        if self.way is not None:
            return self.way(here, there)
        self.check(here, there)
        return [there]

    def check(self, here: str, there: str) -> None:
        """Raises `TransitionNotAllowed` unless the table has exactly this way."""
        if (here, there) not in set(self.ways):
            raise TransitionNotAllowed(
                _("The state cannot change from “%(from)s” to “%(to)s”.")
                % {"from": getattr(here, "label", here), "to": getattr(there, "label", there)}
            )
