"""From when until when people get into a run; computed when somebody comes, never by a scheduler."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.moments import moment

from .models import CourseRun


@dataclass(frozen=True)
class Access:
    """`early` before `begins`, `over` from `ends` on; afterwards own work can be read, or nothing."""

    begins: datetime | None
    ends: datetime | None
    early: bool
    over: bool
    readable: bool

    @property
    def may_open(self) -> bool:
        return not self.early and (not self.over or self.readable)

    @property
    def may_work(self) -> bool:
        return not self.early and not self.over


def access_to(run: CourseRun, now: datetime | None = None) -> Access:
    """An instant belongs to the later phase: at the beginning one is in, at the end one is out."""
    now = now or timezone.now()
    begins, ends = run.access_begins, run.access_ends
    return Access(
        begins=begins,
        ends=ends,
        early=begins is not None and now < begins,
        over=ends is not None and now >= ends,
        readable=run.readable_after,
    )


def check_work(run: CourseRun, now: datetime | None = None) -> None:
    """Raises `Refused` 409 when nothing can be handed in: not yet, or no longer."""
    access = access_to(run, now)
    language = (get_language() or "th")[:2]
    if access.early:
        raise Refused(
            _("This run begins on %(when)s. Come back then.")
            % {"when": moment(access.begins, language)},
            code="not_begun",
            status=409,
        )
    if access.over:
        raise Refused(
            _("Access to this run ended on %(when)s. What you did can be read, not changed.")
            % {"when": moment(access.ends, language)}
            if access.readable
            else _("Access to this run ended on %(when)s.")
            % {"when": moment(access.ends, language)},
            code="access_ended",
            status=409,
        )
