"""What instructors do with the places of their runs. Every function checks that it is their run."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.core import errands, holding
from activities.core.enums import Category
from activities.core.errors import Refused
from activities.core.models import Participation
from courses.releases.delivery import state_of

from . import invite, places, prerequisites, run_notices
from .models import Application, CourseRun, Enrolment, PlaceEvent, RunGroup
from .rules import may_see_run
from .tasks import send_invitation

LONGEST_REASON = 500
State = Application.State


def check(by, run: CourseRun) -> None:
    """Somebody else's run does not exist. Raises `Refused` 404."""
    if not may_see_run(by, run):
        raise Refused(_("There is no such run."), code="no_run", status=404)


def reason_of(text: str, field: str = "reason") -> str:
    text = text.strip()
    message = ""
    if not text:
        message = _("Write a reason: the learner reads it.")
    elif len(text) > LONGEST_REASON:
        message = _("This is longer than %(most)d characters. Shorten it, please.") % {
            "most": LONGEST_REASON
        }
    if message:
        raise Refused(message, code="no_reason", fields={field: message})
    return text


def no_place() -> Refused:
    return Refused(
        _("No place is left in this run. Raise the number of places first."),
        code="full",
        status=409,
    )


def in_another_run(other: Enrolment) -> Refused:
    return Refused(
        _("This person takes the course in “%(run)s”. Move them from there instead.")
        % {"run": other.run.title((get_language() or "th")[:2])},
        code="in_another_run",
        status=409,
    )


@holding.once_more
@transaction.atomic
def approve(application: Application, by) -> Application:
    """Admit somebody: to a place, or to the waiting list when all places are taken."""
    check(by, application.run)
    holding.hold_person(application.user_id)
    run = places.lock(application.run)
    application = still_pending(application)
    now = timezone.now()
    other = places.active_elsewhere(application.user, run.course, run)
    if other is not None:
        raise in_another_run(other)
    places.move_up(run)
    if places.left(run) != 0:
        application.decided_by, application.decided_at = by, now
        waive_missing(run, application.user, by)
        places.give(run, application.user, by=by)
        application.state = State.ADMITTED
        run_notices.decided(application, run_notices.APPROVED)
    elif run.has_waiting_list:
        application.state = State.WAITING
        application.decided_by, application.decided_at = by, now
        run_notices.decided(application, run_notices.APPROVED_WAITING)
    else:
        raise no_place()
    application.save(update_fields=["state", "decided_by", "decided_at"])
    return application


@holding.once_more
@transaction.atomic
def refuse(application: Application, by, reason: str) -> Application:
    """Refuse with a reason that the learner reads."""
    check(by, application.run)
    holding.hold_person(application.user_id)
    run = places.lock(application.run)
    application = still_open(application)
    application.reason = reason_of(reason)
    application.state = State.REFUSED
    application.decided_by, application.decided_at = by, timezone.now()
    application.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    places.note(run, application.user, PlaceEvent.Kind.REFUSED, by=by, text=application.reason)
    run_notices.decided(application, run_notices.REFUSED)
    return application


def still_pending(application: Application) -> Application:
    application = still_open(application)
    if application.state != State.PENDING:
        raise decided_already(application)
    return application


def still_open(application: Application) -> Application:
    """The newest row, locked. Raises `Refused` 409 that says how it stands by now."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("run", "user", "decided_by")
        .filter(pk=application.pk)
        .first()
    )
    if application is None:
        raise gone()
    if application.state not in Application.OPEN:
        raise decided_already(application)
    return application


def gone() -> Refused:
    return Refused(
        _("This application is no longer there: the person may have erased the account."),
        code="no_application",
        status=409,
    )


def decided_already(application: Application) -> Refused:
    by = application.decided_by
    return Refused(
        _("Somebody was quicker: this application stands at “%(state)s” (%(who)s).")
        % {
            "state": application.get_state_display(),
            "who": (by.get_full_name() or by.email) if by else _("by the person"),
        },
        code="decided_already",
        status=409,
    )


def waive_missing(run: CourseRun, user, by) -> None:
    """Note which required courses an instructor did not ask for."""
    state = state_of(run.course)
    left = prerequisites.missing(user, state.current.outline) if state else []
    if left:
        text = ", ".join(row["title"] for row in left)
        places.note(run, user, PlaceEvent.Kind.WAIVED, by=by, text=text)


@transaction.atomic
def add(run: CourseRun, user, by, group: RunGroup | None = None) -> tuple[Enrolment, bool]:
    """Give somebody a place, whatever the run's method; returns it and whether it is new."""
    check(by, run)
    places.lock_person(user)
    run = places.lock(run)
    if group is not None and group.run_id != run.pk:
        raise Refused(_("There is no such group in this run."), code="no_group", status=404)
    known = Enrolment.objects.filter(places.taken_filter(), run=run, user=user).exists()
    other = places.active_elsewhere(user, run.course, run)
    if not known and other is not None:
        raise in_another_run(other)
    if not known and places.left(run) == 0:
        raise no_place()
    enrolment = places.give(run, user, by=by, group=group)
    if not known:
        waive_missing(run, user, by)
        key = f"run-enrolled-{enrolment.pk}-{timezone.now():%Y%m%d%H%M%S%f}"
        run_notices.tell([user.pk], run_notices.ENROLLED, run, key)
    return enrolment, not known


@transaction.atomic
def add_by_email(
    run: CourseRun, email: str, by, *, first_name="", last_name="", group=None
) -> tuple[Enrolment, bool]:
    """Enrol whoever has the address; somebody without an account gets one and an invitation."""
    check(by, run)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        message = _("Write a whole e-mail address, like somchai@agency.go.th.")
        raise Refused(message, code="bad_email", fields={"email": message}) from None
    user = get_user_model().objects.filter(email__iexact=email).first()
    if user is not None and not user.is_active:
        message = _("The account with this address is closed. Ask your operator.")
        raise Refused(message, code="inactive", status=409, fields={"email": message})
    is_new = user is None
    if is_new:
        (user,) = invite.make_accounts(
            [{"email": email, "first_name": first_name.strip(), "last_name": last_name.strip()}]
        )
    enrolment, added = add(run, user, by, group)
    if is_new:
        errands.post(send_invitation, enrolment.pk)
    return enrolment, added


@holding.once_more
@transaction.atomic
def remove(enrolment: Enrolment, by, reason: str) -> None:
    """End somebody's enrolment with a reason; what they did stays, and the next person moves up."""
    check(by, enrolment.run)
    reason = reason_of(reason)
    holding.hold_person(enrolment.user_id)
    ended = places.withdraw(enrolment, by=by, reason=reason, kind=PlaceEvent.Kind.REMOVED)
    if not ended:
        raise Refused(
            _("This enrolment has ended or the course is completed: nothing was changed."),
            code="not_active",
            status=409,
        )
    key = f"run-removed-{enrolment.pk}-{timezone.now():%Y%m%d%H%M%S%f}"
    run_notices.tell([enrolment.user_id], run_notices.REMOVED, enrolment.run, key)


@transaction.atomic
def bring_back(enrolment: Enrolment, by) -> Enrolment:
    """Undo an ending: with the place, everything that was done is there again."""
    return add(enrolment.run, enrolment.user, by)[0]


@transaction.atomic
def transfer(enrolment: Enrolment, to: CourseRun, by) -> Enrolment:
    """Move somebody to another run of the course. The seat moves, so progress and work stay theirs.

    What they have begun together with others stays with those others; lessons and tests go along.
    """
    check(by, enrolment.run)
    check(by, to)
    places.lock_person(enrolment.user)
    runs = {
        run.pk: run
        for run in CourseRun.objects.select_for_update(of=("self",))
        .filter(pk__in=[enrolment.run_id, to.pk])
        .order_by("pk")
    }
    source, to = runs[enrolment.run_id], runs[to.pk]
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if source.pk == to.pk or source.course != to.course:
        raise Refused(
            _("Choose another run of the same course."), code="wrong_run", fields={"to": ""}
        )
    if enrolment.run_id != source.pk or enrolment.state != Enrolment.State.ACTIVE:
        raise Refused(
            _("This enrolment has ended or the course is completed: nothing was changed."),
            code="not_active",
            status=409,
        )
    if places.left(to) == 0:
        raise no_place()
    there = Enrolment.objects.filter(run=to, user=enrolment.user_id).first()
    if there is not None:
        if (
            there.state != Enrolment.State.WITHDRAWN
            or Participation.objects.filter(seat=there.seat).exists()
        ):
            raise Refused(
                _("This person has learned in that run before. Let them return there instead."),
                code="was_there",
                status=409,
            )
        there.delete()
    enrolment.run, enrolment.group, enrolment.decline_until = to, None, None
    enrolment.save(update_fields=["run", "group", "decline_until"])
    Participation.objects.filter(
        seat=enrolment.seat, version__category__in=[Category.LECTURE, Category.NEUTRAL]
    ).update(cohort=to.key)
    Application.objects.filter(
        user=enrolment.user_id, run__course=to.course, state__in=Application.OPEN
    ).update(state=State.WITHDRAWN, decided_at=timezone.now())
    for run in (source, to):
        text = f"{source} → {to}"
        places.note(run, enrolment.user, PlaceEvent.Kind.TRANSFERRED, by=by, text=text)
    places.move_up(source)
    key = f"run-transferred-{enrolment.pk}-{timezone.now():%Y%m%d%H%M%S%f}"
    names = {code: to.title(code) for code in ("th", "en")}
    run_notices.tell([enrolment.user_id], run_notices.TRANSFERRED, to, key, run=names)
    return enrolment


def assign(enrolment: Enrolment, group: RunGroup | None, by) -> None:
    """Put somebody into a group of their run, or into none."""
    check(by, enrolment.run)
    if group is not None and group.run_id != enrolment.run_id:
        raise Refused(_("There is no such group in this run."), code="no_group", status=404)
    Enrolment.objects.filter(pk=enrolment.pk).update(group=group)
