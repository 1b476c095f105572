"""Announcements of a run: written by its instructors, shown to its people while they last."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from activities.core.notices import notify
from courses.enrolment import staff
from courses.enrolment.models import Enrolment
from courses.releases.delivery import served_state

from .models import Announcement
from .notices import ANNOUNCED

MOST_SHOWN = 5
BATCH = 500


def shown_now(now) -> Q:
    return Q(shown_from__lte=now) & (Q(shown_until__isnull=True) | Q(shown_until__gt=now))


def for_learners(enrolments: list[Enrolment], language: str) -> list[dict]:
    """What the people of these enrolments read now, pinned ones first. One query."""
    rows = Announcement.objects.filter(
        shown_now(timezone.now()), run__in={row.run_id for row in enrolments}
    )[:MOST_SHOWN]
    made = []
    for row in rows:
        title, body = row.in_language(language)
        lang = "en" if language == "en" and row.title_en else "th"
        made.append(
            {
                "pk": row.pk,
                "run": row.run_id,
                "title": title,
                "body": body,
                "lang": lang,
                "pinned": row.pinned,
                "at": row.shown_from,
            }
        )
    return made


@transaction.atomic
def save(announcement: Announcement, by) -> Announcement:
    """Keep a new or changed announcement; people are told at once when it is shown already."""
    staff.check(by, announcement.run)
    if announcement.author_id is None:
        announcement.author = by
    announcement.save()
    tell(announcement.pk)
    return announcement


def remove(announcement: Announcement, by) -> None:
    staff.check(by, announcement.run)
    announcement.delete()


@transaction.atomic
def tell(pk: int) -> bool:
    """Tell the people of the run, once, when the time has come. Safe to call again."""
    now = timezone.now()
    row = (
        Announcement.objects.select_for_update(of=("self",))
        .filter(shown_now(now), pk=pk, tell=True, told_at__isnull=True)
        .select_related("run")
        .first()
    )
    state = served_state(row.run.course) if row is not None else None
    if state is None:
        return False
    people = list(
        Enrolment.objects.filter(run=row.run, user__is_active=True)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .values_list("user", flat=True)
    )
    params = {
        "course": state.served.outline["titles"],
        "title": {code: row.in_language(code)[0] for code in ("th", "en")},
    }
    for n in range(0, len(people), BATCH):
        notify(
            people[n : n + BATCH],
            ANNOUNCED.name,
            key=f"announced-{row.pk}",
            params=params,
            url=reverse("course", args=[state.slug]),
        )
    row.told_at = now
    row.save(update_fields=["told_at"])
    return True


def tell_due() -> int:
    """Tell of every announcement whose time has come; returns how many."""
    due = Announcement.objects.filter(
        shown_now(timezone.now()), tell=True, told_at__isnull=True
    ).values_list("pk", flat=True)
    return sum(tell(pk) for pk in list(due))
