"""What the site tells people, and whom."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from courses.catalogue.models import FrameworkVersion, TargetGroup
from courses.community import announcements
from courses.community.models import Announcement, PutAway
from courses.enrolment import rules
from tests.factories.courses import build_tree
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def tell(**values):
    return Announcement.objects.create(
        **{"title_th": "ปิดปรับปรุง", "title_en": "Maintenance"} | values
    )


def titles(user):
    return [one["title"] for one in announcements.shown(user, "th")]


def test_home_and_dashboard_show_it_in_the_readers_language(client):
    build_tree()
    tell(text_th="คืนนี้เวลา 22.00 น.")
    assert "คืนนี้เวลา 22.00 น." in client.get("/th/").text
    assert "Maintenance" in client.get("/en/").text
    client.force_login(UserFactory())
    assert "ปิดปรับปรุง" in client.get("/th/my/").text


def test_a_text_that_is_in_thai_only_says_so(client):
    build_tree()
    tell(title_en="")
    page = client.get("/en/").text
    assert "ปิดปรับปรุง" in page
    assert 'stack--2" lang="th"' in page


def test_only_between_its_times(user=None):
    now, user = timezone.now(), UserFactory()
    tell(title_th="เก่า", shown_from=now - 2 * DAY, shown_until=now - DAY)
    tell(title_th="ต่อไป", shown_from=now + DAY)
    tell(title_th="ตอนนี้", shown_from=now - DAY, shown_until=now + DAY)
    assert titles(user) == ["ตอนนี้"]


def test_it_ends_after_it_begins():
    now = timezone.now()
    with pytest.raises(ValidationError):
        Announcement(title_th="x", shown_from=now, shown_until=now - DAY).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(shown_from=now, shown_until=now - DAY)


@pytest.mark.parametrize("link", ["//elsewhere.example", "javascript:alert(1)", "http://x.example"])
def test_a_link_that_may_lead_astray_is_refused(link):
    with pytest.raises(ValidationError):
        Announcement(title_th="x", link=link).full_clean()


def test_for_an_agency_and_for_a_target_group(monkeypatch):
    inside, outside, agency = UserFactory(), UserFactory(), uuid.uuid4()
    group = TargetGroup.objects.create(
        framework=FrameworkVersion.objects.create(version="t"), key="executive", name_th="ผู้บริหาร"
    )
    mine = {inside.pk: frozenset([agency])}
    monkeypatch.setattr(rules, "_agencies_of", lambda user: mine.get(user.pk, frozenset()))
    monkeypatch.setattr(
        announcements,
        "_groups_of",
        lambda user: frozenset(["executive"]) if user.pk == inside.pk else frozenset(),
    )
    tell(title_th="หน่วยงาน", agency=agency)
    tell(title_th="กลุ่ม", target_group=group)
    assert set(titles(inside)) == {"หน่วยงาน", "กลุ่ม"}
    assert titles(outside) == []


def test_putting_it_away_works_without_scripts_and_for_oneself_only(client):
    one, user, other = tell(), UserFactory(), UserFactory()
    client.force_login(user)
    url = reverse("announcement_away", args=[one.pk])
    assert url in client.get("/th/my/").text
    assert client.post(url, {"next": "/th/my/"}).url == "/th/my/"
    client.post(url, {"next": "https://elsewhere.example/"})  # twice is once, and never elsewhere
    assert PutAway.objects.count() == 1
    assert titles(user) == []
    assert titles(other) == ["ปิดปรับปรุง"]


def test_what_is_urgent_stays_and_stands_first():
    user = UserFactory()
    tell(title_th="ทั่วไป")
    urgent = tell(title_th="ด่วน", level="danger", shown_from=timezone.now() - DAY)
    assert titles(user) == ["ด่วน", "ทั่วไป"]
    assert not announcements.put_away(user, urgent)
    assert titles(user) == ["ด่วน", "ทั่วไป"]


def test_one_for_others_cannot_be_put_away(client):
    one = tell(agency=uuid.uuid4())
    client.force_login(UserFactory())
    assert client.post(reverse("announcement_away", args=[one.pk])).status_code == 404


def test_a_change_is_seen_at_once():
    user, one = UserFactory(), tell()
    assert titles(user) == ["ปิดปรับปรุง"]
    one.title_th = "เปลี่ยนแล้ว"
    one.save()
    assert titles(user) == ["เปลี่ยนแล้ว"]
    one.delete()
    assert titles(user) == []


def test_managers_write_them_in_the_authoring_site_and_instructors_do_not(
    client, manager, stranger
):
    build_tree()
    url = reverse(Announcement.snippet_viewset.get_url_name("add"))
    client.force_login(stranger)
    assert client.get(url).status_code == 302
    client.force_login(manager)
    assert client.get(url).status_code == 200
    answer = client.post(
        url,
        {
            "title_th": "แจ้งเพื่อทราบ",
            "level": "info",
            "shown_from": "2026-11-24 09:00",
            "agency": "",
            "target_group": "",
        },
    )
    assert answer.status_code == 302
    assert Announcement.objects.get().title_th == "แจ้งเพื่อทราบ"
