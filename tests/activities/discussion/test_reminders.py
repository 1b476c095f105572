"""Who is reminded of what is missing: two days and one day before, once each; and words to all groups."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from activities.core.models import Decision, Notification
from activities.core.notices import known, sentence
from activities.discussion import groups, reminders
from activities.discussion.models import Post, Talk

from .run_helpers import DUE, day

pytestmark = pytest.mark.django_db


def told(user=None):
    rows = Notification.objects.filter(kind="discussion_due")
    return rows.filter(user=user) if user else rows


def test_who_has_not_answered_is_reminded_twice_and_no_more(cohort):
    first, second = cohort(2)
    first.answer(0, now=day(1))
    due = DUE["initial"]
    assert reminders.remind(day(due) - timedelta(hours=49)) == 0
    assert reminders.remind(day(due) - timedelta(hours=47)) == 1
    assert reminders.remind(day(due) - timedelta(hours=46)) == 0, "the key says it was told"
    assert reminders.remind(day(due) - timedelta(hours=23)) == 1
    assert reminders.remind(day(due) - timedelta(hours=1)) == 0
    assert not told(first.user) and told(second.user).count() == 2
    text = sentence(told(second.user).first(), "en")
    assert "your answer to the prompt" in text and "20 Nov 2026, 09:00" in text
    thai = sentence(told(second.user).first(), "th")
    assert "คำตอบ" in thai and "2569 09.00 น." in thai
    assert "discussion_due" in {notice.name for notice in known()}, "chosen in the preferences"


def test_replies_that_are_missing_are_named(cohort):
    first, second = cohort(2)
    first.answer(0, now=day(1))
    second.answer(1, now=day(1))
    assert reminders.remind(day(DUE["replies"]) - timedelta(hours=30)) == 2
    assert "your replies to others" in sentence(told(first.user).get(), "en")


def test_more_time_moves_the_reminder(cohort):
    (first, _second) = cohort(2)
    Decision.objects.create(
        kind="extension", seat=first.participation.seat, item=first.participation.item,
        until=day(DUE["initial"] + 3), reason="ลาป่วย",
    )  # fmt: skip
    reminders.remind(day(DUE["initial"]) - timedelta(hours=20))
    assert not told(first.user)
    reminders.remind(day(DUE["initial"] + 3) - timedelta(hours=20))
    assert "23 Nov 2026" in sentence(told(first.user).get(), "en")


def test_nobody_is_reminded_where_nobody_can_write(cohort):
    (first, _second) = cohort(2)
    place = first.participation
    talk, _made = Talk.objects.get_or_create(cohort=place.cohort, item=place.item)
    talk.locked_at = day(1)
    talk.save()
    assert reminders.remind(day(DUE["initial"]) - timedelta(hours=20)) == 0


def test_words_to_all_groups_reach_a_group_that_is_made_later(join, desk, kind):
    learner = join()
    learner.answer(0)
    place = desk(learner)
    for text, to in (("ถึงทุกกลุ่ม", "all"), ("เฉพาะกลุ่มหนึ่ง", "1"), ("ถูกนำออก", "all")):
        groups.new_group(learner.participation, timezone.now()) if to == "1" else None
        kind.desk_handle(place, "write", "write", {"body": text, "to": to, "key": uuid.uuid4()}, {})
    gone = Post.objects.filter(body="ถูกนำออก").order_by("pk").first()
    kind.desk_handle(place, f"post-{gone.pk}", "hide", {"reason": "ผิดที่"}, {})
    group = groups.new_group(learner.participation, timezone.now())
    found = Post.objects.filter(group=group.number)
    assert [post.body for post in found] == ["ถึงทุกกลุ่ม"]
    assert found[0].kind == "facilitator" and found[0].author == place.user
    assert Post.objects.filter(group=2, body="ถึงทุกกลุ่ม").count() == 1
