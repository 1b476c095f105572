"""Authors edit workshops in the Wagtail admin: half-finished is a state like others."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import streamfield

from activities.workshop.models import WorkshopPage
from tests.activities.test_editing import add, author, course, listed  # noqa: F401 - fixtures too

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bare_shells():
    """The admin needs its own templates."""


def test_half_a_workshop_is_kept_as_a_draft(author, course):  # noqa: F811
    field = {
        "key": "",
        "type": "text",
        "label": "",
        "help": "",
        "min_chars": "",
        "required": "on",
    }
    criterion = {
        "key": "goal", "name": "", "description": "", "weight": "1", "maximum": "",
        "levels": listed([{"points": "", "text": ""}]), "comment_required": "", "min_chars": "",
    }  # fmt: skip
    seed = {
        "key": "", "author": "", "comment": "",
        "worksheet": listed([{"field": "", "text": ""}]),
        "reference": listed([{"criterion": "", "points": "", "reason": ""}]),
    }  # fmt: skip
    response = add(
        author,
        course,
        "workshoppage",
        "workshop",
        {
            "mode": "async_peer",
            "team_size": "1",
            "instructions": "",
            "worksheet": streamfield([("field", field)]),
            "strategy": "rubric",
            "rubric": streamfield([("criterion", criterion)]),
            "instructions_reviewer": "",
            "examples": streamfield([]),
            "seed_submissions": streamfield([("seed", seed)]),
            "reviews_per_learner": "2",
            "min_reviews_per_submission": "2",
            "min_chars_comment": "150",
            "anonymity": "double_blind",
            "release_after_days": "7",
            "late_policy": "accept",
            "late_points": "5",
            "late_most": "30",
            "max_submission": "80",
            "max_assessment": "20",
            "aggregator": "median",
            "reviewer_method": "completion",
            "comparison": "5",
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    draft = WorkshopPage.objects.get().get_latest_revision_as_object()
    assert not draft.live and len(draft.rubric) == 1
    assert draft.kind.problems(draft)
    assert draft.kind.ceiling(draft) >= 0


def test_the_edit_form_has_tabs_and_a_help_text_for_every_field(author, course):  # noqa: F811
    address = reverse("wagtailadmin_pages:add", args=["workshop", "workshoppage", course.pk])
    html = author.get(address).content.decode()
    assert html.count('role="tab"') == 6
    for field in WorkshopPage._meta.local_fields:
        if field.name != "page_ptr":
            assert field.help_text, field.name
