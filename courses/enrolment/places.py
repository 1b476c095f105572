"""The places of a run: who has one, who is next. Every change happens with the run's row locked, so
that the last place goes to one person."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import errands, holding
from activities.core.errors import Refused

from . import run_notices
from .models import Application, CourseRun, Enrolment, PlaceEvent
from .tasks import send_welcome

State = Enrolment.State
Kind = PlaceEvent.Kind


def taken_filter() -> Q:
    """Enrolments that hold a place."""
    return ~Q(state=State.WITHDRAWN)


def lock(run: CourseRun | int) -> CourseRun:
    """The run's newest row, locked until the transaction ends."""
    pk = run if isinstance(run, int) else run.pk
    return CourseRun.objects.select_for_update(of=("self",)).get(pk=pk)


def lock_person(user) -> None:
    """Two requests of one person go one after the other. Rows that point at the person may be written
    meanwhile (NO KEY UPDATE), so this never waits for somebody who moves them up.

    Raises `Refused` 404 for whoever has erased the account meanwhile: nothing new is kept of them.
    """
    people = get_user_model().objects.select_for_update(no_key=True)
    if not people.filter(pk=user.pk, erased_at__isnull=True).values_list("pk", flat=True):
        raise Refused(_("This account has been erased."), code="account_erased", status=404)


def taken(run: CourseRun) -> int:
    return Enrolment.objects.filter(taken_filter(), run=run).count()


def left(run: CourseRun) -> int | None:
    """How many places are left; None where their number is not limited."""
    return None if run.capacity is None else max(0, run.capacity - taken(run))


def note(run: CourseRun, user, kind: str, *, by=None, text: str = "") -> None:
    PlaceEvent.objects.create(run=run, user=user, kind=kind, by=by, note=text[:500])


def full(run: CourseRun) -> Refused:
    return Refused(
        _("All places of this run are taken. Choose another run, or come back later."),
        code="full",
        status=409,
    )


def give(
    run: CourseRun, user, *, by=None, kind: str = Kind.ENROLLED, group=None, decline_until=None
) -> Enrolment:
    """Give somebody a place in a locked run; who had left finds everything again.

    Raises `Refused` 409 when no place is left. Whoever has a place keeps it.
    """
    enrolment = Enrolment.objects.select_for_update(of=("self",)).filter(run=run, user=user).first()
    if enrolment is not None and enrolment.state != State.WITHDRAWN:
        if group is not None and enrolment.group_id != group.pk:
            enrolment.group = group
            enrolment.save(update_fields=["group"])
        return enrolment
    if run.capacity is not None and taken(run) >= run.capacity:
        raise full(run)
    if enrolment is None:
        # A list that is being enrolled at this moment may be quicker.
        enrolment, created = Enrolment.objects.get_or_create(
            user=user,
            run=run,
            defaults={"added_by": by, "group": group, "decline_until": decline_until},
        )
        if not created:
            return enrolment
        if kind == Kind.ENROLLED and by is None:
            errands.post(send_welcome, enrolment.pk)
    else:
        kind = Kind.RETURNED if kind == Kind.ENROLLED else kind
        enrolment.state = State.ACTIVE if enrolment.completed_at is None else State.COMPLETED
        enrolment.last_seen_at = timezone.now()
        enrolment.withdrawn_at = enrolment.withdrawn_by = None
        enrolment.withdrawn_reason = ""
        enrolment.decline_until = decline_until
        enrolment.group = group or enrolment.group
        enrolment.save(
            update_fields=[
                "state",
                "last_seen_at",
                "withdrawn_at",
                "withdrawn_by",
                "withdrawn_reason",
                "decline_until",
                "group",
            ]
        )
    note(run, user, kind, by=by)
    now = timezone.now()
    Application.objects.filter(run=run, user=user).exclude(state=Application.State.ADMITTED).update(
        state=Application.State.ADMITTED, decided_at=now, decided_by=by, reason=""
    )
    # Whoever has a place here waits nowhere else in the same course.
    Application.objects.filter(
        user=user, run__course=run.course, state__in=Application.OPEN
    ).exclude(run=run).update(state=Application.State.WITHDRAWN, decided_at=now)
    return enrolment


def move_up(run: CourseRun) -> list[Enrolment]:
    """Give the free places of a locked run to those who wait, in their order, and tell them."""
    free = left(run)
    moved = []
    if free == 0 or over(run):
        return moved
    line = Application.objects.filter(run=run, state=Application.State.WAITING)
    line = line.order_by("queued_at", "pk")
    most = None if free is None else free + 50
    # The people before their applications, as somebody does who erases the account.
    if not holding.hold(line.values_list("user", flat=True)[:most]):
        return moved
    waiting = line.select_for_update(of=("self",)).select_related("user")
    now = timezone.now()
    until = now + timedelta(days=run.answer_days)
    for application in waiting.iterator(chunk_size=500) if free is None else waiting[:most]:
        if free is not None and len(moved) >= free:
            break
        if not application.user.is_active:
            application.state = Application.State.WITHDRAWN
            application.decided_at = now
            application.save(update_fields=["state", "decided_at"])
            continue
        moved.append(give(run, application.user, kind=Kind.MOVED_UP, decline_until=until))
    run_notices.moved_up(run, [enrolment.user_id for enrolment in moved], until)
    return moved


def over(run: CourseRun, now=None) -> bool:
    return run.ends_at is not None and (now or timezone.now()) >= run.ends_at


def position(application: Application) -> int:
    """1 for who is next."""
    return (
        Application.objects.filter(run=application.run_id, state=Application.State.WAITING)
        .filter(
            Q(queued_at__lt=application.queued_at)
            | Q(queued_at=application.queued_at, pk__lt=application.pk)
        )
        .count()
        + 1
    )


def place_in_line():
    """For a query of applications: `position` of those on a waiting list; None for the others."""
    ahead = (
        Application.objects.filter(run=OuterRef("run"), state=Application.State.WAITING)
        .filter(
            Q(queued_at__lt=OuterRef("queued_at"))
            | Q(queued_at=OuterRef("queued_at"), pk__lte=OuterRef("pk"))
        )
        .order_by()
        .values("run")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Case(
        When(state=Application.State.WAITING, then=Subquery(ahead)),
        output_field=IntegerField(),
    )


def withdraw(enrolment: Enrolment, *, by=None, reason: str = "", kind: str = Kind.LEFT) -> bool:
    """End an enrolment and pass its place on; returns whether there was one to end. What was done stays.

    A completed course is not left: its certificate stands.
    """
    with transaction.atomic():
        holding.hold([enrolment.user_id])
        run = lock(enrolment.run_id)
        changed = Enrolment.objects.filter(pk=enrolment.pk, state=State.ACTIVE).update(
            state=State.WITHDRAWN,
            withdrawn_at=timezone.now(),
            withdrawn_by=by,
            withdrawn_reason=reason[:500],
            decline_until=None,
        )
        if not changed:
            return False
        Application.objects.filter(run=run, user=enrolment.user_id).update(
            state=Application.State.WITHDRAWN, decided_at=timezone.now()
        )
        note(run, enrolment.user, kind, by=by, text=reason)
        move_up(run)
    return True


def taken_where_limited():
    """For a query of runs: the places taken of those that have a limit; others are not counted."""
    taken = (
        Enrolment.objects.filter(taken_filter(), run=OuterRef("pk"))
        .order_by()
        .values("run")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Case(
        When(capacity__isnull=False, then=Coalesce(Subquery(taken), 0)),
        default=0,
        output_field=IntegerField(),
    )


def counts_of(runs) -> dict[int, int]:
    """{run: places taken} of several runs, in one query."""
    return dict(
        Enrolment.objects.filter(taken_filter(), run__in=runs)
        .order_by()
        .values_list("run")
        .annotate(n=Count("pk"))
    )


def active_elsewhere(user, course: UUID, run: CourseRun) -> Enrolment | None:
    """Somebody's unfinished enrolment in another run of the same course."""
    return (
        Enrolment.objects.filter(user=user, run__course=course, state=State.ACTIVE)
        .exclude(run=run)
        .select_related("run")
        .first()
    )
