"""Enrolling a list of people: checked line by line, then done in batches, and undone for a week.

Each batch happens whole or not at all. A batch notes at each of its lines what was done, so that a
job that was cut off goes on where it stood. Without a broker a job works for some seconds, in the
request that started it; whoever looks at its page lets it go on.
"""

import time
from collections.abc import Iterable
from itertools import islice

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from activities.core import errands, holding
from activities.core.errors import Refused
from activities.core.models import Participation

from . import invite, places, run_notices
from .import_rows import NotReadable, Row, rows_of
from .models import Application, CourseRun, Enrolment, EnrolmentImport, ImportRow, PlaceEvent
from .rules import may_see_run
from .tasks import send_invitation, send_welcome, work_on_import

State = EnrolmentImport.State
Did = ImportRow.Did
BATCH = 500
MOST_PROBLEMS = 200
IN_REQUEST_SECONDS = 15
STALE_SECONDS = 120


def start(run: CourseRun, name: str, content: bytes, by) -> EnrolmentImport:
    """Keep an uploaded list and have it checked. Raises `Refused` 404 for somebody else's run."""
    if not may_see_run(by, run):
        raise Refused(_("There is no such run."), code="no_run", status=404)
    job = EnrolmentImport.objects.create(run=run, user=by, name=name[:200], content=content)
    hand_over(job)
    return job


def hand_over(job: EnrolmentImport) -> None:
    transaction.on_commit(lambda: work_on_import.delay(str(job.pk)))


def confirm(job: EnrolmentImport, by) -> bool:
    """Enrol what was checked, or go on after a stop; returns whether that was still to be done."""
    if not may_see_run(by, job.run):
        raise Refused(_("There is no such run."), code="no_run", status=404)
    return move(job, (State.READY, State.STOPPED), State.IMPORTING)


def undo(job: EnrolmentImport, by) -> bool:
    """Take back what an import did, for a week after it ended."""
    if not may_see_run(by, job.run):
        raise Refused(_("There is no such run."), code="no_run", status=404)
    if not job.may_be_undone(timezone.now()):
        raise Refused(
            _("A list can be undone for a week after it was enrolled, once."),
            code="cannot_undo",
            status=409,
        )
    return move(job, (State.DONE, State.STOPPED), State.UNDOING)


def move(job: EnrolmentImport, before: Iterable[str], after: str) -> bool:
    changed = EnrolmentImport.objects.filter(pk=job.pk, state__in=before).update(
        state=after, touched_at=timezone.now(), problems=[], mistakes=0
    )
    if changed:
        hand_over(job)
    return bool(changed)


def go_on(job: EnrolmentImport) -> bool:
    """Let a job that nobody works on go on; returns whether there was one."""
    idle = (timezone.now() - job.touched_at).total_seconds()
    stale = 0 if settings.CELERY_TASK_ALWAYS_EAGER else STALE_SECONDS
    if not (job.running or untold(job)) or idle < stale:
        return False
    hand_over(job)
    return True


def untold(job: EnrolmentImport) -> bool:
    """Whether an import that is done has still people to write to."""
    return job.state in (State.DONE, State.STOPPED) and to_tell(job).exists()


def work(import_id: str) -> None:
    """Do the job from where it stands. May be called again at any time, also by two workers."""
    job = (
        EnrolmentImport.objects.defer("content")
        .select_related("run", "user")
        .filter(pk=import_id)
        .first()
    )
    if job is None:
        return
    until = time.monotonic() + IN_REQUEST_SECONDS if settings.CELERY_TASK_ALWAYS_EAGER else None
    with translation.override(job.user.preferred_language):
        if job.state == State.CHECKING:
            check(job)
        while job.state in (State.IMPORTING, State.UNDOING) and not past(until):
            job = enrol_batch(job) if job.state == State.IMPORTING else undo_batch(job)
        while job.state in (State.DONE, State.STOPPED) and not past(until) and tell_batch(job):
            pass


def past(until: float | None) -> bool:
    return until is not None and time.monotonic() > until


# -- checking -----------------------------------------------------------------------------------


def check(job: EnrolmentImport) -> None:
    """Read the file into rows, with a message for each line that cannot be enrolled."""
    problems: list[tuple[int, str]] = []
    counts = {"new": 0, "accounts": 0, "returned": 0, "there": 0}
    content = bytes(EnrolmentImport.objects.values_list("content", flat=True).get(pk=job.pk))
    with transaction.atomic():
        job = (
            EnrolmentImport.objects.select_for_update(of=("self",)).defer("content").get(pk=job.pk)
        )
        if job.state != State.CHECKING:
            return
        job.rows.all().delete()
        total = 0
        try:
            total = read(job, rows_of(job.name, content), problems, counts)
        except NotReadable as error:
            problems = [(0, str(error))]
        problems.sort(key=lambda pair: pair[0])
        job.total, job.counts = total, counts
        job.mistakes = len(problems)
        job.problems = [{"line": n, "message": text} for n, text in problems[:MOST_PROBLEMS]]
        job.state = State.REFUSED if problems else State.READY
        job.touched_at = timezone.now()
        job.save(update_fields=["total", "counts", "mistakes", "problems", "state", "touched_at"])
        if problems:
            job.rows.all().delete()


def read(job: EnrolmentImport, rows, problems: list, counts: dict) -> int:
    run = job.run
    left = places.left(run)
    groups = set(run.groups.values_list("name", flat=True))
    first_line: dict[str, int] = {}
    total = 0
    rows = iter(rows)
    while chunk := list(islice(rows, BATCH)):
        good = []
        for row in chunk:
            total += 1
            email = row.email.lower()
            if message := line_problem(row, email, first_line, groups):
                problems.append((row.line, message))
                continue
            first_line[email] = row.line
            good.append(row)
        known = standing(run, [row.email.lower() for row in good])
        made = []
        for row in good:
            email = row.email.lower()
            user, state, elsewhere = known.get(email, (None, "", False))
            if user is not None and not user.is_active:
                problems.append((row.line, _("The account with this address is closed.")))
                continue
            if elsewhere and state in ("", Enrolment.State.WITHDRAWN):
                message = _("Takes the course in another run. Move the person from there.")
                problems.append((row.line, message))
                continue
            if state and state != Enrolment.State.WITHDRAWN:
                counts["there"] += 1
            else:
                if left is not None:
                    left -= 1
                    if left < 0:
                        message = _(
                            "No place is left for this person. Raise the places of the run, or "
                            "shorten the list."
                        )
                        problems.append((row.line, message))
                        continue
                kind = "returned" if state else "new"
                counts[kind] += 1
                counts["accounts"] += user is None
            made.append(
                ImportRow(
                    batch=job,
                    line=row.line,
                    email=email,
                    first_name=row.first_name[:150],
                    last_name=row.last_name[:150],
                    group=row.group,
                )
            )
        ImportRow.objects.bulk_create(made)
    return total


def line_problem(row: Row, email: str, first_line: dict, groups: set) -> str:
    try:
        validate_email(email)
    except ValidationError:
        if not email:
            return _("The e-mail address is missing.")
        return _("“%(email)s” is no e-mail address.") % {"email": row.email[:80]}
    if email in first_line:
        return _("The same address as in line %(line)d.") % {"line": first_line[email]}
    if row.group and row.group not in groups:
        return _(
            "There is no group “%(group)s” in this run. Make it first, or correct the name."
        ) % {"group": row.group[:80]}
    return ""


def standing(run: CourseRun, emails: list[str]) -> dict[str, tuple]:
    """{address: (account, state of the enrolment here or "", whether learning in another run)}"""
    users = {user.email: user for user in get_user_model().objects.filter(email__in=emails)}
    missing = [email for email in emails if email not in users]
    if missing:  # addresses that were stored with capitals
        from django.db.models.functions import Lower

        odd = get_user_model().objects.annotate(low=Lower("email")).filter(low__in=missing)
        users |= {user.low: user for user in odd}
    pks = [user.pk for user in users.values()]
    states = dict(Enrolment.objects.filter(run=run, user__in=pks).values_list("user", "state"))
    elsewhere = set(
        Enrolment.objects.filter(run__course=run.course, user__in=pks, state=Enrolment.State.ACTIVE)
        .exclude(run=run)
        .values_list("user", flat=True)
    )
    return {
        email: (user, states.get(user.pk, ""), user.pk in elsewhere)
        for email, user in users.items()
    }


# -- enrolling ----------------------------------------------------------------------------------


def locked(job: EnrolmentImport, state: str) -> tuple[EnrolmentImport, CourseRun | None]:
    """The run and the job, locked; no run when somebody else has finished the job meanwhile."""
    run = places.lock(job.run_id)
    job = (
        EnrolmentImport.objects.select_for_update(of=("self",))
        .select_related("user")
        .defer("content")
        .get(pk=job.pk)
    )
    return job, run if job.state == state else None


@holding.once_more
@transaction.atomic
def enrol_batch(job: EnrolmentImport) -> EnrolmentImport:
    """Enrol the next lines. Stops the job with a message when the places are gone by now."""
    job, run = locked(job, State.IMPORTING)
    if run is None:
        return job
    rows = list(job.rows.filter(did=Did.NOTHING).order_by("line")[:BATCH])
    if not rows:
        return finish(job, State.DONE)
    known = standing(run, [row.email for row in rows])
    fresh = [row for row in rows if row.email not in known]
    coming = [
        row
        for row in rows
        if row.email not in known or known[row.email][1] in ("", Enrolment.State.WITHDRAWN)
    ]
    left = places.left(run)
    if left is not None and len(coming) > left:
        return stop(
            job,
            rows[0].line,
            _("The places have been taken meanwhile. Raise their number, then go on."),
        )
    accounts = invite.make_accounts(
        [
            {"email": row.email, "first_name": row.first_name, "last_name": row.last_name}
            for row in fresh
        ]
    )
    users = {email: user for email, (user, _state, _else) in known.items()}
    users |= {user.email: user for user in accounts}
    made = {user.pk for user in accounts}
    groups = dict(run.groups.values_list("name", "pk"))
    now = timezone.now()
    new, back = [], []
    for row in rows:
        user = row.user = users[row.email]
        _user, state, _elsewhere = known.get(row.email, (None, "", False))
        if state == Enrolment.State.WITHDRAWN:
            row.did = Did.RETURNED
            back.append(user.pk)
        elif state:
            row.did = Did.THERE
        else:
            row.did = Did.INVITED if user.pk in made else Did.ENROLLED
            group = groups.get(row.group)
            new.append(Enrolment(user=user, run=run, added_by=job.user, group_id=group))
    Enrolment.objects.bulk_create(new)
    come_back(run, back, now)
    ImportRow.objects.bulk_update(rows, ["user", "did"])
    coming_users = [row.user_id for row in rows if row.did != Did.THERE]
    Application.objects.filter(
        user__in=coming_users, run__course=run.course, state__in=Application.OPEN
    ).update(state=Application.State.WITHDRAWN, decided_at=now, decided_by=job.user)
    job.done += len(rows)
    job.touched_at = now
    job.save(update_fields=["done", "touched_at"])
    return job


def come_back(run: CourseRun, users: list[int], now) -> None:
    from django.db.models import Case, Value, When

    State = Enrolment.State
    Enrolment.objects.filter(run=run, user__in=users, state=State.WITHDRAWN).update(
        state=Case(
            When(completed_at__isnull=False, then=Value(State.COMPLETED)),
            default=Value(State.ACTIVE),
        ),
        withdrawn_at=None,
        withdrawn_by=None,
        withdrawn_reason="",
        last_seen_at=now,
    )


def finish(job: EnrolmentImport, state: str) -> EnrolmentImport:
    job.state = state
    job.finished_at = job.finished_at or timezone.now()
    job.touched_at = timezone.now()
    job.content = b""  # what it said is in the rows
    job.save(update_fields=["state", "finished_at", "touched_at", "content"])
    return job


def stop(job: EnrolmentImport, line: int, message: str) -> EnrolmentImport:
    job.problems, job.mistakes = [{"line": line, "message": message}], 1
    job.state, job.touched_at = State.STOPPED, timezone.now()
    job.finished_at = timezone.now() if job.done else None
    job.save(update_fields=["problems", "mistakes", "state", "touched_at", "finished_at"])
    return job


# -- telling ------------------------------------------------------------------------------------


def to_tell(job: EnrolmentImport):
    return job.rows.filter(did__in=(Did.ENROLLED, Did.INVITED, Did.RETURNED), told_at__isnull=True)


def tell_batch(job: EnrolmentImport, size: int = 50) -> bool:
    """Write to the next people of a list; returns whether there were any. Nobody is written to twice:
    lines are marked before the mail goes out, so that a crash loses one mail and repeats none."""
    with transaction.atomic():
        rows = list(
            to_tell(job).select_for_update(of=("self",), skip_locked=can_skip_locked())[:size]
        )
        if not rows:
            return False
        ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=timezone.now())
    enrolments = dict(
        Enrolment.objects.filter(
            run=job.run_id, user__in=[row.user_id for row in rows]
        ).values_list("user", "pk")
    )
    with transaction.atomic():
        run_notices.tell(
            [row.user_id for row in rows if row.user_id],
            run_notices.ENROLLED,
            job.run,
            f"run-import-{job.pk}",
            mailed=True,
        )
    for row in rows:
        enrolment = enrolments.get(row.user_id)
        if enrolment is None:
            continue
        task = send_invitation if row.did == Did.INVITED else send_welcome
        errands.post(task, enrolment)
    EnrolmentImport.objects.filter(pk=job.pk).update(touched_at=timezone.now())
    return True


def can_skip_locked() -> bool:
    from django.db import connection

    return connection.features.has_select_for_update_skip_locked


# -- undoing ------------------------------------------------------------------------------------


@holding.once_more
@transaction.atomic
def undo_batch(job: EnrolmentImport) -> EnrolmentImport:
    """Take back the next lines: only what this list did, and nobody who has begun."""
    job, run = locked(job, State.UNDOING)
    if run is None:
        return job
    rows = list(
        job.rows.filter(did__in=(Did.ENROLLED, Did.INVITED, Did.RETURNED)).order_by("line")[:BATCH]
    )
    if not rows:
        job = finish(job, State.UNDONE)
        places.move_up(run)
        return job
    enrolments = {
        row.user_id: row
        for row in Enrolment.objects.select_for_update(of=("self",)).filter(
            run=run, user__in=[row.user_id for row in rows]
        )
    }
    begun = set(
        Participation.objects.filter(seat__in=[e.seat for e in enrolments.values()]).values_list(
            "seat", flat=True
        )
    )
    gone, withdrawn, invited = [], [], []
    for row in rows:
        enrolment = enrolments.get(row.user_id)
        if enrolment is None:
            row.did = Did.UNDONE
        elif row.did == Did.RETURNED:
            withdrawn.append(enrolment.pk)
            row.did = Did.UNDONE
        elif enrolment.seat in begun or enrolment.progress:
            row.did = Did.KEPT
        else:
            gone.append(enrolment.pk)
            if row.did == Did.INVITED:
                invited.append(row.user_id)
            row.did = Did.UNDONE
    Enrolment.objects.filter(pk__in=gone).delete()
    Enrolment.objects.filter(pk__in=withdrawn, state=Enrolment.State.ACTIVE).update(
        state=Enrolment.State.WITHDRAWN, withdrawn_at=timezone.now()
    )
    ImportRow.objects.bulk_update(rows, ["did"])
    forget_accounts(invited, {ImportRow, PlaceEvent})
    job.done = max(0, job.done - len(rows))
    job.touched_at = timezone.now()
    job.save(update_fields=["done", "touched_at"])
    return job


def forget_accounts(users: list[int], besides: set) -> None:
    """Delete accounts that this list made, if nobody has used them and nothing else hangs on them."""
    from allauth.account.models import EmailAddress

    from activities.core.models import Notification

    model = get_user_model()
    idle = set(
        model.objects.filter(
            pk__in=users,
            last_login__isnull=True,
            password__startswith=UNUSABLE_PASSWORD_PREFIX,
            is_staff=False,
        ).values_list("pk", flat=True)
    )
    for relation in model._meta.related_objects:
        if not idle:
            return
        if relation.related_model in {EmailAddress, Notification, *besides}:
            continue
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": idle})
        idle -= set(rows.values_list(name, flat=True))
    model.objects.filter(pk__in=idle).delete()
