"""Over HTTP: the file of posts, who may open a desk, Retry-After, personal records."""

import pytest
from django.contrib.auth.models import Group as Role
from django.urls import reverse
from django.utils import timezone

from activities.core.models import Participation
from activities.discussion.models import ArchiveConsent, Follow, Grade, Member, Post, Reveal
from courses.enrolment.enrol import enrol
from lms.people.roles import INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course, the_run

from .conftest import ANSWERS

pytestmark = pytest.mark.django_db


def instructor(run=None):
    user = UserFactory()
    user.groups.add(Role.objects.get(name=INSTRUCTOR))
    if run is not None:
        run.instructors.add(user)
    return user


def test_the_desk_and_its_file_are_for_those_who_teach_the_run(client):
    state = demo_course()
    run, learner = the_run(), UserFactory()
    enrol(learner, state.course)
    page = reverse("item", args=[SLUG, "a-d1"])
    client.force_login(learner)
    assert client.get(page).status_code == 200
    sent = client.post(page, {"action": "answer", "body": ANSWERS[0], "draft_form": "initial-p1"})
    assert sent.status_code == 302
    item = Participation.objects.get(user=learner).item
    export = reverse("teach_item_step", args=[run.pk, item, "export"])
    assert client.get(export).status_code == 404, "learners have no desk"
    client.force_login(instructor())
    assert client.get(export).status_code == 404, "nor has who teaches another run"
    client.force_login(instructor(run))
    response = client.get(export)
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="discussion.csv"'
    assert ANSWERS[0][:40] in b"".join(response.streaming_content).decode()
    moved = client.post(
        reverse("teach_item", args=[run.pk, item]),
        {"action": "move", "to": "replies", "version": "7", "phase": "initial"},
    )
    assert moved.status_code == 409
    # Too many posts within the hour: the text stays, and when to come back is said.
    Post.objects.bulk_create(
        Post(cohort=run.key, item=item, author=learner, voice=run.key, kind="synthesis")
        for _ in range(20)
    )
    client.force_login(learner)
    sample = Post.objects.filter(kind="seed").first()
    step = reverse("item_step", args=[SLUG, "a-d1", f"reply-{sample.pk}"])
    refused = client.post(step, {"action": "reply", "body": ANSWERS[1]})
    assert refused.status_code == 429 and 3_500 < int(refused["Retry-After"]) <= 3_600
    assert "wait 60 minutes" in refused.content.decode()
    assert ANSWERS[1][:40] in refused.content.decode()


def test_everything_about_a_person_is_exported_and_forgotten(join, kind, desk):
    learner, other = join(first_name="อรุณี"), join()
    learner.answer(0)
    other.answer(1)
    learner.do("follow", step="stream")
    ArchiveConsent.objects.create(participation=learner.participation)
    Grade.objects.create(
        participation=learner.participation, levels={"x": 3}, comment="ดีมาก", score=90,
        released_at=timezone.now(), by=other.user,
    )  # fmt: skip
    Reveal.objects.create(
        cohort=learner.participation.cohort, item=learner.participation.item,
        seat=learner.participation.seat, by=other.user, reason="ตรวจสอบ",
    )  # fmt: skip
    found = kind.personal_data(learner.user)
    assert [post["text"] for post in found["posts"]] == [ANSWERS[0]]
    assert found["groups"][0]["group"] == 1
    assert found["follows"] == 2
    assert found["grades"][0]["comment"] == "ดีมาก"
    assert len(found["agreed_to_archive"]) == len(found["looked_up_by_facilitators"]) == 1
    for _ in range(2):
        kind.erase(learner.user)
    assert not Member.objects.filter(user=learner.user).exists()
    assert not Follow.objects.filter(participation=learner.participation).exists()
    assert not ArchiveConsent.objects.exists() and not Reveal.objects.exists()
    grade = Grade.objects.get()
    assert (grade.score, grade.comment) == (90, ""), "the score is the record of the training"
    kind.erase(other.user)
    grade.refresh_from_db()
    assert grade.by is None
