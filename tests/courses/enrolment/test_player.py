"""The player: who gets in, what is kept, and where one comes back to."""

import json

import pytest
from django.urls import reverse

from activities.core import registry
from activities.core.models import Draft, Participation
from courses.enrolment.models import MeasuredTime
from courses.releases.settle import settle
from tests.factories.courses import child, state_of

LONG = "เจ้าหน้าที่ของหน่วยงานเราพิมพ์ข้อมูลเดิมซ้ำสามครั้งทุกวัน จึงอยากเริ่มจากแบบฟอร์มเดียวที่ทุกฝ่ายใช้ร่วมกัน "


def key_of(course, slug):
    return next(i["key"] for i in state_of(course).current.outline["items"] if i["slug"] == slug)


def test_people_without_an_account_are_led_to_sign_in_and_back(client, course, address):
    response = client.get(address("l1"))
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={address('l1')}"


def test_people_who_are_not_enrolled_are_told_how(signed_in, course, address):
    response = signed_in.get(address("l1"))
    assert response.status_code == 403
    assert reverse("enrol", args=["course"]) in response.content.decode()
    assert not Participation.objects.exists()


@pytest.mark.parametrize("item", ["nothing", "l99"])
def test_unknown_items_are_not_found(signed_in, enrolment, address, item):
    assert signed_in.get(address(item)).status_code == 404


def test_unknown_courses_and_steps_are_not_found(signed_in, enrolment, address):
    assert signed_in.get(reverse("item", args=["no-course", "l1"])).status_code == 404
    assert signed_in.get(address("l1", "no-step")).status_code == 404


def test_enrolling_leads_to_the_first_item(signed_in, course, address):
    response = signed_in.post(reverse("enrol", args=["course"]), follow=True)
    assert response.redirect_chain[-1][0] == address("l1")
    assert response.status_code == 200


def test_a_lesson_is_marked_as_read(signed_in, enrolment, course, address):
    page = signed_in.get(address("l1"))
    assert 'value="mark_read"' in page.content.decode()
    response = signed_in.post(address("l1"), {"action": "mark_read"})
    assert (response.status_code, response["Location"]) == (302, address("l1"))
    enrolment.refresh_from_db()
    assert enrolment.progress[key_of(course, "l1")] == 100
    assert 'value="mark_read"' not in signed_in.get(address("l1")).content.decode()


def test_an_unknown_action_is_refused(signed_in, enrolment, address):
    response = signed_in.post(address("l1"), {"action": "cheat"})
    assert response.status_code == 400
    assert not Participation.objects.get().completed


def test_a_refused_text_is_shown_again_and_kept(signed_in, enrolment, address):
    page = signed_in.get(address("a2"))
    data = {**hidden(page.content.decode()), "body": "สั้นไป"}
    response = signed_in.post(address("a2"), data)
    assert response.status_code == 422
    html = response.content.decode()
    assert "สั้นไป</textarea>" in html
    assert "error-summary" in html or "notice--danger" in html or "field__error" in html
    assert Draft.objects.get().data["body"] == "สั้นไป"
    assert "สั้นไป</textarea>" in signed_in.get(address("a2")).content.decode()


def hidden(html: str) -> dict:
    """The hidden fields of the form around the first text field."""
    import re

    form = next(f for f in re.findall(r"<form.*?</form>", html, re.DOTALL) if "<textarea" in f)
    tags = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
    pairs = (
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags
    )
    return {name[1]: value[1] for name, value in pairs if name[1] != "csrfmiddlewaretoken"}


def test_a_draft_is_kept_while_typing(signed_in, enrolment, address):
    url = reverse("item_draft", args=["course", "a2"])
    form = hidden(signed_in.get(address("a2")).content.decode())
    response = signed_in.post(url, {**form, "body": LONG})
    assert response.status_code == 200
    assert set(json.loads(response.content)) == {"saved_at"}
    assert LONG in signed_in.get(address("a2")).content.decode()
    stored = Draft.objects.get()
    assert set(stored.data).isdisjoint({"csrfmiddlewaretoken", "action", "key", "draft_form"})


def test_a_draft_needs_a_name_a_measure_and_a_session(signed_in, client, enrolment, address):
    url = reverse("item_draft", args=["course", "a2"])
    assert signed_in.post(url, {"body": "x"}).status_code == 422
    assert signed_in.post(url, {"draft_form": "f", "body": "x" * 70_000}).status_code == 422
    assert signed_in.get(url).status_code == 405
    unknown = reverse("item_draft", args=["course", "nothing"])
    assert signed_in.post(unknown, {"draft_form": "f"}).status_code == 404
    client.logout()
    assert client.post(url, {"draft_form": "f", "body": "x"}).status_code == 403
    assert not Draft.objects.exists()


def test_signs_of_life(signed_in, client, enrolment, course):
    url = reverse("item_ping", args=["course", "l1"])
    for _n in range(2):
        response = signed_in.post(url)
        assert (response.status_code, response.content) == (204, b"")
    enrolment.refresh_from_db()
    assert enrolment.last_ping_at is not None
    assert MeasuredTime.objects.count() <= 1
    assert signed_in.post(reverse("item_ping", args=["course", "x"])).status_code == 404
    client.logout()
    assert client.post(url).status_code == 403


def test_continuing_leads_to_the_exact_step(signed_in, enrolment, course, address):
    resume = reverse("course_resume", args=["course"])
    assert signed_in.get(resume)["Location"] == address("l1")
    signed_in.get(address("a2"))
    assert signed_in.get(resume)["Location"] == address("a2")
    signed_in.post(address("a2"), first_answer(signed_in, address))
    signed_in.get(address("a2", "mine"))
    assert signed_in.get(resume)["Location"] == address("a2", "mine")


def first_answer(client, address) -> dict:
    form = hidden(client.get(address("a2")).content.decode())
    return {**form, "body": " ".join(f"{LONG} {n} {LONG[::-1]}" for n in range(6))}


def test_continuing_after_a_finished_item_leads_to_the_next(signed_in, enrolment, address):
    signed_in.get(address("l1"))
    signed_in.post(address("l1"), {"action": "mark_read"})
    assert signed_in.get(reverse("course_resume", args=["course"]))["Location"] == address("l2")


def test_resuming_asks_for_an_enrolment(signed_in, course):
    assert signed_in.get(reverse("course_resume", args=["course"])).status_code == 403
    assert signed_in.get(reverse("course_resume", args=["none"])).status_code == 404


def test_a_kind_that_is_gone_is_said_in_its_place_only(signed_in, enrolment, address, monkeypatch):
    monkeypatch.delitem(registry._kinds, "role_play_solo")
    response = signed_in.get(address("a1"))
    assert (response.status_code, response["Retry-After"]) == (503, "600")
    assert address("l2") in response.content.decode()
    assert signed_in.post(address("a1"), {"action": "begin"}).status_code == 503
    assert signed_in.get(address("l1")).status_code == 200
    assert signed_in.get(reverse("dashboard")).status_code == 200


def test_a_newer_lesson_is_read_but_a_begun_activity_stays(signed_in, enrolment, course, address):
    signed_in.get(address("l1"))
    signed_in.get(address("a1"))
    for slug in ("l1", "a1"):
        page = child(course, slug)
        page.title = f"ใหม่ {slug}"
        page.save_revision().publish()
    settle(course.translation_key)
    before = Participation.objects.get(item=key_of(course, "a1")).version_id
    signed_in.get(address("l1"))
    signed_in.get(address("a1"))
    versions = {p.version.title("th") for p in Participation.objects.select_related("version")}
    assert "ใหม่ l1" in versions
    assert "ใหม่ a1" not in versions
    assert Participation.objects.get(item=key_of(course, "a1")).version_id == before


def test_an_item_is_found_by_its_key(client, signed_in, enrolment, course, address):
    url = reverse("item_by_key", args=[key_of(course, "a1")])
    assert signed_in.get(url)["Location"] == address("a1")
    nothing = reverse("item_by_key", args=["00000000-0000-0000-0000-000000000000"])
    assert signed_in.get(nothing).status_code == 404


def test_leaving_takes_the_items_away_and_enrolling_brings_them_back(signed_in, enrolment, address):
    signed_in.post(reverse("leave", args=["course"]))
    assert signed_in.get(address("l1")).status_code == 403
    signed_in.post(reverse("enrol", args=["course"]))
    assert signed_in.get(address("l1")).status_code == 200
