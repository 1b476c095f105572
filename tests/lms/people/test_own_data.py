"""A copy of one's own data, and erasing it."""

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone

from activities.core import decisions, notices, privacy
from activities.core.errors import Refused
from activities.core.models import Draft, Event, Notification
from activities.discussion.kind import DiscussionKind
from courses.certificates.issue import issue, revoke
from courses.enrolment.models import CourseRun, Enrolment
from lms.people import copies
from lms.people.erase import erase
from lms.people.models import PersonalExport, User
from lms.people.tasks import forget_ended
from search.counting import remember
from tests.activities.discussion.conftest import Learner, page_in
from tests.courses.certificates.test_certificates import offer
from tests.factories.items import version_of
from tests.factories.people import PASSWORD, AgencyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

FIRST, LAST, EMAIL = "เพียงขวัญ", "ระบือนาม", "piangkwan.rabue@agency.example"
ENGLISH = "Piangkwan"


@pytest.fixture
def busy():
    """Somebody of whom every room knows something."""
    person = UserFactory(
        first_name=FIRST, last_name=LAST, email=EMAIL, first_name_en=ENGLISH, last_name_en="Rabue"
    )
    MembershipFactory(user=person, agency=AgencyFactory(), position=f"เลขานุการ {FIRST}")
    run = CourseRun.objects.create(course=uuid.uuid4())
    run.instructors.add(person)
    offer(run.course)
    enrolment = Enrolment.objects.create(
        user=person, run=run, state="completed", percent=100, completed_at=timezone.now()
    )
    certificate = issue(Enrolment.objects.select_related("run", "user").get(pk=enrolment.pk))
    revoke(certificate, by=person, reason=f"{FIRST} {LAST} ไม่ได้เข้าเรียนจริง")
    version = version_of(page_in("th"), en=page_in("en"))
    learner = Learner(DiscussionKind(), version, run.key)
    type(learner.participation).objects.filter(pk=learner.participation.pk).update(user=person)
    learner.participation.refresh_from_db()
    learner.user = person
    learner.answer(0)
    decisions.excuse(learner.participation, f"{FIRST} ลาป่วย", person)
    Draft.objects.create(
        user=person,
        seat=enrolment.seat,
        item=uuid.uuid4(),
        form="x",
        data={"body": f"ฉันชื่อ {FIRST}"},
    )
    remember(person, f"เกียรติบัตร {FIRST}")
    other = UserFactory()
    Notification.objects.create(
        user=other, kind="certificate", key="x", params={"who": f"{FIRST} {LAST}", "n": [1, EMAIL]}
    )
    return person


def content_of(wanted) -> tuple[dict, str]:
    archive = zipfile.ZipFile(io.BytesIO(bytes(wanted.content)))
    assert sorted(archive.namelist()) == ["data.html", "data.json"]
    return json.loads(archive.read("data.json")), archive.read("data.html").decode()


def test_the_copy_holds_what_every_room_knows(busy):
    wanted = PersonalExport.objects.create(user=busy, expires_at=timezone.now())
    copies.make(wanted.pk)
    wanted.refresh_from_db()
    data, page = content_of(wanted)
    assert data["account"]["email"] == EMAIL
    assert data["agencies"][0]["position"] == f"เลขานุการ {FIRST}"
    assert data["courses"]["taken"][0]["percent"] == 100
    assert data["certificates"]["certificates"][0]["holder"] == f"{FIRST} {LAST}"
    assert data["activities"]["discussion"]["posts"]
    assert data["activities"]["decisions"][0]["reason"] == f"{FIRST} ลาป่วย"
    assert data["searches"][0]["query"] == f"เกียรติบัตร {FIRST}"
    assert data["notifications"]["received"]
    for part in (FIRST, EMAIL, "<h1>", 'lang="th"'):
        assert part in page
    assert set(data) - {"made_at"} <= {records.name for records in privacy.all_records()}


def test_a_copy_is_asked_for_and_downloaded(client, busy, django_capture_on_commit_callbacks):
    client.force_login(busy)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("own_data")).status_code == 302
    wanted = PersonalExport.objects.get()
    assert wanted.state == "ready"
    address = reverse("own_copy", args=[wanted.pk])
    assert address in client.get(reverse("own_data")).content.decode()
    assert Notification.objects.filter(user=busy, kind="own_copy").count() == 1
    response = client.get(address)
    assert response["Content-Type"] == "application/zip"
    assert {"private", "no-store"} <= set(response["Cache-Control"].replace(",", " ").split())
    assert zipfile.ZipFile(io.BytesIO(response.content)).testzip() is None

    client.force_login(UserFactory(is_superuser=True))
    assert client.get(address).status_code == 404
    client.logout()
    assert "login" in client.get(address)["Location"]


def test_a_copy_expires_and_says_so(client, busy):
    wanted = PersonalExport.objects.create(
        user=busy, state="ready", content=b"PK", expires_at=timezone.now() - timedelta(seconds=1)
    )
    client.force_login(busy)
    response = client.get(reverse("own_copy", args=[wanted.pk]))
    assert response.status_code == 410
    assert b"PK" not in response.content[:2]
    forget_ended()
    assert client.get(reverse("own_copy", args=[wanted.pk])).status_code == 404


def test_one_copy_is_made_at_a_time(client, busy):
    first = copies.ask(busy)
    with pytest.raises(Refused) as refusal:
        copies.ask(busy)
    assert refusal.value.code == "copy_is_being_made"
    client.force_login(busy)
    assert client.post(reverse("own_data")).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonalExport.objects.create(user=busy, expires_at=timezone.now())
    PersonalExport.objects.update(created_at=timezone.now() - timedelta(hours=2))
    second = copies.ask(busy)  # the worker that made the first is gone
    first.refresh_from_db()
    assert (first.state, second.state) == ("failed", "waiting")


def test_a_kind_that_fails_keeps_nobody_from_the_rest(busy, monkeypatch):
    def broken(self, user):
        raise RuntimeError

    monkeypatch.setattr(DiscussionKind, "personal_data", broken)
    found = privacy.all_records()
    [part] = [records for records in found if records.name == "activities"]
    assert part.export(busy)["discussion"] == {"unavailable": True}
    assert part.export(busy)["items"]


# -- erasing ------------------------------------------------------------------------------------


def everything() -> list[tuple[str, str]]:
    """(table.column, text) of every text and JSON column of the site."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        if not names or not model._meta.managed:
            continue
        for row in model._base_manager.values_list(*names):
            for name, value in zip(names, row, strict=True):
                text = (
                    value
                    if isinstance(value, str)
                    else json.dumps(value, ensure_ascii=False, default=str)
                )
                found.append((f"{model._meta.db_table}.{name}", text))
    return found


def traces() -> set[str]:
    marks = (FIRST, LAST, EMAIL, EMAIL.partition("@")[0], ENGLISH, "Rabue")
    return {place for place, text in everything() if any(mark in text for mark in marks)}


def test_nothing_is_left_of_somebody_who_is_erased(busy):
    before = traces()
    # There was something to find, in many rooms.
    assert len(before) >= 10
    assert {"certificates_certificate.holder", "activities_notification.params"} <= before
    erase(busy)
    assert traces() == set()


def test_the_training_record_stays_without_a_name(client, busy):
    certificate = Enrolment.objects.get(user=busy).certificates.get()
    erase(busy)
    enrolment = Enrolment.objects.get(user=busy)
    certificate.refresh_from_db()
    assert (enrolment.percent, enrolment.state) == (100, "completed")
    assert certificate.holder == privacy.ERASED_NAME
    page = client.get(reverse("certificate_verify", args=[certificate.code]))
    assert privacy.ERASED_NAME in page.content.decode()
    busy.refresh_from_db()
    assert (str(busy), busy.is_active) == (privacy.ERASED_NAME, False)
    assert not busy.has_usable_password()
    assert busy.memberships.get().until < timezone.localdate()


def test_erasing_twice_is_erasing_once(busy):
    erase(busy)
    at = User.objects.get(pk=busy.pk).erased_at
    erase(busy)
    assert User.objects.get(pk=busy.pk).erased_at == at


def test_two_people_erased_are_two_records(busy):
    other = UserFactory()
    erase(busy)
    erase(other)
    assert User.objects.filter(first_name=privacy.ERASED_NAME).count() == 2


def test_erasing_needs_the_password_and_a_tick(client, busy):
    client.force_login(busy)
    address = reverse("account_erase")
    page = client.get(address).content.decode()
    assert privacy.ERASED_NAME in page
    for form in ({}, {"password": PASSWORD}, {"password": "wrong", "understood": "on"}):
        response = client.post(address, form)
        assert response.status_code == 422
    assert User.objects.filter(pk=busy.pk, erased_at__isnull=True).exists()

    phone = type(client)()
    phone.force_login(busy)
    assert client.post(address, {"password": PASSWORD, "understood": "on"}).status_code == 302
    for device in (client, phone):
        assert device.get(reverse("own_data")).status_code == 302
    signed_in = client.post("/th/account/login/", {"login": EMAIL, "password": PASSWORD})
    assert signed_in.status_code != 302


def test_guessing_the_password_of_an_open_session_is_slowed_down(client):
    client.force_login(UserFactory())
    form = {"password": "wrong", "understood": "on"}
    answers = [client.post(reverse("account_erase"), form).status_code for _n in range(6)]
    assert answers == [422] * 5 + [429]


def test_the_last_administrator_stays(client):
    root = UserFactory(is_superuser=True)
    client.force_login(root)
    form = {"password": PASSWORD, "understood": "on"}
    response = client.post(reverse("account_erase"), form)
    assert response.status_code == 409
    assert "ผู้ดูแลระบบคนสุดท้าย" in response.content.decode()
    UserFactory(is_superuser=True)
    assert client.post(reverse("account_erase"), form).status_code == 302


def test_a_kind_that_cannot_forget_stops_the_erasure(busy, monkeypatch):
    def broken(self, user):
        raise RuntimeError("half-way")

    monkeypatch.setattr(DiscussionKind, "erase", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(busy)
    busy.refresh_from_db()
    assert (busy.first_name, busy.erased_at) == (FIRST, None)
    assert busy.emailaddress_set.exists()


# Every column that points to a person, and who forgets it. A new one is thought about here.
POINTING = {
    "account": {"account.EmailAddress.user", "people.PersonalExport.user"}
    | {"people.User_groups.user", "people.User_user_permissions.user"},
    "agencies": {"people.Membership.user"},
    "activities": {
        "activities.Participation.user",
        "activities.Event.actor",
        "activities.Draft.user",
        "activities.Decision.by",
        "activities.Decision.taken_back_by",
        "discussion.Post.author",
        "discussion.Post.moderated_by",
        "discussion.Post.appeal_by",
        "discussion.Member.user",
        "discussion.Grade.by",
        "discussion.Reveal.by",
        "discussion.Talk.summary_by",
        "discussion.PostReport.reporter",
        "workshop.Submission.override_by",
        "workshop.Review.by",
        "workshop.ReviewLease.assigned_by",
        "workshop.SimilarWorks.decided_by",
    },
    "notifications": {"activities.Notification.user", "activities.NoticePreference.user"},
    "courses": {
        "enrolment.Enrolment.user",
        "enrolment.Enrolment.added_by",
        "enrolment.Enrolment.withdrawn_by",
        "enrolment.CourseRun_instructors.user",
        "enrolment.Application.user",
        "enrolment.Application.decided_by",
        "enrolment.EnrolmentImport.user",
        "enrolment.ImportRow.user",
        "enrolment.PlaceEvent.user",
        "enrolment.PlaceEvent.by",
    },
    "grades": {
        "grades.GradeOverride.by",
        "grades.GradeOverride.taken_back_by",
        "grades.GradeRules.by",
        "grades.Recalculation.by",
    },
    "certificates": {
        "certificates.Certificate.revoked_by",
        "certificates.Certificate.issued_by",
        "certificates.Transcript.user",
    },
    "searches": {"search.RecentSearch.user"},
    "community": {
        "community.CalendarAddress.user",
        "community.LessonFeedback.user",
        "community.PutAway.user",
    },
    "teaching": {
        "teaching.Announcement.author",
        "teaching.Message.author",
        "teaching.Message.learner",
        "teaching.Attendance.by",
        "teaching.AttendanceChange.by",
        "teaching.SeenAs.by",
    },
    "authoring": {
        "authoring.CourseImport.user",
        "wagtailusers.UserProfile.user",
        "wagtailadmin.EditingSession.user",
        "wagtailadmin.FormState.user",
        "wagtailcore.APIToken.user",
        "wagtailcore.PageSubscription.user",
    },
    # They say who worked on the site's pages, by number; the number has no name any more.
    "the site's": {
        "releases.CourseRelease.created_by",
        "wagtaildocs.Document.uploaded_by_user",
        "wagtailimages.Image.uploaded_by_user",
        "wagtailcore.UploadedFile.uploaded_by_user",
        "wagtailcore.ModelLogEntry.user",
        "wagtailcore.PageLogEntry.user",
        "wagtailcore.Revision.user",
        "wagtailcore.WorkflowState.requested_by",
        "wagtailcore.TaskState.finished_by",
        "wagtailcore.Page.locked_by",
        "wagtailcore.Page.owner",
        "wagtailcore.Comment.user",
        "wagtailcore.Comment.resolved_by",
        "wagtailcore.CommentReply.user",
    },
}


def test_every_column_that_points_to_a_person_is_thought_about():
    pointing = {
        f"{field.related_model._meta.label}.{field.field.name}"
        for field in get_user_model()._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and not field.many_to_many
    }
    ours = {name for names in POINTING.values() for name in names}
    assert pointing - ours == set(), "Say in POINTING who forgets it, and see that they do."
    names = {records.name for records in privacy.all_records()}
    assert set(POINTING) - {"the site's"} <= names


def test_events_keep_that_something_happened_not_who(busy):
    assert Event.objects.filter(actor=busy).exists()
    count = Event.objects.count()
    erase(busy)
    assert not Event.objects.filter(actor=busy).exists()
    assert Event.objects.count() == count
    assert notices.unread([busy.pk]) == {busy.pk: 0}
