"""What people are told about runs and their places in them."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.core.moments import moment
from activities.core.notices import Notice, notify, register
from courses.releases.delivery import served_state

from .models import Application, CourseRun

ENROLLED = Notice(
    "run_enrolled",
    _("I was enrolled by somebody else"),
    _("You are enrolled in “%(course)s”."),
    subject="courses",
)
MOVED_UP = Notice(
    "run_moved_up",
    _("A place became free for me"),
    _(
        "You have a place in “%(course)s”. If you cannot take it, decline it by %(until)s so that "
        "the next person gets it."
    ),
    urgent=True,
    subject="courses",
)
APPROVED = Notice(
    "run_approved",
    _("My application was approved"),
    _("You are admitted to “%(course)s”."),
    subject="courses",
)
APPROVED_WAITING = Notice(
    "run_approved_waiting",
    _("My application was approved, and I wait for a place"),
    _("You are admitted to “%(course)s” and wait for a place there."),
    subject="courses",
)
REFUSED = Notice(
    "run_refused",
    _("My application was refused"),
    _("You were not admitted to “%(course)s”. You will find the reason there."),
    subject="courses",
)
REMOVED = Notice(
    "run_removed",
    _("An instructor ended my enrolment"),
    _("Your enrolment in “%(course)s” was ended. You will find the reason there."),
    urgent=True,
    subject="courses",
)
TRANSFERRED = Notice(
    "run_transferred",
    _("I was moved to another run"),
    _("You now take “%(course)s” in another run: %(run)s. What you did is kept."),
    subject="courses",
)
BEGINS = Notice(
    "run_begins",
    _("A run of mine begins"),
    _("“%(course)s” begins on %(when)s."),
    urgent=True,
    subject="courses",
)
ACCESS_ENDS = Notice(
    "run_access_ends",
    _("Access to a run of mine ends soon"),
    _("You can work in “%(course)s” until %(when)s."),
    subject="courses",
)
APPLIED = Notice(
    "run_applied",
    _("Somebody applies to a run of mine"),
    _("%(who)s applies to “%(course)s”."),
    subject="teaching",
)

register(
    ENROLLED,
    MOVED_UP,
    APPROVED,
    APPROVED_WAITING,
    REFUSED,
    REMOVED,
    TRANSFERRED,
    BEGINS,
    ACCESS_ENDS,
    APPLIED,
)
BATCH = 500


def when_in_languages(at: datetime) -> dict[str, str]:
    return {code: moment(at, code) for code, _name in settings.LANGUAGES}


def tell(people: Iterable[int], notice: Notice, run: CourseRun, key: str, /, **params) -> None:
    """Tell people about a run, a batch at a time. Nothing for a course that never was on offer."""
    people = list(people)
    state = served_state(run.course) if people else None
    if state is None:
        return
    mailed = params.pop("mailed", False)
    page = ("course", [state.slug]) if state.closed else ("run_join", [state.slug, run.key])
    url = params.pop("url", None) or reverse(page[0], args=page[1])
    params["course"] = state.served.outline["titles"]
    for n in range(0, len(people), BATCH):
        notify(people[n : n + BATCH], notice.name, key=key, params=params, url=url, mailed=mailed)


def moved_up(run: CourseRun, people: list[int], until: datetime) -> None:
    key = f"run-up-{run.pk}-{until:%Y%m%d%H%M%S%f}"
    tell(people, MOVED_UP, run, key, until=when_in_languages(until))


def decided(application: Application, notice: Notice) -> None:
    key = f"{notice.name}-{application.pk}-{application.decided_at:%Y%m%d%H%M%S%f}"
    tell([application.user_id], notice, application.run, key)


def applied(application: Application) -> None:
    """The instructors of the run hear of an application once."""
    run = application.run
    tell(
        run.instructors.values_list("pk", flat=True),
        APPLIED,
        run,
        f"run-applied-{application.pk}-{application.queued_at:%Y%m%d%H%M%S}",
        who=application.user.get_full_name() or application.user.email,
        url=reverse("teach_enrol", args=[run.pk]),
    )
