"""Joining and leaving a course."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import errands
from activities.core.errors import Refused
from courses.releases.delivery import served_by_slug, state_of
from courses.releases.models import CourseState

from .models import CourseRun, Enrolment
from .tasks import send_welcome


def ensure_rolling_run(course: UUID) -> CourseRun:
    run, _created = CourseRun.objects.get_or_create(course=course, pacing=CourseRun.Pacing.ROLLING)
    return run


def open_run(course: UUID) -> CourseRun | None:
    """The run that somebody who enrols now joins."""
    return CourseRun.objects.filter(course=course, is_open=True).order_by("pacing", "-pk").last()


@transaction.atomic
def enrol(user, course: UUID) -> Enrolment:
    """Give somebody a place in the open run. Enrolling twice is one enrolment; returning after
    leaving keeps everything.

    Raises `Refused` when the course is not on offer or no run is open.
    """
    if state_of(course) is None:
        raise Refused(
            _("This course is not on offer now. Choose another one from the catalogue."),
            code="not_offered",
            status=409,
        )
    run = open_run(course)
    if run is None:
        raise Refused(
            _("Enrolment is closed at the moment. Please come back later."),
            code="enrolment_closed",
            status=409,
        )
    enrolment, created = Enrolment.objects.get_or_create(user=user, run=run)
    if created:
        errands.post(send_welcome, enrolment.pk)
    elif enrolment.state == Enrolment.State.WITHDRAWN:
        enrolment.state = Enrolment.State.ACTIVE
        enrolment.last_seen_at = timezone.now()
        enrolment.save(update_fields=["state", "last_seen_at"])
    return enrolment


def leave(enrolment: Enrolment) -> None:
    """Give up one's place. What was done stays and is there again on return."""
    Enrolment.objects.filter(pk=enrolment.pk, state=Enrolment.State.ACTIVE).update(
        state=Enrolment.State.WITHDRAWN
    )


def place_in(user, slug: str) -> tuple[CourseState | None, Enrolment | None]:
    """The course that an address means for a person, and their enrolment in it.

    Who is enrolled keeps a withdrawn course; for everybody else there is only what is on offer. The
    state's `served` release is what the person gets.
    """
    states = served_by_slug(slug)
    for state in states:
        enrolment = enrolment_in(user, state.course)
        if enrolment is not None:
            return state, enrolment
    return next((state for state in states if not state.closed), None), None


def enrolment_in(user, course: UUID) -> Enrolment | None:
    """Somebody's enrolment in a course (the newest one), unless they have left."""
    if not user.is_authenticated:
        return None
    return (
        Enrolment.objects.filter(user=user, run__course=course)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("run")
        .order_by("-enrolled_at")
        .first()
    )
