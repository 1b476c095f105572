"""Writing to one another in a run. Every function checks who writes and whose run it is."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import holding
from activities.core.errors import Refused
from activities.core.notices import notify
from courses.enrolment import places, staff
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.delivery import served_state

from . import texts
from .models import Message
from .notices import ANSWER, MESSAGE

LONGEST = 4000
MOST_PEOPLE = 1000
MOST_SENDINGS_AN_HOUR = 30
MOST_ANSWERS_AN_HOUR = 20
HOUR = timedelta(hours=1)


def text_of(raw) -> str:
    """What was written, without what nobody sees. Raises `Refused`."""
    text = str(raw or "").replace("\r\n", "\n").replace("\x00", "").strip()
    message = ""
    if not text:
        message = _("Write your message first.")
    elif len(text) > LONGEST:
        message = _("This is longer than %(most)d characters. Shorten it, please.") % {
            "most": LONGEST
        }
    if message:
        raise Refused(message, code="no_text", fields={"body": message})
    return text


def slow_down() -> Refused:
    return Refused(
        _("You have sent many messages within an hour. Wait a little, then send this one."),
        code="too_many",
        status=429,
    )


def outline_of(run: CourseRun) -> dict:
    state = served_state(run.course)
    if state is None:
        raise Refused(_("The course is not on offer now."), code="not_offered", status=404)
    return state.served.outline


@holding.once_more
@transaction.atomic
def send(run: CourseRun, people, text: str, by, batch: UUID) -> int:
    """Write to these enrolments of the run, once per `batch`; returns to how many. A text with
    places is filled in for each."""
    staff.check(by, run)
    text = text_of(text)
    texts.check(text)
    to = Enrolment.objects.filter(run=run, pk__in=people)
    holding.hold(to.values_list("user", flat=True)[: MOST_PEOPLE + 1])
    places.lock_person(by)
    if Message.objects.filter(batch=batch).exists():
        return Message.objects.filter(batch=batch, author=by).count()
    now = timezone.now()
    sent = Message.objects.filter(author=by, by_staff=True, sent_at__gt=now - HOUR).order_by()
    if sent.values("batch").distinct().count() >= MOST_SENDINGS_AN_HOUR:
        raise slow_down()
    outline = outline_of(run)
    found = list(
        Enrolment.objects.filter(run=run, pk__in=people, user__is_active=True)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("user")[: MOST_PEOPLE + 1]
    )
    if not found:
        message = _("Nobody fits this any more. Choose the people again.")
        raise Refused(message, code="nobody", fields={"to": message})
    if len(found) > MOST_PEOPLE:
        message = _("You can write to %(most)d people at once. Choose fewer.") % {
            "most": MOST_PEOPLE
        }
        raise Refused(message, code="too_many_people", fields={"to": message})
    Message.objects.bulk_create(
        Message(
            run=run,
            learner=enrolment.user,
            author=by,
            by_staff=True,
            body=texts.filled(text, enrolment, outline),
            batch=batch,
            sent_at=now,
        )
        for enrolment in found
    )
    notify(
        [enrolment.user_id for enrolment in found],
        MESSAGE.name,
        key=f"run-message-{batch}",
        params={"who": name_of(by), "course": outline["titles"]},
        url=reverse("my_conversation", args=[run.pk]),
    )
    return len(found)


@transaction.atomic
def answer(run: CourseRun, by, text: str, batch: UUID) -> Message:
    """A learner writes to the instructors of the run."""
    enrolment = Enrolment.objects.filter(run=run, user=by).first()
    if enrolment is None:
        raise Refused(_("There is no such run."), code="no_run", status=404)
    if enrolment.state == Enrolment.State.WITHDRAWN:
        raise Refused(
            _("You are no longer in this run, so you can read here but not write."),
            code="withdrawn",
            status=403,
        )
    text = text_of(text)
    places.lock_person(by)
    known = Message.objects.filter(batch=batch, learner=by).first()
    if known is not None:
        return known
    now = timezone.now()
    mine = Message.objects.filter(author=by, by_staff=False, sent_at__gt=now - HOUR)
    if mine.count() >= MOST_ANSWERS_AN_HOUR:
        raise slow_down()
    made = Message.objects.create(
        run=run, learner=by, author=by, by_staff=False, body=text, batch=batch, sent_at=now
    )
    notify(
        listeners(run, by),
        ANSWER.name,
        key=f"run-answer-{made.pk}",
        params={"who": name_of(by), "course": outline_of(run)["titles"]},
        url=reverse("teach_conversation", args=[run.pk, enrolment.pk]),
    )
    return made


def listeners(run: CourseRun, learner) -> set[int]:
    """The instructors of the run; without any, who wrote to this person before."""
    found = set(run.instructors.values_list("pk", flat=True))
    return found or set(
        Message.objects.filter(run=run, learner=learner, by_staff=True, author__isnull=False)
        .order_by()
        .values_list("author", flat=True)
    )


def read(run: CourseRun, learner, *, by_staff: bool) -> None:
    """Note that the other side has read what was written until now."""
    Message.objects.filter(
        run=run, learner=learner, by_staff=not by_staff, read_at__isnull=True
    ).update(read_at=timezone.now())


def name_of(user) -> str:
    return user.get_full_name() or user.email


def erase(user) -> None:
    """What a person wrote and what was written to them goes; others' conversations stay."""
    Message.objects.filter(learner=user).delete()
    Message.objects.filter(author=user).update(author=None)


def export(user) -> list[dict]:
    """Both sides of the person's conversations, and what they wrote to learners."""
    rows = Message.objects.filter(Q(learner=user) | Q(author=user))
    return [
        {
            "run": row.run_id,
            "by_me": row.author_id == user.pk,
            "text": row.body,
            "at": row.sent_at.isoformat(timespec="seconds"),
        }
        for row in rows
    ]
