"""Nothing shows to whom it must not: every role, every way in which search says something, every engine.

Each text that somebody may not read has a beginning, which is searched for, and an end, by which it
is recognised in what comes back. That it is found by somebody, or stands in a release or a draft, is
asserted first: there is something to leak.
"""

import json
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.models import Participation
from activities.discussion import groups
from activities.discussion.models import Group as TalkGroup
from activities.discussion.models import Post
from courses.catalogue.models import LessonPage
from courses.enrolment.enrol import enrol
from courses.enrolment.models import CourseRun
from courses.releases.models import CourseState
from courses.releases.settle import settle
from lms.people.roles import CENTRAL_ADMINISTRATOR, COURSE_MANAGER, INSTRUCTOR
from search import checking, engines, outbox, store
from search.find import find
from search.models import PassageRow
from search.sources import viewer_for
from tests.factories.courses import enrolled, make_course
from tests.factories.people import MembershipFactory, UserFactory, administrator_of
from tests.factories.site import SLUG, demo_course
from tests.remember import remembered

pytestmark = pytest.mark.django_db

BODY = ("คุณสมศรีมาติดต่อ", "สำนักงานแห่งหนึ่ง")
POST = ("ธนาคารมะม่วงทอง", "ส่งข้อความปลอมมาหาผมเมื่อวานนี้")
DRAFT = ("ร่างลับเรื่องกระเช้า", "ลอยฟ้าข้ามภูเขาน้ำแข็ง")
# A word of the post with an error: a better spelling would tell that the word is there.
MISSPELT, SPELT = "มะม่วทอง", "มะม่วงทอง"

SEEN = {
    "visitor": set(),
    "not enrolled": set(),
    "enrolled": {"body"},
    "enrolled elsewhere": set(),
    "in the group, silent": {"body"},
    "in the group, answered": {"body", "post"},
    "in the group, answered another discussion": {"body"},
    "in another group": {"body"},
    "in another cohort": {"body"},
    "teaches the run": {"body"},
    "teaches another run": {"body"},
    "administers the agency": set(),
    "course manager": {"body"},
    "central administrator": {"body"},
    "superuser": {"body"},
}


@pytest.fixture(
    params=[
        "database",
        pytest.param("elasticsearch", marks=pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")),
    ]
)
def site(request, db):
    """The demo course with a post and a draft: (people by role, secrets by name)."""
    people = {**filled(), "visitor": AnonymousUser()}
    if request.param == "elasticsearch":
        elastic = request.getfixturevalue("elastic")
        elastic.rebuild(store.all_entries(), lambda done: None)
        assert not find("ดิจิทัล", viewer_for(AnonymousUser()), language="th").degraded
    texts = never_indexed(versions_of(CourseState.objects.get(slug=SLUG)))
    return people, {"body": BODY, "post": POST, "draft": DRAFT, **texts}


def versions_of(state) -> dict:
    return {
        entry.version.kind: entry.version for entry in state.current.items.select_related("version")
    }


@remembered
def filled() -> dict:
    """The demo course with what people wrote in it, indexed: those who have an account, by role."""
    engines.database().clear()
    state = demo_course()
    versions = versions_of(state)
    people = everybody(state, versions["discussion"])
    draft_of(versions["lesson"] if "lesson" in versions else state.current.items.first().version)
    settle(state.course)
    outbox.apply_changes()
    checking.rebuild()
    return people


def everybody(state, discussion) -> dict:
    """Somebody of each role; who is in a discussion is there in a run, with an answer or without."""
    people = {role: UserFactory() for role in SEEN if role != "visitor"}
    people["course manager"].groups.add(Group.objects.get(name=COURSE_MANAGER))
    people["central administrator"].groups.add(Group.objects.get(name=CENTRAL_ADMINISTRATOR))
    people["superuser"].is_superuser = people["superuser"].is_staff = True
    people["superuser"].save()
    # Of the agency of somebody who is enrolled: about them it sees figures, and no words.
    agency = MembershipFactory(user=people["enrolled"]).agency
    people["administers the agency"] = administrator_of(agency)
    enrol(people["enrolled"], state.course)
    enrolled(people["enrolled elsewhere"], make_course("elsewhere"))
    other = CourseRun.objects.create(
        course=state.course, pacing=CourseRun.Pacing.COHORT, name="รุ่น 2"
    )
    author, _run = discussing(UserFactory(), state, discussion, POST[0] + POST[1])
    answer = "คำตอบของผู้อื่นซึ่งไม่เกี่ยวกัน"
    discussing(people["in the group, silent"], state, discussion, "")
    discussing(people["in the group, answered"], state, discussion, answer)
    answered_elsewhere(people["in the group, answered another discussion"], state, discussion)
    discussing(people["in another group"], state, discussion, answer, group=2)
    discussing(people["in another cohort"], state, discussion, answer, cohort=other.key)
    for role, run in (("teaches the run", author), ("teaches another run", other)):
        people[role].groups.add(Group.objects.get(name=INSTRUCTOR))
        run.instructors.add(people[role])
    return people


def discussing(person, state, version, said, *, group=None, cohort=None):
    """Somebody in the discussion of the course; returns (the run, their post)."""
    enrolment = enrol(person, state.course)
    participation = Participation.objects.create(
        user=person,
        seat=enrolment.seat,
        cohort=cohort or enrolment.run.key,
        item=version.item,
        version=version,
        data={"unlocked_at": "2026-11-24T00:00:00+00:00"} if said else {},
    )
    if not said:
        return enrolment.run, None
    number = group or 1
    room, _created = TalkGroup.objects.get_or_create(
        cohort=participation.cohort, item=version.item, number=number
    )
    groups.add(room, participation.seat, person.pk, timezone.now())
    post = Post.objects.create(
        cohort=participation.cohort,
        item=version.item,
        participation=participation,
        author=person,
        voice=participation.seat,
        kind="initial",
        prompt="p1",
        body=said,
        key=uuid.uuid4(),
        group=number,
    )
    return enrolment.run, post


def answered_elsewhere(person, state, version) -> None:
    """Somebody who is placed in the group, as a whole cohort is when a discussion opens, and has answered
    in another discussion of the same course only."""
    discussing(person, state, version, "")
    silent = Participation.objects.get(user=person)
    room = TalkGroup.objects.get(cohort=silent.cohort, item=silent.item, number=1)
    groups.add(room, silent.seat, person.pk, timezone.now())
    Participation.objects.create(
        user=person,
        seat=silent.seat,
        cohort=silent.cohort,
        item=uuid.uuid4(),
        version=version,
        data={"unlocked_at": "2026-11-24T00:00:00+00:00"},
    )


def draft_of(version):
    page = version.page("th")
    lesson = LessonPage.objects.get(
        translation_key=page.translation_key, locale__language_code="th"
    )
    lesson.title = lesson.summary = DRAFT[0] + DRAFT[1]
    lesson.save_revision()
    assert DRAFT[1] in lesson.get_latest_revision_as_object().title


def never_indexed(versions) -> dict[str, tuple[str, str]]:
    """Texts of the release that nobody finds: a question of a test, a later scene, a model piece of
    work, a sample voice."""
    role_play = versions["role_play_solo"].content("th")
    seeds = [
        value
        for name, value in versions["workshop"].texts["th"].items()
        if "seed" in name and isinstance(value, str)
    ]
    texts = {
        "quiz question": next(q.text for q in versions["quiz"].content("th").questions),
        "later scene": next(
            node.text for key, node in role_play.by_id.items() if key != role_play.start
        ),
        "sample voice": next(v.text for v in versions["discussion"].content("th").seed_voices),
        "model work": max(strings([json.loads(seed) for seed in seeds]), key=len),
    }
    found = {}
    for name, text in texts.items():
        text = text.strip().splitlines()[0]
        assert len(text) > 30, name
        found[name] = (text[:18], text[18:48])
    return found


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def page(client, typed) -> str:
    with override("th"):
        return client.get(reverse("search"), {"q": typed}).content.decode()


def unmarked(html: str) -> str:
    return html.replace("<mark>", "").replace("</mark>", "")


def shown(client, typed, tell) -> dict[str, bool]:
    """{surface: whether the end of a text can be read there} after a search for its beginning."""
    api = client.get("/api/v1/search", {"q": typed, "language": "th"}).json()
    said = "".join(
        piece["text"]
        for group in api["groups"]
        for hit in group["hits"]
        for piece in [*hit["title"], *hit["excerpt"]]
    )
    marks = [
        piece["text"]
        for group in api["groups"]
        for hit in group["hits"]
        for piece in [*hit["title"], *hit["excerpt"]]
        if piece["found"] and typed in piece["text"]
    ]
    with override("th"):
        suggested = client.get(reverse("search_suggest"), {"q": typed}).json()["suggestions"]
    return {
        "page": tell in unmarked(page(client, typed)),
        "API": tell in said,
        "highlight": bool(marks),
        "suggestion": any(tell in one["title"] for one in suggested[:-1]),
        "did you mean": tell in api["did_you_mean"],
    }


def test_nothing_shows_to_whom_it_must_not(site, client):
    people, secrets = site
    assert not PassageRow.objects.filter(title__contains=DRAFT[1]).exists()
    leaked, hidden = [], []
    for role, person in people.items():
        client.logout()
        if person.is_authenticated:
            client.force_login(person)
        for name, (typed, tell) in secrets.items():
            surfaces = shown(client, typed, tell)
            if name in SEEN[role]:
                hidden += [(role, name, s) for s in ("page", "API") if not surfaces[s]]
            else:
                leaked += [(role, name, s) for s, found in surfaces.items() if found]
    assert leaked == []
    assert hidden == []


def test_counts_and_spellings_tell_nothing(site, client):
    """Facets count only what the person may read, and a better spelling never comes from what only
    some may read."""
    people, _secrets = site

    def counts(typed, **chosen):
        api = client.get("/api/v1/search", {"q": typed, "language": "th", **chosen}).json()
        types = {f["name"]: f["counts"] for f in api["facets"]}.get("type", {})
        return api["total"], types.get("post", 0), api["did_you_mean"]

    client.force_login(people["in the group, answered"])
    # Asked for posts alone, since a facet with one value only is not shown otherwise.
    assert counts(POST[0], type="post")[:2] == (1, 1)
    for role, person in people.items():
        client.logout()
        if person.is_authenticated:
            client.force_login(person)
        if role != "in the group, answered":
            assert counts(POST[0], type="post")[:2] == (0, 0), role
        assert SPELT not in counts(MISSPELT)[2], role
        assert SPELT not in page(client, MISSPELT) or role == "in the group, answered", role
