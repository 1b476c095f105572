"""Joining and leaving a course, as a person does it: at once, by key, by asking, by waiting."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.moments import moment
from courses.releases.delivery import served_by_slug, state_of
from courses.releases.models import CourseState

from . import places, prerequisites, run_notices
from .models import Application, CourseRun, Enrolment, PlaceEvent
from .rules import may_join_agency

Method = CourseRun.Method
LEAST_REASON = 10
LONGEST_REASON = 2000
# Guessing a key: so many tries, then a wait.
TRIES = 5
TRIES_SECONDS = 300


@dataclass(frozen=True)
class Joined:
    """What came of joining: a place, or an application that waits."""

    enrolment: Enrolment | None = None
    application: Application | None = None


def ensure_rolling_run(course: UUID) -> CourseRun:
    run, _created = CourseRun.objects.get_or_create(course=course, pacing=CourseRun.Pacing.ROLLING)
    return run


def open_now(now: datetime) -> Q:
    """Runs that take people now."""
    return (
        Q(is_open=True)
        & (Q(enrol_from__isnull=True) | Q(enrol_from__lte=now))
        & (Q(enrol_until__isnull=True) | Q(enrol_until__gt=now))
        & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    )


def open_run(course: UUID) -> CourseRun | None:
    """The run that somebody who enrols now, without choosing one, joins."""
    return (
        CourseRun.objects.filter(
            open_now(timezone.now()), course=course, agency__isnull=True, method=Method.OPEN
        )
        .order_by("pacing", "-pk")
        .last()
    )


def enrol(user, course: UUID) -> Enrolment:
    """Give somebody a place in the open run. Enrolling twice is one enrolment; returning after
    leaving keeps everything.

    Raises `Refused` when the course is not on offer, no run is open or all places are taken.
    """
    if state_of(course) is None:
        raise not_offered()
    run = open_run(course)
    if run is None:
        raise Refused(
            _("Enrolment is closed at the moment. Please come back later."),
            code="enrolment_closed",
            status=409,
        )
    joined = join(user, run)
    if joined.enrolment is None:
        raise Refused(
            _("All places are taken. You are on the waiting list and will be told."),
            code="waiting",
            status=409,
        )
    return joined.enrolment


def not_offered() -> Refused:
    return Refused(
        _("This course is not on offer now. Choose another one from the catalogue."),
        code="not_offered",
        status=409,
    )


def hindrance(run: CourseRun, now: datetime | None = None) -> str:
    """Why nobody can join a run by themselves now; "" when people can."""
    now = now or timezone.now()
    language = (get_language() or "th")[:2]
    if places.over(run, now):
        return _("This run is over. Choose another one.")
    if not run.is_open:
        return _("Enrolment in this run is closed.")
    if run.enrol_from is not None and now < run.enrol_from:
        return _("Enrolment opens on %(when)s. Come back then.") % {
            "when": moment(run.enrol_from, language)
        }
    if run.enrol_until is not None and now >= run.enrol_until:
        return _("Enrolment closed on %(when)s. Choose another run.") % {
            "when": moment(run.enrol_until, language)
        }
    if run.method == Method.STAFF:
        return _("Instructors enrol people in this run. Ask the one in charge.")
    return ""


@transaction.atomic
def join(user, run: CourseRun, *, key: str = "", why: str = "") -> Joined:
    """Take a place in a run, or wait for one, by the run's method. Pressing twice is pressing once.

    Who left by themselves returns without key and approval. Raises `Refused`; 404 for a run of an
    agency that is not one's own.
    """
    if not may_join_agency(user, run):
        raise Refused(_("There is no such run."), code="no_run", status=404)
    state = state_of(run.course)
    if state is None:
        raise not_offered()
    places.lock_person(user)
    before = Enrolment.objects.filter(user=user, run=run).first()
    if before is not None and before.state != Enrolment.State.WITHDRAWN:
        return Joined(enrolment=before)
    application = Application.objects.filter(user=user, run=run).first()
    if application is not None and application.state in Application.OPEN:
        return Joined(application=application)
    if reason := hindrance(run):
        raise Refused(reason, code="enrolment_closed", status=409)
    if before is not None and before.withdrawn_by_id is not None:
        raise Refused(
            _("An instructor ended your enrolment: “%(reason)s” To return, ask the instructor.")
            % {"reason": before.withdrawn_reason},
            code="taken_off",
            status=409,
        )
    other = places.active_elsewhere(user, run.course, run)
    if other is not None:
        raise Refused(
            _(
                "You take this course already, in “%(run)s”. Finish or leave it there first, or ask "
                "the instructor to move you: what you did is kept then."
            )
            % {"run": other.run.title((get_language() or "th")[:2])},
            code="in_another_run",
            status=409,
        )
    if before is None:
        prerequisites.check(user, state.current.outline)
        if run.method == Method.KEY:
            check_key(user, run, key)
        if run.method == Method.APPROVAL:
            return Joined(application=apply(user, run, application, why))
    return take_or_wait(user, run, application)


def take_or_wait(user, run: CourseRun, application: Application | None) -> Joined:
    """A place if there is one, else the end of the waiting list. Nobody overtakes who waits."""
    if run.capacity is None:
        return Joined(enrolment=places.give(run, user))
    run = places.lock(run)
    places.move_up(run)
    if places.left(run) != 0:
        return Joined(enrolment=places.give(run, user))
    if not run.has_waiting_list:
        raise places.full(run)
    return Joined(application=put(user, run, application, Application.State.WAITING))


def put(user, run: CourseRun, application: Application | None, state: str, **values) -> Application:
    values = {"state": state, "queued_at": timezone.now(), "reason": "", **values}
    values |= {"decided_at": None, "decided_by": None}
    application, _created = Application.objects.update_or_create(
        run=run, user=user, defaults=values
    )
    return application


def check_key(user, run: CourseRun, key: str) -> None:
    """Compares in constant time, and not too often. Raises `Refused` 422 or 429."""
    name = f"run-key:{run.pk}:{user.pk}"
    cache.add(name, 0, TRIES_SECONDS)
    if not key.strip():
        message = _("Write the key that you were given for this run.")
        raise Refused(message, code="no_key", fields={"key": message})
    if cache.incr(name) > TRIES:
        raise Refused(
            _("Too many tries. Wait five minutes, then write the key again."),
            code="too_many_tries",
            status=429,
        )
    if not hmac.compare_digest(key.strip().encode(), run.enrol_key.encode()):
        message = _(
            "This is not the key of this run. Mind capital letters, or ask whoever gave it to you."
        )
        raise Refused(message, code="wrong_key", fields={"key": message})
    cache.delete(name)


def apply(user, run: CourseRun, before: Application | None, why: str) -> Application:
    """Ask for a place. Raises `Refused` 422 when nothing is said for it."""
    why = why.strip()
    if len(why) < LEAST_REASON:
        message = _("Say in a sentence why you want to take part (at least %(least)d characters).")
        message = message % {"least": LEAST_REASON}
        raise Refused(message, code="no_reason", fields={"why": message})
    if len(why) > LONGEST_REASON:
        message = _("This is longer than %(most)d characters. Shorten it, please.")
        message = message % {"most": LONGEST_REASON}
        raise Refused(message, code="too_long", fields={"why": message})
    application = put(user, run, before, Application.State.PENDING, why=why)
    run_notices.applied(application)
    return application


def leave(enrolment: Enrolment) -> None:
    """Give up one's place. What was done stays and is there again on return."""
    until = enrolment.decline_until
    declined = until is not None and timezone.now() < until
    kind = PlaceEvent.Kind.DECLINED if declined else PlaceEvent.Kind.LEFT
    places.withdraw(enrolment, kind=kind)


def take_back(application: Application) -> bool:
    """Withdraw what one asked for; returns whether it was open."""
    return bool(
        Application.objects.filter(pk=application.pk, state__in=Application.OPEN).update(
            state=Application.State.WITHDRAWN, decided_at=timezone.now()
        )
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
