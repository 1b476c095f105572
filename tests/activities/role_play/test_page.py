"""The page of a role-play: read from a course file, edited, previewed."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from activities.core.course_file import CourseFileError
from activities.core.models import Attempt, Event, Participation
from activities.core.snapshots import snapshot
from activities.role_play.course_file import from_course_file, supported
from activities.role_play.models import RolePlaySoloPage
from tests.factories.items import version_of
from tests.factories.people import UserFactory

from .playing import course_item, kind, page_of

pytestmark = pytest.mark.django_db


def preview(page, language="th") -> str:
    request = RequestFactory().get("/")
    request.user = UserFactory()
    with translation.override(language):
        return kind.preview(page, request).content.decode()


def test_a_page_survives_being_a_version():
    page = page_of()
    assert version_of(page, en=page_of("en")).rules == kind.content(page)


def test_both_languages_of_the_demo_scenario_agree_on_everything_but_words():
    th, en = kind.content(page_of()), kind.content(page_of("en"))
    assert th.measures.best == en.measures.best
    assert [[c.id for c in node.choices] for node in th.nodes] == [
        [c.id for c in node.choices] for node in en.nodes
    ]
    assert th.nodes[0].text != en.nodes[0].text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda i: i.pop("your_role"), ["your_role"]),
        (lambda i: i["your_role"].pop("en"), ["your_role", "en"]),
        (lambda i: i.pop("start"), ["start"]),
        (lambda i: i.pop("nodes"), ["nodes"]),
        (lambda i: i.update(nodes="n1"), ["nodes"]),
        (lambda i: i["nodes"].append("n5"), ["nodes", 4]),
        (lambda i: i["nodes"][1].pop("text"), ["nodes", 1, "text"]),
        (lambda i: i["nodes"][1].update(image="x.png"), ["nodes", 1, "image"]),
        (lambda i: i["nodes"][1].update(id=True), ["nodes", 1, "id"]),
        (
            lambda i: i["nodes"][1]["choices"][0].pop("feedback"),
            ["nodes", 1, "choices", 0, "feedback"],
        ),
        (
            lambda i: i["nodes"][1]["choices"][0].update(effects={"safety": "much"}),
            ["nodes", 1, "choices", 0, "effects", "safety"],
        ),
        (
            lambda i: i["nodes"][1]["choices"][0].update(effects=["safety"]),
            ["nodes", 1, "choices", 0, "effects"],
        ),
        (
            lambda i: i["nodes"][1]["choices"][0].update(condition=3),
            ["nodes", 1, "choices", 0, "condition"],
        ),
        (lambda i: i["endings"][2].update(quality="superb"), ["endings", 2, "quality"]),
        (lambda i: i["endings"][2].pop("lesson"), ["endings", 2, "lesson"]),
        (lambda i: i["reflection"][0].update(min_chars=0), ["reflection", 0, "min_chars"]),
        (lambda i: i.update(attempts_required=3), ["attempts_required"]),
        (lambda i: i.update(attempts_max=-1), ["attempts_max"]),
        (lambda i: i.update(show_feedback="later"), ["show_feedback"]),
        (lambda i: i["dimensions"][0].pop("name"), ["dimensions", 0, "name"]),
    ],
)
def test_what_is_wrong_in_a_course_file_is_named_by_its_path(change, path):
    item = course_item()
    change(item)
    with pytest.raises(CourseFileError) as caught:
        from_course_file(item, "en")
    assert caught.value.path == path


def test_only_solo_role_plays_are_supported():
    assert supported({"kind": "role_play_solo"}) is None
    assert supported({"kind": "role_play_multi"})


def test_the_preview_shows_the_first_scene_and_below_it_all_paths():
    html = preview(page_of("en"), "en")
    assert "Most urgent" in html and "Send the file at once" in html
    assert "All 8 paths with their scores" in html and "95.24" in html
    assert "Nothing stands in the way" in html
    assert html.index("Most urgent") < html.index("All 8 paths")
    assert not (
        Attempt.objects.exists() or Event.objects.exists() or Participation.objects.exists()
    )


@pytest.mark.parametrize(
    "changes",
    [{"nodes": []}, {"start": "n9"}, {"endings": []}, {"reflection": [], "your_role": ""}],
)
def test_the_preview_of_an_unfinished_page_says_what_is_missing(changes):
    html = preview(page_of("en", **changes), "en")
    assert "Before this can be offered" in html
    assert "Nothing stands in the way" not in html


def test_a_page_with_a_broken_condition_can_be_previewed():
    item = course_item()
    item["nodes"][0]["choices"][0]["condition"] = "safety >"
    assert "the condition cannot be read" in preview(page_of("en", item=item), "en")


def test_learners_never_get_the_table_of_paths():
    from .playing import begin, learner_in, look, play

    learner = learner_in()
    html = look(learner, language="en")
    begin(learner)
    html += look(learner, language="en")
    other = learner_in(learner.version)
    play(other, "n1b n3a")
    assert "For authors only" not in html + look(other, language="en")


def test_an_empty_page_can_be_kept_as_a_draft():
    page = RolePlaySoloPage(title="ร่าง", slug="draft")
    page.clean_fields(exclude=["path", "depth", "locale", "content_type"])
    assert kind.problems(page)


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_outline_says_what_one_does(language):
    with translation.override(language):
        content = kind.content(page_of(language))
        assert "2" in kind.summary(content)
        assert len(kind.expectations(content)) == 2


def test_search_finds_the_beginning_and_never_the_story():
    text = kind.search_text(kind.content(page_of()))
    assert "คุณอรุณี" in text and "เวลา 16.10 น." in text
    assert "312 คน" not in text and "แจ้งศูนย์เทคโนโลยีสารสนเทศ" not in text


def test_reading_the_same_file_twice_gives_the_same_page():
    key = "9a1e9f0c-6f0a-4a6e-8d52-0c5f0a1f2b3c"
    first, again = (snapshot(page_of(translation_key=key)) for _time in range(2))
    assert first == again
