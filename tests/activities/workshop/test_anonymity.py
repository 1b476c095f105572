"""Does a work tell who wrote it? Asked before it is sent, in blind workshops only."""

import uuid

import pytest
from django.utils.translation import override

from activities.core import identity
from tests.factories.items import version_of
from tests.factories.people import UserFactory

from .conftest import Learner, long_text, page_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def somchai(join):
    return lambda **options: join(first_name="สมชาย", last_name="ใจดีมาก", **options)


def write(one, text):
    one.do("check", "work", **one.worksheet(**{"field-goal": long_text(text) + " " + text}))


@pytest.mark.parametrize("text", ["ผมสมชายครับ", "สมชาย ใจดีมาก", "นาย สม ชาย", "ใจดีมาก"])
def test_the_own_name_is_found_however_it_is_spaced(text):
    user = UserFactory.build(first_name="สมชาย", last_name="ใจดีมาก", email="x@y.example")
    assert identity.told_by({"goal": text, "now": "อื่น"}, user)[0][0] == "goal"


def test_short_names_are_not_looked_for():
    user = UserFactory.build(first_name="ดี", last_name="มา", email="d@y.example")
    assert identity.told_by({"goal": "งานดีมาก ทำมานาน"}, user) == []


def test_an_app_may_know_more_words(monkeypatch):
    monkeypatch.setattr(identity, "_sources", [])
    identity.register(lambda user: ["กรมตัวอย่างแห่งชาติ"])
    user = UserFactory.build(first_name="ก", last_name="ข", email="d@y.example")
    found = identity.told_by({"goal": "ข้าพเจ้าทำงานที่กรมตัวอย่าง แห่งชาติ"}, user)
    assert found == [("goal", "กรมตัวอย่างแห่งชาติ")]


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [
        ("en", "tells reviewers who you are", "Your work tells who you are"),
        ("th", "ทำให้ผู้ประเมินทราบว่าท่านเป็นใคร", "งานของท่านบอกว่าท่านเป็นใคร"),
    ],
)
def test_the_author_is_asked_to_take_the_name_out(somchai, language, words, told):
    one = somchai(language=language)
    write(one, "สมชาย ใจดีมาก")
    page = one.see("check")
    assert told in page and 'name="stays"' in page
    error, page = one.refused("send", "check")
    assert (error.status, error.code) == (422, "names_found")
    assert words in error.message and "สมชาย ใจดีมาก" in error.message
    assert 'href="#stays"' in page and one.work.state == "draft"


def test_it_may_stay_if_it_has_to(somchai):
    one = somchai()
    write(one, "สมชาย")
    one.do("send", "check", stays="1")
    assert one.work.state == "submitted"


def test_nothing_is_asked_where_nothing_tells(somchai):
    one = somchai()
    one.do("check", "work", **one.worksheet())
    assert 'name="stays"' not in one.see("check")
    one.do("send", "check")


def test_named_workshops_do_not_ask(kind):
    version = version_of(page_in("th", anonymity="named"))
    one = Learner(kind, version, uuid.uuid4(), first_name="สมชาย")
    write(one, "สมชาย")
    assert 'name="stays"' not in one.see("check") and "Fewer than five" not in one.see("check")
    one.do("send", "check")


def test_telephone_numbers_are_pointed_out_and_block_nothing(join):
    one = join()
    write(one, "โทร 081-234-5678")
    assert "This may hold personal data" in one.see("check")
    one.do("send", "check")
    assert one.work.sent


def test_few_people_may_guess(five, join, kind):
    few = join(cohort=uuid.uuid4())
    few.do("check", "work", **few.worksheet())
    assert "Fewer than five people take part" in few.see("check")
    with override("th"):
        few.language = "th"
        assert "น้อยกว่าห้าคน" in few.see("check")
    many = join()
    many.do("check", "work", **many.worksheet())
    assert "Fewer than five people take part" not in many.see("check")
