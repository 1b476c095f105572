"""What of courses is found by whom. Every test first shows that there is something to leak."""

import datetime
import json
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from activities.core.models import Participation
from activities.discussion import groups
from activities.discussion.models import Post
from courses.catalogue.models import ArticlePage, CoursePage, HomePage, LessonPage
from courses.enrolment.enrol import enrol, leave
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.search_source import Courses, Posts
from courses.releases.models import CourseState
from courses.releases.settle import settle, settle_all
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from search import checking, outbox
from search.find import find, suggest
from search.models import PassageRow, Word
from search.sources import viewer_for
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, searchable_demo_course

pytestmark = pytest.mark.django_db

# A sentence of a lesson's body, of a workshop's seed work, of a role-play's later scene, of a quiz.
BODY = "คุณสมศรีมาติดต่อสำนักงานแห่งหนึ่ง"


@pytest.fixture
def state():
    return searchable_demo_course()


@pytest.fixture
def people(state):
    roles = {"visitor": AnonymousUser()}
    for name in ("stranger", "learner", "left", "instructor", "manager", "admin"):
        roles[name] = UserFactory(is_superuser=name == "admin")
    roles["instructor"].groups.add(Group.objects.get(name=INSTRUCTOR))
    roles["manager"].groups.add(Group.objects.get(name=COURSE_MANAGER))
    enrol(roles["learner"], state.course)
    leave(enrol(roles["left"], state.course))
    return roles


def rows(typed, person, language="th"):
    results = find(typed, viewer_for(person), language=language, per_page=50)
    return [hit.row for group in results.groups for hit in group.hits]


def says(typed, person):
    return any(BODY in row.body for row in rows(typed, person))


@pytest.mark.parametrize(
    ("role", "finds"),
    [
        ("visitor", False),
        ("stranger", False),
        ("left", False),
        ("learner", True),
        ("instructor", True),
        ("manager", True),
        ("admin", True),
    ],
)
def test_bodies_are_for_the_enrolled_and_for_those_who_teach(people, role, finds):
    assert says("คุณสมศรีมาติดต่อสำนักงาน", people[role]) == finds


@pytest.mark.parametrize("role", ["visitor", "stranger", "learner", "admin"])
def test_everybody_finds_the_facts(people, role):
    found = rows("รอบรู้ดิจิทัล", people[role])
    assert any(row.kind == "course" for row in found)
    assert any(row.title.startswith("บทที่") for row in rows("ธรรมาภิบาลข้อมูล", people[role]))


def test_a_result_leads_as_far_as_one_may_go(people):
    def urls(person):
        return [row.url for row in rows("บทที่ 4 ข้อมูลส่วนบุคคล", person)]

    assert urls(people["visitor"])[0] == reverse("course", args=[SLUG])
    assert urls(people["learner"])[0].startswith("/th/learn/")


def test_a_lesson_is_found_at_its_passage(people, client):
    row = next(
        row for row in rows("เช้าวันจันทร์ที่เคาน์เตอร์", people["learner"]) if row.scope == "course"
    )
    path, anchor = row.url.split("#")
    client.force_login(people["learner"])
    assert f'id="{anchor}"' in client.get(path).content.decode()


@pytest.mark.parametrize("kind", ["quiz", "role_play_solo", "workshop", "discussion"])
def test_nothing_confidential_is_indexed(state, kind):
    """Answers, later scenes, model solutions and seed voices are in the release, not in the index."""
    indexed = "\n".join(PassageRow.objects.values_list("body", flat=True))
    version = next(
        entry.version
        for entry in state.current.items.select_related("version")
        if entry.version.kind == kind
    )
    content = version.content("th")
    secrets = {
        "quiz": lambda: [question.text for question in content.questions],
        "role_play_solo": lambda: [
            node.text for key, node in content.by_id.items() if key != content.start
        ],
        "workshop": lambda: secret_texts(version.texts["th"], "seed"),
        "discussion": lambda: [voice.text for voice in content.seed_voices],
    }[kind]()
    secrets = [text.strip()[:60] for text in secrets if len(text.strip()) > 30]
    assert len(secrets) >= 2
    assert [text for text in secrets if text in indexed] == []


def secret_texts(text: dict, part: str) -> list[str]:
    """The long strings in the settings of a page whose name holds `part`."""

    def walk(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    found = []
    for name, value in text.items():
        if part in name:
            found += walk(json.loads(value) if isinstance(value, str) else value)
    return [value for value in found if len(value) > 60]


def test_a_draft_is_never_found(state, people):
    page = state.current.items.first().version.page("th")
    lesson = LessonPage.objects.get(
        translation_key=page.translation_key, locale__language_code="th"
    )
    lesson.title = "ชื่อร่างที่ยังไม่เผยแพร่"
    lesson.save_revision()
    settle(state.course)
    outbox.apply_changes()
    titles = [row.title for row in rows("ชื่อร่างที่ยังไม่เผยแพร่", people["admin"])]
    assert "ชื่อร่างที่ยังไม่เผยแพร่" not in titles
    assert not PassageRow.objects.filter(title="ชื่อร่างที่ยังไม่เผยแพร่").exists()


def test_a_withdrawn_course_is_not_found_any_more(state, people):
    assert rows("รอบรู้ดิจิทัล", people["admin"])
    CoursePage.objects.filter(translation_key=state.course).first().unpublish()
    settle_all()
    assert CourseState.objects.get(course=state.course).current is None
    outbox.apply_changes()
    assert [row for row in rows("รอบรู้ดิจิทัล", people["admin"]) if row.course] == []
    assert checking.check(repair=False).faults == []


def test_settling_notes_the_change_once(state):
    from search.models import Pending

    assert Pending.objects.filter(source="courses").count() <= 1
    Pending.objects.all().delete()
    settle(state.course)
    assert not Pending.objects.exists()


def test_words_of_bodies_are_not_suggested(state, people):
    assert not Word.objects.filter(text__contains="สมศรี").exists()
    assert suggest("คุณสมศรี", viewer_for(people["visitor"]), "th") == []


def test_facets_have_names(state):
    labels = Courses().facet_labels("th")
    assert labels["group"]["service"] and labels["method"]["workshop"]


def test_few_queries_for_a_stamp_and_a_viewer(state, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        Courses().stamp(str(state.course))
    with django_assert_max_num_queries(1):
        dict(Courses().groups())
    with django_assert_max_num_queries(4):
        viewer_for(people["learner"])


class TestPosts:
    SAID = "ธนาคารมะม่วงทองส่งข้อความปลอมมาหาผมเมื่อวานนี้"

    @pytest.fixture
    def said(self, state, people):
        """Something that a learner has written in the course's discussion."""
        author = UserFactory()
        enrolment = enrol(author, state.course)
        version = next(
            entry.version
            for entry in state.current.items.select_related("version")
            if entry.version.kind == "discussion"
        )
        participation = Participation.objects.create(
            user=author,
            seat=enrolment.seat,
            cohort=enrolment.run.key,
            item=version.item,
            version=version,
            data={"unlocked_at": "2026-11-24T00:00:00+00:00"},
        )
        groups.join(participation, version.rules, timezone.now())
        post = self.post(participation, self.SAID)
        outbox.apply_changes()
        return post

    def join(self, person, post, *, answered=False, cohort=None):
        """Somebody in the same discussion, or in that of another cohort."""
        enrolment = enrol(person, CourseState.objects.get(slug=SLUG).course)
        participation = Participation.objects.create(
            user=person,
            seat=enrolment.seat,
            cohort=cohort or post.cohort,
            item=post.item,
            version=post.participation.version,
            data={"unlocked_at": "2026-11-24T00:00:00+00:00"} if answered else {},
        )
        if answered:
            groups.join(participation, participation.version.rules, timezone.now())
            self.post(participation, "คำตอบของผู้อื่นซึ่งไม่เกี่ยวกัน")
        return participation

    def post(self, participation, body):
        return Post.objects.create(
            cohort=participation.cohort,
            item=participation.item,
            participation=participation,
            author=participation.user,
            voice=participation.seat,
            kind="initial",
            group=groups.member_of(participation).group.number,
            prompt="p1",
            body=body,
            key=uuid.uuid4(),
        )

    def found(self, person):
        return [row for row in rows("ธนาคารมะม่วงทอง", person) if row.kind == "post"]

    def test_only_for_those_who_have_answered_themselves(self, said, people):
        self.join(people["learner"], said)
        for role in ("visitor", "stranger", "left", "learner", "instructor", "manager", "admin"):
            assert self.found(people[role]) == [], role
        assert len(self.found(said.author)) == 1
        other = UserFactory()
        self.join(other, said, answered=True)
        assert self.found(other)[0].url.endswith(f"/post-{said.pk}/")

    def test_not_for_another_cohort(self, said):
        same, other = UserFactory(), UserFactory()
        self.join(same, said, answered=True)
        course = CourseState.objects.get(slug=SLUG).course
        run = CourseRun.objects.create(course=course, pacing=CourseRun.Pacing.COHORT, name="รุ่น 2")
        self.join(other, said, answered=True, cohort=run.key)
        assert self.found(same) and self.found(other) == []

    def test_not_for_another_group(self, said):
        same, other = UserFactory(), UserFactory()
        self.join(same, said, answered=True)
        apart = self.join(other, said, answered=True)
        member = groups.member_of(apart)
        member.group = groups.new_group(member, timezone.now())
        member.save()
        Post.objects.filter(participation=apart).update(group=member.group.number)
        assert self.found(same) and self.found(other) == []

    def test_not_for_somebody_who_has_left(self, said):
        person = UserFactory()
        self.join(person, said, answered=True)
        assert self.found(person)
        leave(Enrolment.objects.get(user=person))
        assert self.found(person) == []

    def test_only_for_the_enrolled_while_the_course_is_off_offer(self, said, people):
        assert self.found(said.author)
        page = CoursePage.objects.get(slug=SLUG, locale__language_code="th")
        page.unpublish()
        settle_all()
        assert self.found(said.author)
        assert self.found(people["stranger"]) == []
        page.save_revision().publish()
        settle_all()
        checking.check(repair=True)
        assert self.found(said.author)

    def test_what_was_taken_out_is_gone(self, said):
        from activities.discussion.enums import PostState

        assert self.found(said.author)
        said.state = PostState.HIDDEN
        said.save()
        outbox.apply_changes()
        assert self.found(said.author) == []
        assert Posts().stamp(str(said.participation_id)) is None


class TestPages:
    @pytest.fixture
    def article(self, state):
        home = HomePage.objects.filter(locale__language_code="th").first()
        page = ArticlePage(title="ประกาศปิดระบบคืนวันเสาร์", slug="closed", locale=home.locale)
        home.add_child(instance=page)
        page.save_revision().publish()
        outbox.apply_changes()
        return page

    def test_found_while_live(self, article, people):
        assert rows("ประกาศปิดระบบ", people["visitor"])[0].url == article.url
        article.unpublish()
        outbox.apply_changes()
        assert article.title not in [row.title for row in rows("ประกาศปิดระบบ", people["visitor"])]

    def test_not_behind_a_restriction(self, article, people):
        PageViewRestriction.objects.create(page=article, restriction_type=PageViewRestriction.LOGIN)
        outbox.apply_changes()
        assert article.title not in [row.title for row in rows("ประกาศปิดระบบ", people["admin"])]

    def titles(self, person):
        outbox.apply_changes()
        return [row.title for row in rows("ประกาศปิดระบบ", person)]

    def test_not_after_its_date_has_passed(self, article, people):
        """Wagtail expires pages through plain rows."""
        assert article.title in self.titles(people["visitor"])
        Page.objects.filter(pk=article.pk).update(
            expire_at=timezone.now() - datetime.timedelta(minutes=1)
        )
        call_command("publish_scheduled")
        article.refresh_from_db()
        assert not article.live
        assert article.title not in self.titles(people["admin"])

    def test_not_after_moving_behind_a_restriction(self, article, people):
        home = article.get_parent()
        closed = ArticlePage(title="ภายในเท่านั้น", slug="inside", locale=home.locale)
        home.add_child(instance=closed)
        PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
        assert article.title in self.titles(people["visitor"])
        Page.objects.get(pk=article.pk).move(Page.objects.get(pk=closed.pk), pos="last-child")
        assert article.title not in self.titles(people["admin"])
        assert checking.check(repair=False).faults == []

    def test_at_the_new_address_when_a_page_above_has_another(
        self, article, people, django_capture_on_commit_callbacks
    ):
        home = article.get_parent().specific
        above = ArticlePage(title="ข่าว", slug="news", locale=home.locale)
        home.add_child(instance=above)
        article.move(above, pos="last-child")
        outbox.apply_changes()
        above.refresh_from_db()
        above.slug = "announcements"
        with django_capture_on_commit_callbacks(execute=True):
            above.save_revision().publish()
        outbox.apply_changes()
        found = [row.url for row in rows("ประกาศปิดระบบ", people["visitor"])]
        assert any("/announcements/closed/" in url for url in found), found
