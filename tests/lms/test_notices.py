"""The notification centre."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import override

from activities.core import notices
from activities.core.models import NoticePreference, Notification
from activities.core.notices import notify
from lms.people.roles import INSTRUCTOR
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def tell(user, n=1):
    (row,) = notify(
        user,
        "discussion_reply",
        key=f"reply-{n}",
        params={"item": {"th": "วงอภิปราย", "en": "The discussion"}},
        url=reverse("dashboard"),
    )
    return row


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_shows_what_is_new_and_how_many(client, user):
    tell(user)
    page = client.get(reverse("notices"))
    assert "วงอภิปราย" in page.text
    assert 'class="pill-count">1<' in page.text


def test_an_empty_centre_says_so(client, user):
    assert "ยังไม่มีเรื่องใหม่" in client.get(reverse("notices")).text


def test_following_one_marks_it_read(client, user):
    row = tell(user)
    answer = client.get(reverse("notice", args=[row.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("dashboard"))
    row.refresh_from_db()
    assert row.read_at is not None


def test_somebody_elses_is_not_there(client, user):
    row = tell(UserFactory())
    assert client.get(reverse("notice", args=[row.pk])).status_code == 404
    assert "วงอภิปราย" not in client.get(reverse("notices")).text
    row.refresh_from_db()
    assert row.read_at is None


def test_all_are_marked_as_read_at_once(client, user):
    other = tell(UserFactory(), 2)
    tell(user)
    client.post(reverse("notices_read"))
    assert not Notification.objects.filter(user=user, read_at__isnull=True).exists()
    other.refresh_from_db()
    assert other.read_at is None


def test_marking_needs_a_post(client, user):
    assert client.get(reverse("notices_read")).status_code == 405


def test_strangers_sign_in_first(client):
    assert client.get(reverse("notices")).status_code == 302


def test_the_list_costs_the_same_however_long(client, user, django_assert_max_num_queries):
    for n in range(40):
        tell(user, n)
    with django_assert_max_num_queries(6):
        page = client.get(reverse("notices"))
    assert page.text.count("วงอภิปราย") == 25


def test_choosing_what_is_mailed(client, user):
    url = reverse("notice_preferences")
    assert 'value="daily"' in client.get(url).text
    answer = client.post(url, {"email": "each", "wanted": ["workshop_results"]})
    assert answer.status_code == 302
    preference = NoticePreference.objects.get(user=user)
    assert preference.email == "each"
    assert "discussion_reply" in preference.muted
    assert "workshop_results" not in preference.muted


def test_a_choice_that_is_not_offered_is_refused(client, user):
    answer = client.post(reverse("notice_preferences"), {"email": "hourly"})
    assert answer.status_code == 422
    assert not NoticePreference.objects.filter(user=user).exists()


def test_what_is_new_or_of_one_kind_can_be_picked(client, user):
    tell(user, 1)
    client.get(reverse("notice", args=[tell(user, 2).pk]))
    assert client.get(reverse("notices") + "?show=new").text.count("วงอภิปราย") == 1
    assert client.get(reverse("notices") + "?kind=discussion_reply").text.count("วงอภิปราย") == 2
    empty = client.get(reverse("notices") + "?kind=workshop_results").text
    assert "วงอภิปราย" not in empty and "ไม่มีการแจ้งเตือนตามที่เลือก" in empty


def test_hours_of_rest_and_a_pause_are_kept_as_people_write_them(client, user):
    wish = {"email": "daily", "quiet_from": "๒๑.๓๐ น.", "quiet_until": "6:00"}
    answer = client.post(reverse("notice_preferences"), wish | {"paused_until": "1/12/2569 8.00"})
    assert answer.status_code == 302
    preference = NoticePreference.objects.get(user=user)
    assert str(preference.quiet_from) == "21:30:00" and str(preference.quiet_until) == "06:00:00"
    assert preference.paused_until.isoformat() == "2026-12-01T01:00:00+00:00"
    assert 'value="21.30"' in client.get(reverse("notice_preferences")).text
    wrong = client.post(reverse("notice_preferences"), wish | {"quiet_from": "ค่ำ"})
    assert wrong.status_code == 422 and "ค่ำ" in wrong.text


def test_learners_choose_among_what_can_come_to_them_by_subject(client, user):
    page = client.get(reverse("notice_preferences")).text
    for subject in ("หลักสูตรและการเข้าเรียนของท่าน", "การอภิปราย", "เวิร์กช็อปและการประเมินงาน"):
        assert subject in page
    assert 'value="run_message"' in page
    assert 'value="run_answer"' not in page and "หลักสูตรที่ท่านสอนหรือจัดทำ" not in page
    assert 'value="run_answer"' not in client.get(reverse("notices")).text


def test_who_teaches_chooses_about_teaching_too(client, user):
    user.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
    page = client.get(reverse("notice_preferences")).text
    assert 'value="run_answer"' in page and "หลักสูตรที่ท่านสอนหรือจัดทำ" in page
    assert 'value="run_answer"' in client.get(reverse("notices")).text


def test_what_is_not_asked_stays_as_it_was(client, user):
    NoticePreference.objects.create(user=user, muted=["run_answer", "run_message"])
    wish = {"email": "daily", "quiet_from": "20.00", "quiet_until": "7.00"}
    client.post(reverse("notice_preferences"), wish | {"wanted": ["run_message"]})
    muted = NoticePreference.objects.get(user=user).muted
    assert "run_answer" in muted and "run_message" not in muted


def test_every_kind_has_a_subject_and_a_name_of_its_own():
    kinds = notices.known()
    assert {kind.subject for kind in kinds} <= set(notices.SUBJECTS)
    offered = [name for _subject, rows in notices.choices(kinds) for name, _label in rows]
    assert sorted(offered) == sorted(kind.name for kind in kinds)
    for language in ("th", "en"):
        with override(language):
            labels = [str(kind.label) for kind in kinds]
        assert len(set(labels)) == len(labels)
