"""Messages between instructors and learners of a run."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.errors import Refused
from activities.core.models import Notification
from courses.enrolment import places
from courses.enrolment.models import Enrolment
from courses.teaching import messages, privacy, texts
from courses.teaching.models import Message
from tests.factories.courses import enrolled
from tests.factories.people import UserFactory


def test_each_reads_the_own_text_and_is_notified_without_it(run, instructor, enrolment, other):
    text = "เรียน {name} {percent} % ของ {course} ต่อไป {next} ({days})"
    people = [enrolment.pk, other.pk]
    assert messages.send(run, people, text, instructor, uuid4()) == 2
    own = Message.objects.get(learner=enrolment.user)
    assert own.body.startswith("เรียน สมชาย ใจดี 0 % ของ หลักสูตรทดสอบ course ต่อไป บทเรียน l1 (0)")
    assert "สมชาย" not in Message.objects.get(learner=other.user).body
    notice = Notification.objects.get(user=enrolment.user, kind="run_message")
    assert "เรียน" not in str(notice.params)
    assert notice.url == reverse("my_conversation", args=[run.pk])


def test_a_second_click_sends_nothing_twice(run, instructor, enrolment):
    batch = uuid4()
    for _n in range(2):
        assert messages.send(run, [enrolment.pk], "สวัสดี", instructor, batch) == 1
    assert Message.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            run=run, learner=enrolment.user, by_staff=True, body="x", batch=batch
        )


@pytest.mark.parametrize(
    ("text", "code", "english", "thai"),
    [
        (" \n", "no_text", "Write your message first.", "กรุณาเขียนข้อความก่อน"),
        ("ก" * 4001, "no_text", "This is longer than 4000", "4000"),
        ("{salary}", "unknown_place", "Sala cannot fill in {salary}", "{salary}"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_reason(
    run, instructor, enrolment, text, code, english, thai
):
    for language, wanted in (("en", english), ("th", thai)):
        with override(language), pytest.raises(Refused) as refused:
            messages.send(run, [enrolment.pk], text, instructor, uuid4())
        assert refused.value.code == code
        assert wanted in refused.value.message
        assert "body" in refused.value.fields
    assert not Message.objects.exists()


def test_only_the_run_s_own_people_are_written_to(run, instructor, enrolment, stranger):
    with pytest.raises(Refused) as refused:
        messages.send(run, [enrolment.pk], "x", stranger, uuid4())
    assert refused.value.status == 404
    places.withdraw(enrolment, by=instructor, reason="x", kind="removed")
    with pytest.raises(Refused) as refused:
        messages.send(run, [enrolment.pk], "x", instructor, uuid4())
    assert refused.value.code == "nobody"


def test_who_sends_very_often_waits_and_may_go_on_later(run, instructor, enrolment):
    now = timezone.now()
    Message.objects.bulk_create(
        Message(run=run, learner=enrolment.user, author=instructor, by_staff=True, body="x")
        for _n in range(messages.MOST_SENDINGS_AN_HOUR)
    )
    with pytest.raises(Refused) as refused:
        messages.send(run, [enrolment.pk], "x", instructor, uuid4())
    assert refused.value.status == 429
    with time_machine.travel(now + timedelta(hours=1, minutes=1), tick=False):
        assert messages.send(run, [enrolment.pk], "x", instructor, uuid4()) == 1


def test_a_learner_answers_and_the_desk_says_so(client, run, instructor, enrolment):
    messages.send(run, [enrolment.pk], "สวัสดี", instructor, uuid4())
    client.force_login(enrolment.user)
    url = reverse("my_conversation", args=[run.pk])
    assert "สวัสดี" in client.get(url).text
    assert Message.objects.get().read_at is not None
    assert client.post(url, {"body": "ขอบคุณครับ", "key": uuid4()}).status_code == 302
    refused = client.post(url, {"body": " "})
    assert refused.status_code == 400 or refused.status_code == 422
    assert Notification.objects.filter(user=instructor, kind="run_answer").count() == 1
    client.force_login(instructor)
    need = client.get(reverse("teach_runs")).context["needs"][0]
    assert (need["count"], need["url"]) == (1, reverse("teach_messages", args=[run.pk]))
    (row,) = client.get(need["url"]).context["entries"]
    assert row["unread"] == 1
    assert "ขอบคุณครับ" in client.get(row["url"]).text
    assert client.get(reverse("teach_runs")).context["needs"] == []


def test_who_has_left_reads_and_does_not_write(client, run, instructor, enrolment):
    messages.send(run, [enrolment.pk], "สวัสดี", instructor, uuid4())
    places.withdraw(enrolment, by=instructor, reason="x", kind="removed")
    client.force_login(enrolment.user)
    url = reverse("my_conversation", args=[run.pk])
    assert "สวัสดี" in client.get(url).text
    assert client.post(url, {"body": "x"}).status_code == 403


def test_nobody_reads_anothers_conversation(client, run, instructor, enrolment, other, stranger):
    messages.send(run, [enrolment.pk], "เฉพาะท่าน", instructor, uuid4())
    client.force_login(other.user)
    assert "เฉพาะท่าน" not in client.get(reverse("my_conversation", args=[run.pk])).text
    theirs = reverse("teach_conversation", args=[run.pk, enrolment.pk])
    client.force_login(stranger)
    for url in (theirs, reverse("teach_messages", args=[run.pk])):
        assert client.get(url).status_code == 404
    assert client.post(theirs, {"body": "x"}).status_code == 404
    assert client.get(reverse("my_conversation", args=[run.pk])).status_code == 404


def test_an_instructor_writes_to_the_stuck_after_looking_at_it(
    client, run, instructor, enrolment, other
):
    Enrolment.objects.filter(pk=enrolment.pk).update(
        last_seen_at=timezone.now() - timedelta(days=9)
    )
    client.force_login(instructor)
    url = reverse("teach_write", args=[run.pk])
    page = client.get(url, {"state": "stuck", "template": "nudge"})
    assert page.context["count"] == 1
    data = {"state": "stuck", "body": page.context["body"], "key": str(page.context["key"])}
    seen = client.post(url, data | {"action": "preview"})
    assert "สมชาย" in seen.context["preview"]["body"]
    assert not Message.objects.exists()
    assert client.post(url, data | {"action": "send"}).status_code == 302
    assert [row.learner for row in Message.objects.all()] == [enrolment.user]
    (log,) = client.get(reverse("teach_messages", args=[run.pk]), {"list": "sent"}).context[
        "entries"
    ]
    assert log["names"] == ["สมชาย ใจดี"]
    typed = client.post(url, {"body": "{x} คงอยู่", "action": "send"})
    assert typed.status_code >= 400
    assert "{x} คงอยู่" in typed.text


def test_the_inbox_costs_the_same_for_few_and_many(client, course, run, instructor):
    client.force_login(instructor)
    url = reverse("teach_messages", args=[run.pk])

    def queries() -> int:
        people = [enrolled(UserFactory(), course).pk for _n in range(3)]
        messages.send(run, people, "x", instructor, uuid4())
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
            client.get(url, {"list": "sent"})
        return len(captured)

    few = queries()
    assert queries() == few <= 30


def test_messages_belong_to_the_person_s_data_and_go_with_them(run, instructor, enrolment):
    messages.send(run, [enrolment.pk], "สวัสดี", instructor, uuid4())
    messages.answer(run, enrolment.user, "ขอบคุณ", uuid4())
    assert [row["text"] for row in privacy.export(enrolment.user)["messages"]] == ["สวัสดี", "ขอบคุณ"]
    privacy.erase(instructor)
    assert Message.objects.get(by_staff=True).author is None
    privacy.erase(enrolment.user)
    assert not Message.objects.exists()


def test_every_ready_text_names_known_places_only(run, enrolment):
    for language in ("th", "en"):
        with override(language):
            for _label, text in texts.TEMPLATES.values():
                texts.check(str(text))
