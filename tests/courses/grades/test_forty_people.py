"""Forty people from enrolling to certificates, by HTTP alone; then every number is reckoned again by
other means from what they did: progress, scores, grades, completion, certificates, reports.

The course is small (a lesson and the three activities, all as the demo course has them). Some stop
half-way, one is excused, one gets a grade by hand, and the pass mark keeps some from completing.
"""

import csv
import io
import re
import uuid
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from activities.core.models import Attempt, Event, Participation
from activities.discussion.enums import PostKind
from activities.discussion.models import Post
from courses.certificates import transcript
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.enrolment.rules import INSTRUCTORS
from courses.grades.models import Grade, Recalculation
from courses.releases.models import ReleaseItem
from tests.activities.workshop.conftest import CRITERIA, KEYS, PLAN, REFERENCE, long_text
from tests.factories.courses import add_activity, add_lesson, forget_settling, make_course, run_of
from tests.factories.courses import state_of as state_of_course
from tests.factories.people import UserFactory

# What a database may do otherwise it does with fewer people too; on PostgreSQL forty take minutes.
PEOPLE = 16 if connection.vendor == "postgresql" else 40
PASS_MARK = 55
WHY = "ตรวจหลักฐานเพิ่มเติมแล้วจึงปรับให้"
WEIGHTS = {"a1": 3, "a2": 1, "a3": 2}
HIDDEN = re.compile(r'name="(attempt|node|step)" value="([^"]*)"')
CHOICE = re.compile(r'name="choice" value="([^"]*)"')


class Person:
    """Somebody with a browser that has no scripts."""

    def __init__(self, n: int):
        self.n, self.user, self.client = n, UserFactory(), Client()
        self.client.force_login(self.user)

    def post(self, item: str, action: str, at: str = "", **data):
        name, arguments = ("item_step", [at]) if at else ("item", [])
        answer = self.client.post(
            reverse(name, args=["forty", item, *arguments]),
            {"action": action, "key": str(uuid.uuid4()), **data},
        )
        assert answer.status_code == 302, (item, action, at, answer.status_code, said(answer))
        return answer["Location"]

    def enrol(self) -> None:
        assert self.client.post(reverse("enrol", args=["forty"])).status_code == 302
        self.enrolment = Enrolment.objects.get(user=self.user)

    def words(self, what: str, chars: int) -> str:
        return long_text(f"{what}-{self.user.pk}-{self.n * 97}", chars + 60)

    def play(self, rules) -> None:
        """One play of the role-play, each person another way, and the reflection."""
        self.post("a1", "begin", attempt="1")
        address = reverse("item", args=["forty", "a1"])
        for turn in range(12):
            page = self.client.get(address).content.decode()
            choices = CHOICE.findall(page)
            if not choices:
                break
            hidden = dict(HIDDEN.findall(page))
            choice = choices[(self.n + turn) % len(choices)]
            self.post("a1", "choose", **hidden, choice=choice)
        self.post("a1", "to_reflection")
        answers = {f"answer-{q.key}": self.words(q.key, q.min_chars) for q in rules.reflection}
        self.post("a1", "reflect", "reflection", **answers)

    def hand_in(self) -> None:
        sheet = {f"field-{key}": self.words(key, 230) for key in KEYS}
        self.post("a3", "check", "work", **sheet)
        self.post("a3", "send", "check")
        self.post(
            "a3",
            "practise",
            "practice",
            example="example-1",
            **{f"points-{key}": level for key, level in REFERENCE.items()},
        )

    def review(self) -> None:
        step = self.post("a3", "take", "review").rstrip("/").rpartition("/")[2].partition("#")[0]
        assert step.startswith("review-"), step
        marks = {f"points-{key}": (self.n + place) % 4 for place, key in enumerate(CRITERIA)}
        self.post("a3", "review", step, overall=self.words(step, 200), **marks)

    def assess(self) -> None:
        self.post("a3", "assess_self", "self", **{f"points-{key}": 2 for key in CRITERIA})

    def finish(self) -> None:
        self.post("a3", "acknowledge", "results")
        self.post("a3", "plan", "revise", plan=PLAN)


def said(answer) -> str:
    found = re.findall(
        r'field__error[^>]*>(.*?)</p>|<div class="error-summary".*?</div>',
        answer.content.decode(),
        re.S,
    )
    return str(found)[:500]


@pytest.fixture
def place(db):
    """The course on offer, its run, and who teaches it."""
    course = make_course("forty", lectures=[], actives=[], offered=False)
    add_lesson(course, "l1", 10)
    add_activity(course, "role_play_solo", "a1", 10, attempts_required=1)
    add_activity(
        course,
        "discussion",
        "a2",
        8,
        required_replies=1,
        distinct_authors=1,
        peers_to_read=0,
        synthesis=False,
    )
    add_activity(course, "workshop", "a3", 20)
    from courses.releases.settle import settle

    state = settle(course.translation_key)
    assert state.current_id, state.problems
    forget_settling()
    run = run_of(course)
    teacher = UserFactory()
    teacher.groups.add(Group.objects.get(name=INSTRUCTORS))
    run.instructors.add(teacher)
    client = Client()
    client.force_login(teacher)
    return state_of_course(course).current, run, client


def test_every_number_is_what_people_did(place, django_capture_on_commit_callbacks):
    release, run, teacher = place
    items = {entry["slug"]: entry["key"] for entry in release.outline["items"]}
    versions = {
        str(found.version.item): found.version
        for found in ReleaseItem.objects.filter(release=release).select_related("version")
    }
    with django_capture_on_commit_callbacks(execute=True):
        weigh(teacher, run)
    people = [Person(n) for n in range(PEOPLE)]
    learn(people, versions[items["a1"]].rules, items)
    by_hand(teacher, run, people, items)

    excused = people[0]
    graded = people[1]
    enrolments = {e.user_id: e for e in Enrolment.objects.filter(run=run)}
    assert len(enrolments) == PEOPLE
    expected = {}
    for person in people:
        enrolment = enrolments[person.user.pk]
        expected[person.user.pk] = reckoned(enrolment, items, versions)
    check_events(people, items)
    for person in people:
        enrolment, (progress, percent, grade, complete) = (
            enrolments[person.user.pk],
            expected[person.user.pk],
        )
        kept = kept_of(enrolment)
        if person is graded:
            assert (kept.computed, kept.value, kept.is_set) == (grade, Decimal(90), True)
            complete = all(progress[key] == 100 for key in items.values())
            percent = 100 if complete else percent
        else:
            assert kept.value == kept.computed == grade, person.n
        assert enrolment.progress == progress, person.n
        assert (enrolment.percent, enrolment.completed_at is not None) == (percent, complete)
        check_certificate(enrolment, complete, versions)
    assert (
        Participation.objects.get(seat=excused.enrolment.seat, item=items["a2"]).state == "excused"
    )
    done = sum(e.completed_at is not None for e in enrolments.values())
    below = sum(
        e.completed_at is None
        and all(p == 100 for p in e.progress.values())
        and len(e.progress) == 4
        for e in enrolments.values()
    )
    assert 5 < done < PEOPLE - 4 and below  # some finished, some stopped, some are below the mark
    check_reports(teacher, run, release, enrolments, items, done)

    before = graded_people()
    with django_capture_on_commit_callbacks(execute=True):
        teacher.post(reverse("teach_recalculate", args=[run.pk]))
    job = Recalculation.objects.order_by("-pk").first()
    assert (job.state, job.done, job.changed, job.completed) == ("done", PEOPLE, 0, 0)
    assert graded_people() == before


def kept_of(enrolment) -> Grade:
    """The stored grade; who has no score yet needs none."""
    return Grade.objects.filter(enrolment=enrolment).first() or Grade(enrolment=enrolment)


def graded_people() -> list:
    rows = Grade.objects.filter(value__isnull=False).order_by("enrolment")
    return [(grade.enrolment_id, grade.value, grade.scores) for grade in rows]


def weigh(teacher, run) -> None:
    data = {"based_on": "0", "scale": "letters", "pass_mark": str(PASS_MARK), "action": "save"}
    data |= {f"item-{n}-weight": w for n, w in enumerate(WEIGHTS.values(), start=1)}
    answer = teacher.post(reverse("teach_grade_rules", args=[run.pk]), data | {"reason": WHY})
    assert answer.status_code == 302


def learn(people, role_play, items) -> None:
    """Everybody does everything, but the last four stop one item earlier each."""
    stops = {PEOPLE - 1: 0, PEOPLE - 2: 1, PEOPLE - 3: 2, PEOPLE - 4: 3}
    until = {person: stops.get(person.n, 4) for person in people}
    for person in people:
        person.enrol()
        if until[person] > 0:
            person.post("l1", "mark_read")
        if until[person] > 1:
            person.play(role_play)
    talkers = [person for person in people if until[person] > 2 and person.n != 0]
    for person in talkers:
        person.post("a2", "answer", body=person.words("answer", 640))
    answers = list(
        Post.objects.filter(item=items["a2"], kind=PostKind.INITIAL, author__isnull=False)
        .order_by("pk")
        .values_list("pk", "group", "author__email")
    )
    assert len(answers) == len(talkers)
    for person in talkers:
        mine = next(
            n for n, (_pk, _group, email) in enumerate(answers) if email == person.user.email
        )
        # The next one of the own group.
        others = [*answers[mine + 1 :], *answers[:mine]]
        peer = next(pk for pk, group, _email in others if group == answers[mine][1])
        person.post("a2", "reply", f"reply-{peer}", body=person.words("reply", 240))
    makers = [person for person in people if until[person] > 3]
    for person in makers:
        person.hand_in()
    for _round in range(2):
        for person in makers:
            person.review()
    for person in makers:
        person.assess()
    for person in makers:
        person.finish()


def by_hand(teacher, run, people, items) -> None:
    """The instructor excuses one person from the discussion and sets another's grade."""
    address = reverse("teach_person", args=[run.pk, people[0].enrolment.pk])
    data = {"action": "excuse", "item": items["a2"], "reason": WHY}
    assert teacher.post(address, data).status_code == 302
    address = reverse("teach_grade", args=[run.pk, people[1].enrolment.pk])
    data = {"action": "override", "score": "90", "reason": WHY}
    assert teacher.post(address, data).status_code == 302


# -- the second reckoning -----------------------------------------------------------------------


def reckoned(enrolment, items, versions) -> tuple:
    """(progress, per cent, grade, complete) from the participations, by the rules in words."""
    found = {str(p.item): p for p in Participation.objects.filter(seat=enrolment.seat)}
    progress, hundredths, total = {}, 0, 0
    for key, version in versions.items():
        total += version.minutes
        participation = found.get(key)
        if participation is None:
            continue
        over = participation.completed_at is not None or participation.state == "excused"
        progress[key] = 100 if over else participation.progress
        hundredths += version.minutes * progress[key]
    scored = [
        (weight, Fraction(found[items[slug]].score))
        for slug, weight in WEIGHTS.items()
        if items[slug] in found and found[items[slug]].score is not None
    ]
    grade = None
    if scored:
        exact = sum(w * s for w, s in scored) / sum(w for w, _s in scored)
        grade = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
            Decimal("0.00001"), rounding=ROUND_HALF_UP
        )
    finished = all(progress.get(key) == 100 for key in versions)
    complete = finished and grade is not None and grade >= PASS_MARK
    percent = 100 if complete else min(99, hundredths // 100 * 100 // total)
    return progress, percent, grade, complete


def check_events(people, items) -> None:
    """What is called complete was done by that person, and left its trace."""
    read = set(Event.objects.filter(kind="lesson_read").values_list("actor", flat=True))
    sent = set(Event.objects.filter(kind="workshop_sent").values_list("actor", flat=True))
    wrote = {
        kind: set(Post.objects.filter(kind=kind).values_list("author", flat=True))
        for kind in (PostKind.INITIAL, PostKind.REPLY)
    }
    played = {
        attempt.participation.user_id: attempt.score
        for attempt in Attempt.objects.filter(
            state="finished", participation__item=items["a1"]
        ).select_related("participation")
    }
    done = {
        (p.user_id, str(p.item)): p.score
        for p in Participation.objects.filter(completed_at__isnull=False)
    }
    for person in people:
        pk = person.user.pk
        assert ((pk, items["l1"]) in done) is (pk in read)
        assert ((pk, items["a1"]) in done) is (pk in played)
        if pk in played:
            assert done[pk, items["a1"]] == played[pk]
        assert ((pk, items["a2"]) in done) is (pk in wrote[PostKind.REPLY])
        assert pk in wrote[PostKind.INITIAL] or (pk, items["a2"]) not in done
        assert ((pk, items["a3"]) in done) is (pk in sent)


def check_certificate(enrolment, complete, versions) -> None:
    found = Certificate.objects.filter(enrolment=enrolment)
    assert found.count() == complete
    for certificate in found:
        by_kind = {
            kind: sum(v.active for v in versions.values() if v.kind == kind)
            for kind in ("workshop", "discussion", "role_play_solo")
        }
        assert certificate.completed_at == enrolment.completed_at
        assert (certificate.workshop_minutes, certificate.discussion_minutes) == (
            by_kind["workshop"],
            by_kind["discussion"],
        )
        assert certificate.role_play_minutes == by_kind["role_play_solo"]
        assert certificate.lecture_minutes == sum(v.lecture for v in versions.values())
        assert certificate.total_minutes == sum(v.minutes for v in versions.values())
        [year] = transcript.sums(enrolment.user).values()
        assert (year["courses"], year["total"]) == (1, certificate.total_minutes)


def table(client, name, run) -> list[dict]:
    content = b"".join(client.get(reverse(name, args=[run.pk])).streaming_content).decode()
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    return {row[1]: row for row in rows[1:]}


def check_reports(teacher, run, release, enrolments, items, done) -> None:
    """The tables and pages that instructors read say the same."""
    progress, grades = table(teacher, "teach_csv", run), table(teacher, "teach_grades_csv", run)
    order = [entry["key"] for entry in release.outline["items"]]
    assert len(progress) == len(grades) == PEOPLE
    for enrolment in enrolments.values():
        mail = enrolment.user.email
        assert progress[mail][2] == grades[mail][2] == str(enrolment.percent)
        assert [int(n) for n in progress[mail][5:]] == [
            enrolment.progress.get(key, 0) for key in order
        ]
        kept = kept_of(enrolment)
        floor = "" if kept.value is None else kept.value.quantize(Decimal("0.01"), "ROUND_FLOOR")
        assert (Decimal(grades[mail][4]) if grades[mail][4] else "") == floor
    page = teacher.get(reverse("teach_run", args=[run.pk])).context
    assert (page["counts"]["participants"], page["counts"]["completed"]) == (PEOPLE, done)
    book = teacher.get(reverse("teach_grades", args=[run.pk])).context
    assert len(book["rows"]) == PEOPLE
    for row in book["rows"]:
        assert row["value"] == kept_of(row["enrolment"]).value
