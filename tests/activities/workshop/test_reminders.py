"""Reviewers are reminded before reviewing ends, or before the work in hand goes to somebody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activities.core.models import Decision, Notification, Participation, PhaseDates
from activities.core.notices import known, sentence
from activities.workshop import reminders
from activities.workshop.models import ReviewLease

from .conftest import Learner

pytestmark = pytest.mark.django_db
END = timezone.datetime.fromisoformat("2026-12-22T16:30:00+07:00")


def told(one, kind="workshop_review_due"):
    return Notification.objects.filter(kind=kind, user=one.user)


@pytest.fixture
def owing(kind, version):
    """Two who review in a run with a date, and one who is done with it."""
    room = version.item
    PhaseDates.objects.create(cohort=room, item=version.item, phase="review", closes_at=END)
    people = [Learner(kind, version, room) for _ in range(3)]
    for one, stage in zip(people, ("reviewing", "reviewing", "waiting"), strict=True):
        Participation.objects.filter(pk=one.participation.pk).update(data={"stage": stage})
    return people


def test_who_owes_reviews_is_told_two_days_and_one_day_before(owing):
    first, second, done = owing
    assert reminders.remind(END - timedelta(hours=50)) == 0
    assert reminders.remind(END - timedelta(hours=48)) == 2
    assert reminders.remind(END - timedelta(hours=30)) == 0, "once"
    Participation.objects.filter(pk=second.participation.pk).update(data={"stage": "waiting"})
    assert reminders.remind(END - timedelta(hours=24)) == 1
    assert reminders.remind(END) == 0, "the date itself is too late"
    assert (told(first).count(), told(second).count(), told(done).count()) == (2, 1, 0)
    row = told(first).first()
    assert "22 Dec 2026, 16:30" in sentence(row, "en") and "step=review" in row.url
    assert "22 ธ.ค. 2569 16.30 น." in sentence(row, "th")
    names = {notice.name: notice for notice in known()}
    assert not names["workshop_review_due"].urgent, "mail keeps quiet hours"


def test_more_time_moves_the_reminder_and_an_excuse_ends_it(owing):
    first, second, _done = owing
    Decision.objects.create(
        kind="extension", seat=first.participation.seat, item=first.participation.item,
        until=END + timedelta(days=5), reason="ลาป่วย",
    )  # fmt: skip
    Participation.objects.filter(pk=second.participation.pk).update(state="excused")
    assert reminders.remind(END - timedelta(hours=20)) == 0
    assert reminders.remind(END + timedelta(days=5, hours=-20)) == 1
    assert "27 Dec 2026" in sentence(told(first).get(), "en")


def test_without_dates_the_end_of_the_lease_counts(kind, version):
    now = timezone.now()
    one = Learner(kind, version, version.item)
    lease = ReviewLease.objects.create(
        reviewer=one.participation, seed_key="s1", leased_at=now, expires_at=now + timedelta(hours=24)
    )  # fmt: skip
    assert reminders.remind(now + timedelta(hours=17)) == 0
    assert reminders.remind(now + timedelta(hours=19)) == 1
    assert reminders.remind(now + timedelta(hours=20)) == 0
    assert "is kept for you to review until" in sentence(
        told(one, "workshop_lease_ends").get(), "en"
    )
    ReviewLease.objects.filter(pk=lease.pk).update(
        leased_at=now + timedelta(hours=30), expires_at=now + timedelta(hours=54)
    )
    assert reminders.remind(now + timedelta(hours=50)) == 1, "given again, told again"
    ReviewLease.objects.filter(pk=lease.pk).update(
        state="done", leased_at=now + timedelta(hours=60), expires_at=now + timedelta(hours=84)
    )
    assert reminders.remind(now + timedelta(hours=80)) == 0
