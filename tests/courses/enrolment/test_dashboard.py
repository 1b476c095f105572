"""My learning: the next thing first, at a cost that does not grow with the courses."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.core.enums import State
from activities.core.models import Participation
from activities.core.record import record, save_draft
from tests.factories.courses import enrolled, make_course

URL = "/th/my/"


def test_it_is_for_people_with_an_account(client, db):
    response = client.get(URL)
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_without_courses_it_leads_to_the_catalogue(signed_in, course):
    response = signed_in.get(URL)
    assert response.context["next_step"] is None
    assert "/th/courses/" in response.content.decode()


def test_the_next_step_is_where_one_was_last(signed_in, enrolment, address):
    first = signed_in.get(URL).context["next_step"]
    assert first["url"] == address("l1")
    signed_in.get(address("a1"))
    assert signed_in.get(URL).context["next_step"]["url"] == address("a1")
    signed_in.get(address("l1"))
    signed_in.post(address("l1"), {"action": "mark_read"})
    assert signed_in.get(URL).context["next_step"]["url"] == address("l2")


def test_the_course_that_one_was_in_last_comes_first(signed_in, learner, enrolment):
    other = make_course("other", title="วิชาอื่น")
    enrolled(learner, other)
    signed_in.get(reverse("item", args=["other", "l1"]))
    context = signed_in.get(URL).context
    assert context["next_step"]["course_title"] == "วิชาอื่น"
    assert [row["code"] for row in context["courses"]] == ["OTHER", "COURSE"]


def test_a_course_that_is_done_asks_for_nothing(signed_in, enrolment, address):
    for item in ("l1", "l2", "a1", "a2"):
        signed_in.get(address(item))
    for participation in Participation.objects.all():
        record(participation, state=State.COMPLETED)
    context = signed_in.get(URL).context
    assert context["next_step"] is None
    assert context["courses"][0]["completed"]
    assert context["courses"][0]["percent"] == 100


def test_drafts_are_listed_with_a_way_back(signed_in, enrolment, address):
    signed_in.get(address("a2"))
    save_draft(Participation.objects.get(), "initial", {"body": "ร่าง"})
    drafts = signed_in.get(URL).context["drafts"]
    assert [draft["url"] for draft in drafts] == [address("a2")]


def test_others_learning_does_not_show(client, enrolment, course):
    from tests.factories.people import UserFactory

    client.force_login(UserFactory())
    assert client.get(URL).context["courses"] == []


def queries(client) -> int:
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(URL).status_code == 200
    return len(captured)


def test_two_courses_cost_as_much_as_eight(signed_in, learner):
    def begin(n: int):
        enrolled(learner, make_course(f"c{n}"))
        signed_in.get(reverse("item", args=[f"c{n}", "a1"]))
        signed_in.get(reverse("item", args=[f"c{n}", "l1"]))

    for n in range(2):
        begin(n)
    two = queries(signed_in)
    for n in range(2, 8):
        begin(n)
    assert queries(signed_in) == two
