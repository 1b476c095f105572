"""Announcements of a run: who writes them, when they are shown and told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from activities.core.models import Notification
from courses.teaching.models import Announcement
from courses.teaching.tasks import tell_announcements


def told(person) -> int:
    return Notification.objects.filter(user=person, kind="run_announced").count()


def test_what_is_written_is_shown_to_the_enrolled_and_told_once(
    client, run, instructor, enrolment, stranger
):
    client.force_login(instructor)
    url = reverse("teach_announcements", args=[run.pk])
    data = {"title": "เลื่อนนัด", "body": "พบกันวันศุกร์", "tell": "on"}
    assert client.post(url, data).status_code == 302
    tell_announcements()
    assert told(enrolment.user) == 1
    client.force_login(enrolment.user)
    assert "พบกันวันศุกร์" in client.get(reverse("dashboard")).text
    assert "พบกันวันศุกร์" in client.get(reverse("course", args=["course"]), follow=True).text
    client.force_login(stranger)
    assert "พบกันวันศุกร์" not in client.get(reverse("course", args=["course"]), follow=True).text
    assert client.get(url).status_code == 404
    assert client.post(url, data).status_code == 404


def test_it_appears_and_goes_at_its_time(client, run, instructor, enrolment):
    now = timezone.now()
    Announcement.objects.create(
        run=run,
        title="หัวเรื่อง",
        body="พบกันวันเสาร์",
        shown_from=now + timedelta(hours=1),
        shown_until=now + timedelta(hours=2),
    )
    seen = {}
    for minutes in (0, 61, 121):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            client.force_login(enrolment.user)
            seen[minutes] = (
                "พบกันวันเสาร์" in client.get(reverse("course", args=["course"]), follow=True).text
            )
            tell_announcements()
        if minutes == 0:
            assert told(enrolment.user) == 0
    assert seen == {0: False, 61: True, 121: False}
    assert told(enrolment.user) == 1


def test_what_is_wrong_is_said_and_kept(client, run, instructor):
    client.force_login(instructor)
    url = reverse("teach_announcements", args=[run.pk])
    answer = client.post(
        url,
        {
            "title": "คงอยู่",
            "body": "",
            "title_en": "Only",
            "shown_from": "22/11/2569 16.30",
            "shown_until": "21/11/2569 16.30",
        },
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"body", "body_en", "shown_until"}
    assert "คงอยู่" in answer.text
    assert not Announcement.objects.exists()
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.create(
            run=run, title="x", body="x", shown_from=now, shown_until=now - timedelta(1)
        )


def test_it_can_be_changed_and_deleted_in_its_own_run_only(client, run, instructor, stranger):
    row = Announcement.objects.create(run=run, title="เดิม", body="เดิม", tell=False)
    url = reverse("teach_announcement", args=[run.pk, row.pk])
    client.force_login(stranger)
    assert client.post(url, {"action": "delete"}).status_code == 404
    client.force_login(instructor)
    client.post(url, {"title": "ใหม่", "body": "ใหม่", "title_en": "New", "body_en": "New"})
    row.refresh_from_db()
    assert row.in_language("en") == ("New", "New")
    assert row.in_language("th") == ("ใหม่", "ใหม่")
    client.post(url, {"action": "delete"})
    assert not Announcement.objects.exists()
