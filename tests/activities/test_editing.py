"""Authors edit role-plays and quizzes in the Wagtail admin: half-finished is a state like others."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from activities.quiz.models import QuizPage
from activities.role_play.models import RolePlaySoloPage
from courses.catalogue.models import CatalogPage, CoursePage, HomePage
from tests.factories.items import locale

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    thai = locale("th")
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", locale=thai)
    home = root.add_child(instance=HomePage(title="หน้าแรก", slug="start", tagline="-", locale=thai))
    catalogue = home.add_child(instance=CatalogPage(title="หลักสูตร", slug="courses", locale=thai))
    return catalogue.add_child(
        instance=CoursePage(
            title="รอบรู้ดิจิทัล", slug="dl", code="DL", summary="-", locale=thai, live=False
        )
    )


@pytest.fixture
def author(client):
    person = get_user_model().objects.create_superuser("author@agency.example", "correct-horse-1")
    client.force_login(person)
    return client


COMMON = {"title": "ร่างที่ยังไม่เสร็จ", "slug": "draft", "minutes": "10", "required": "on"}
COMMENTS = inline_formset([])


def add(author, course, model: str, app: str, fields: dict):
    address = reverse("wagtailadmin_pages:add", args=[app, model, course.pk])
    data = nested_form_data({**COMMON, **fields, "comments": COMMENTS})
    return author.post(address, data)


def half_a_scene():
    choice = {
        "id": "",
        "text": "ส่งทันที",
        "to": "n9",
        "effects": [],
        "feedback": "",
        "condition": "x >",
    }
    return {
        "id": "n 1",
        "text": "",
        "image": "",
        "alt": "",
        "choices": {**listed([{**choice, "effects": listed([])}])},
    }


def listed(values) -> dict:
    return {
        "count": str(len(values)),
        **{
            str(n): {"value": value, "order": str(n), "deleted": "", "id": "", "type": "item"}
            for n, value in enumerate(values)
        },
    }


def test_half_a_scenario_is_kept_as_a_draft(author, course):
    response = add(
        author,
        course,
        "roleplaysolopage",
        "role_play",
        {
            "your_role": "",
            "start": "",
            "dimensions": streamfield([]),
            "nodes": streamfield([("node", half_a_scene())]),
            "endings": streamfield([]),
            "reflection": streamfield([]),
            "attempts_required": "2",
            "attempts_max": "1",
            "show_feedback": "now",
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    page = RolePlaySoloPage.objects.get()
    assert not page.live
    draft = page.get_latest_revision_as_object()
    assert draft.nodes[0].value["choices"][0]["condition"] == "x >"
    assert draft.kind.problems(draft)


def test_half_a_quiz_is_kept_as_a_draft(author, course):
    question = {
        "key": "",
        "kind": "single",
        "text": "",
        "choices": listed([{"key": "", "text": "", "correct": ""}]),
        "explanation": "",
        "topic": "",
    }
    response = add(
        author,
        course,
        "quizpage",
        "quiz",
        {
            "intro": "",
            "questions": streamfield([("question", question)]),
            "pass_mark": "0",
            "attempts_max": "0",
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    draft = QuizPage.objects.get().get_latest_revision_as_object()
    assert len(draft.questions) == 1 and draft.kind.problems(draft)


@pytest.mark.parametrize(
    ("app", "model", "tabs"),
    [("role_play", "roleplaysolopage", 6), ("quiz", "quizpage", 4)],
)
def test_the_edit_form_has_tabs_and_a_help_text_for_every_field(author, course, app, model, tabs):
    address = reverse("wagtailadmin_pages:add", args=[app, model, course.pk])
    html = author.get(address).content.decode()
    assert html.count('role="tab"') == tabs
    own = {"role_play": RolePlaySoloPage, "quiz": QuizPage}[app]
    for field in own._meta.local_fields:
        if field.name != "page_ptr":
            assert field.help_text, field.name
