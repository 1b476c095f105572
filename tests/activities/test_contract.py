"""Every kind of the site, run through the kit that others use."""

import pytest

from activities.core.testkit import Action, KindContract
from activities.discussion.course_file import from_course_file as discussion_of
from activities.discussion.models import DiscussionPage
from activities.quiz.course_file import from_course_file as quiz_of
from activities.quiz.models import QuizPage
from activities.role_play.course_file import from_course_file as role_play_of
from activities.role_play.models import RolePlaySoloPage
from activities.workshop.course_file import from_course_file as workshop_of
from activities.workshop.models import WorkshopPage
from courses.catalogue.models import LessonPage
from tests.activities.discussion.conftest import ANSWERS
from tests.activities.workshop.conftest import KEYS, long_text
from tests.factories import files

SHORT = "สั้นเกินไปมากนะ"


def made(model, read, key: str, language: str, **changes):
    item = files.item(key)
    values = read(item, language) | changes
    return model(title=item["title"][language], minutes=item["minutes"], **values)


class TestLesson(KindContract):
    kind_name = "lesson"

    def make_page(self, language):
        return LessonPage(title="Lesson", minutes=5, body=[("paragraph", "<p>อ่านก่อนลงมือทำ</p>")])

    def walk(self):
        yield Action("mark_read")


class TestQuiz(KindContract):
    kind_name = "quiz"

    def make_page(self, language):
        return made(QuizPage, quiz_of, "a-q1", language)

    def walk(self):
        right = {
            f"question-{q['key']}": [c["key"] for c in q["choices"] if c["correct"]]
            for q in files.item("a-q1")["questions"]
        }
        yield Action("hand_in", {"attempt": "1", **right}, "try")

    def refused(self):
        yield Action("hand_in", {"attempt": "1"}, "try")

    def secrets(self, page):
        return [question.value["text"] for question in page.questions]


class TestRolePlay(KindContract):
    kind_name = "role_play_solo"
    completes = False  # the second play and the reflection have tests of their own

    def make_page(self, language):
        return made(RolePlaySoloPage, role_play_of, "a-r1", language)

    def walk(self):
        item = files.item("a-r1")
        yield Action("begin", {"attempt": "1"})
        choice = next(n for n in item["nodes"] if n["id"] == item["start"])["choices"][0]
        yield Action(
            "choose", {"attempt": "1", "node": item["start"], "choice": choice["id"], "step": "0"}
        )

    def secrets(self, page):
        return [ending.value["text"] for ending in page.endings]


class TestDiscussion(KindContract):
    kind_name = "discussion"
    completes = False  # others have to write, too

    def make_page(self, language):
        return made(DiscussionPage, discussion_of, "a-d1", language)

    def walk(self):
        yield Action("answer", {"body": ANSWERS[0]})

    def refused(self):
        yield Action("answer", {"body": SHORT})


class TestWorkshop(KindContract):
    kind_name = "workshop"
    completes = False  # reviewing and results need others

    def make_page(self, language):
        return made(WorkshopPage, workshop_of, "a-w1", language)

    def walk(self):
        seed = str(self.learner.pk)
        sheet = {f"field-{key}": long_text(f"{seed}-{key}") for key in KEYS}
        yield Action("check", sheet, "work")
        yield Action("send", {}, "check")

    def refused(self):
        yield Action("check", {f"field-{KEYS[0]}": SHORT}, "work")


@pytest.mark.django_db
def test_the_kit_finds_what_is_wrong_with_a_page():
    from activities.core.testkit.html import faults

    assert faults('<label for="a">A</label><input id="a" name="a">') == []
    for html in (
        '<i id="a"></i><i id="a"></i>',
        '<label for="b">B</label>',
        '<input name="a">',
        "<h2>A</h2><h4>B</h4>",
        "<script>1</script>",
        '<p style="color:red">A</p>',
        '<button onclick="x()">A</button>',
        '<form method="post"></form>',
        "<div><section></div>",
        '<img src="a.png">',
        '<img alt="" src="https://elsewhere.example/a.png">',
    ):
        assert len(faults(html)) == 1, html
