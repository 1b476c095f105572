"""The author's side: the page, its publishing problems, the course file; and what a thread costs."""

import copy
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from activities.core.contract import Minutes
from activities.core.course_file import CourseFileError
from activities.discussion.course_file import from_course_file, supported
from activities.discussion.models import Post
from tests.factories.people import UserFactory

from .conftest import ANSWERS, page_in, raw_item, render

pytestmark = pytest.mark.django_db


# -- page and course file -----------------------------------------------------------------------


def test_the_course_file_gives_a_page_without_problems(kind):
    for language in ("th", "en"):
        page = page_in(language)
        page.full_clean(exclude=["path", "depth", "slug", "title", "locale"])
        assert kind.problems(page) == []
    assert kind.ceiling(page_in("th")) == 41
    assert kind.minutes(page_in("th")) == Minutes(active=35)


def test_reading_the_file_twice_gives_the_same_page():
    assert from_course_file(raw_item(), "th") == from_course_file(copy.deepcopy(raw_item()), "th")
    th, en = (from_course_file(raw_item(), language) for language in ("th", "en"))
    assert [b["id"] for b in th["prompts"]] == [b["id"] for b in en["prompts"]]
    assert [b["value"]["key"] for b in th["seed_voices"]] == [
        "voice-1",
        "voice-2",
        "voice-3",
        "voice-4",
    ]


@pytest.mark.parametrize(
    ("path", "break_it"),
    [
        (["prompts"], lambda item: item.pop("prompts")),
        (["prompts", 0, "text"], lambda item: item["prompts"][0].pop("text")),
        (["prompts", 0, "text", "en"], lambda item: item["prompts"][0]["text"].pop("en")),
        (["prompts", 0, "key"], lambda item: item["prompts"][0].pop("key")),
        (["required_replies"], lambda item: item.update(required_replies="two")),
        (["required_replies"], lambda item: item.update(required_replies=9)),
        (["min_chars_initial"], lambda item: item.update(min_chars_initial=100)),
        (["seed_voices", 1, "author"], lambda item: item["seed_voices"][1].pop("author")),
        (["reply_frames", 0, "frame", "en"], lambda item: item["reply_frames"][0].pop("en")),
        (
            ["rubric", 0, "levels", 1, "points"],
            lambda item: item["rubric"][0]["levels"][1].update(points=-1),
        ),
        (["synthesis_prompt"], lambda item: item.pop("synthesis_prompt")),
        (["points"], lambda item: item.update(points=[50, 30, 30])),
        (["format"], lambda item: item.update(format="chat")),
        (["seed_voices"], lambda item: item.update(seed_voices="none")),
    ],
)
def test_what_is_wrong_in_a_course_file_is_named_with_its_place(path, break_it):
    item = copy.deepcopy(raw_item())
    break_it(item)
    with pytest.raises(CourseFileError) as error:
        from_course_file(item, "en")
    assert error.value.path == path


def test_formats_that_are_not_there_yet_are_named():
    assert supported(raw_item()) is None
    assert "Debate" in supported({"format": "debate"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompts": []}, "at least one prompt"),
        ({"prompts": [{"type": "prompt", "value": {"key": "p1", "text": "อภิปราย", "sources": []}}]}, "at least one prompt"),
        ({"required_replies": 3, "target_group_size": 3}, "More replies are required"),
        ({"required_replies": 1, "distinct_authors": 2}, "more people than there are replies"),
        ({"required_replies": 0, "distinct_authors": 0, "synthesis": False}, "at least one reply or a conclusion"),
        ({"points_initial": 60}, "100 together (now 110)"),
        ({"synthesis_prompt": ""}, "question for the conclusion"),
        ({"format": "debate"}, "not available yet"),
        ({"min_chars_initial": 100}, "300 to 3,000"),
        ({"required_replies": 6, "target_group_size": 20}, "At most five replies"),
    ],
)  # fmt: skip
def test_what_keeps_a_discussion_from_being_offered(kind, changes, words):
    assert any(words in problem for problem in kind.problems(page_in("th", **changes)))


def test_the_same_prompt_makes_the_same_task(kind):
    assert kind.fingerprint(page_in("th")) == kind.fingerprint(page_in("th", required_replies=1))
    assert kind.fingerprint(page_in("th")) != kind.fingerprint(page_in("en"))


def test_a_preview_needs_no_database_rows(kind, rf):
    from activities.core.contract import PreviewVisit
    from activities.core.models import ItemVersion, Participation

    page = page_in("th")
    version = ItemVersion(
        item=page.translation_key, kind=kind.name, source_language="th", languages=["th"], texts={}
    )
    visit = PreviewVisit(
        participation=Participation(item=page.translation_key, version=version),
        version=version,
        user=UserFactory(),
        language="th",
        base_url="#",
        is_preview=True,
    )
    visit.page = page
    with CaptureQueriesContext(connection) as queries:
        html = render(kind.screen(visit, ""), visit, is_preview=True)
    assert len(queries) == 0
    assert page.prompts[0].value["text"][:40] in html


# -- what a thread costs ------------------------------------------------------------------------


def fill(learner, count: int) -> None:
    for n in range(count):
        user = UserFactory()
        Post.objects.create(
            cohort=learner.participation.cohort,
            item=learner.participation.item,
            author=user,
            voice=uuid.uuid4(),
            group=1,
            kind="initial",
            prompt="p1",
            body=f"{n} {ANSWERS[n % 3]}",
            created_at=timezone.now(),
        )


def cost(learner, step: str) -> tuple[int, str]:
    visit = learner.visit()
    visit.rules, visit.content  # noqa: B018 - parsed once per process, not per page
    with CaptureQueriesContext(connection) as queries:
        html = render(learner.kind.screen(visit, step))
    return len(queries), html


def test_fifty_posts_cost_the_queries_of_ten(join):
    learner = join()
    learner.answer(0)
    fill(learner, 6)
    cost(learner, "")
    few, _ = cost(learner, "")
    fill(learner, 40)
    cost(learner, "")
    many, html = cost(learner, "")
    assert html.count('<li class="post"') == 50
    assert many == few <= 8
    assert len(html.encode()) < 50_000
    sizes = [len(part.encode()) for part in html.split('<li class="post"')[1:-1]]
    texts = [len(entry["body"].encode()) for entry in learner.see("").context["entries"]]
    assert max(size - text for size, text in zip(sizes, texts, strict=False)) < 700


def test_the_first_look_costs_one_query_more_for_the_marks(join):
    learner = join()
    learner.answer(0)
    first, _ = cost(learner, "")
    again, _ = cost(learner, "")
    assert again < first <= 8


def test_the_stream_has_pages_of_fifty(join):
    learner = join()
    learner.answer(0)
    fill(learner, 60)
    first, second = learner.see("stream"), learner.see("page-2")
    assert (len(first.context["entries"]), len(second.context["entries"])) == (50, 14)
    assert "page-2" in render(first)
    seen = {e["id"] for e in first.context["entries"]} | {
        e["id"] for e in second.context["entries"]
    }
    assert len(seen) == 64


def test_of_a_long_stream_a_post_counts_as_read_once_it_was_opened(join):
    learner = join()
    learner.answer(0)
    fill(learner, 20)
    learner.see()
    post = next(e for e in learner.see().context["entries"] if e["cut"])
    before = learner.see().context["standing"].reads
    assert ANSWERS[0][-40:] not in render(learner.see())
    learner.see(f"post-{post['id']}")
    assert learner.see().context["standing"].reads == before + 1


def test_a_thread_with_many_replies_costs_the_queries_of_a_short_one(join):
    learner = join()
    learner.answer(0)
    fill(learner, 1)
    root = Post.objects.filter(kind="initial").last()
    costs = []
    for count in (3, 60):
        for n in range(count):
            Post.objects.create(
                cohort=root.cohort, item=root.item, group=1, author=UserFactory(), voice=uuid.uuid4(),
                kind="reply", parent=root, root=root, body=f"ตอบ {n}", created_at=timezone.now(),
            )  # fmt: skip
        cost(learner, f"reply-{root.pk}")
        costs.append(cost(learner, f"reply-{root.pk}")[0])
    assert costs[0] == costs[1] <= 10  # one of them is the cursor of what is new
    assert len(learner.see(f"post-{root.pk}-2").context["replies"]) == 13


def test_every_screen_of_a_learner_renders_in_both_languages(join):
    learner, other = join(), join()
    learner.answer(0)
    other.answer(1)
    pk, own = other.post().pk, learner.post().pk
    for language in ("th", "en"):
        learner.language = language
        with override(language):
            for step in (
                "",
                "stream",
                "mine",
                "synthesis",
                f"post-{pk}",
                f"reply-{pk}",
                f"report-{pk}",
                f"edit-{own}",
                f"delete-{own}",
            ):
                html = render(learner.see(step))
                assert "<h2" in html and "style=" not in html and "<script>" not in html
