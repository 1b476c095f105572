"""What somebody must not know, or not yet, stands in no copy of data, no table, no calendar and no search result.

In the run: reviews of a work that are not open yet, grades that are not released, answers before one's own, posts of
another group, works of others, sample texts, the reasons of those who teach. That it is there, and that it comes once it
is due, is asserted too: there is something to leak.
"""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import Group as Role
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.models import PhaseDates
from activities.discussion.models import Grade, Group, Member, Post
from activities.workshop import standing
from activities.workshop.models import Review, Submission
from courses.community import calendar
from courses.enrolment.models import CourseRun
from courses.grades.models import Grade as CourseGrade
from lms.people.models import PersonalExport
from lms.people.roles import INSTRUCTOR
from search import checking, engines, outbox
from tests.factories.people import AgencyFactory, MembershipFactory, UserFactory, administrator_of
from tests.factories.run_people import InRun, versions_of
from tests.factories.site import SLUG, demo_course, the_run
from tests.search.test_leaks import never_indexed, page, unmarked

pytestmark = pytest.mark.django_db

# Texts of others or of those who teach: {what: (a beginning to search for, an end to know it by)}
ANSWER = ("ธนาคารมะม่วงทอง", "ส่งข้อความปลอมมาหาผมเมื่อวานนี้")
FAR = ("สหกรณ์ดอกปีบขาว", "เล่าเรื่องของกลุ่มอื่นโดยเฉพาะ")
WORK = ("แผนพัฒนาของเพื่อน", "จะอบรมกันทุกบ่ายวันพุธต้นเดือน")
REVIEW = ("คำวิจารณ์ยังไม่เปิด", "ขั้นตอนที่สองขาดผู้รับผิดชอบ")
COMMENT = ("ความเห็นต่อคะแนน", "ยังไม่เผยแพร่แก่ผู้เรียนคนใด")
REASON = ("เหตุผลที่ตั้งคะแนน", "วิทยากรบันทึกไว้เป็นการภายใน")
OWN = "ข้อความของข้าพเจ้าเองในใบงาน"
MARK = "64.71"


@pytest.fixture
def place():
    """A run with somebody who waits for results, and those who know more."""
    state, run = demo_course(), the_run()
    versions = versions_of(state)
    me, peer, other, far = (InRun(state, run, versions, first_name=f"คนที่{n}") for n in range(4))
    for one in (me, peer, other, far):
        one.worker.send()
        one.worker.practise()
    for one in (peer, other, far):
        one.worker.duty()
    Submission.objects.exclude(pk=me.work.pk).update(values={"now": "".join(WORK)})
    Submission.objects.filter(pk=me.work.pk).update(values={"now": OWN})
    for review in Review.objects.filter(submission=me.work):
        scores = {k: {**row, "comment": "".join(REVIEW)} for k, row in review.scores.items()}
        Review.objects.filter(pk=review.pk).update(overall="".join(REVIEW), scores=scores)

    peer.talker.answer(0)
    far.talker.answer(1)
    post = far.talker.post()
    elsewhere = Group.objects.create(cohort=run.key, item=post.item, number=77)
    Member.objects.filter(user=far.user).update(group=elsewhere)
    Post.objects.filter(pk=post.pk).update(body="".join(FAR), group=77)
    Post.objects.filter(author=peer.user).update(body="".join(ANSWER))
    Grade.objects.create(
        participation=me.talker.participation, score=Decimal(MARK), comment="".join(COMMENT)
    )
    PhaseDates.objects.create(
        cohort=run.key, item=post.item, phase="initial", due_at=timezone.now() + timedelta(days=2)
    )
    secrets = {
        "answer": ANSWER, "other group": FAR, "work": WORK, "review": REVIEW,
        "comment": COMMENT, "reason": REASON, **never_indexed(versions),
    }  # fmt: skip
    return {"me": me, "peer": peer, "run": run, "versions": versions, "secrets": secrets}


def found_in(text: str, secrets: dict) -> set[str]:
    return {name for name, (_typed, tell) in secrets.items() if tell in text}


def copy_of(client, user, capture) -> tuple[dict, str]:
    """The copy of somebody's data as they download it: (data.json, both files as text)."""
    client.force_login(user)
    PersonalExport.objects.filter(user=user).delete()
    with capture(execute=True):
        assert client.post(reverse("own_data")).status_code == 302
    wanted = PersonalExport.objects.get(user=user)
    response = client.get(reverse("own_copy", args=[wanted.pk]))
    assert response.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    texts = [archive.read(name).decode() for name in sorted(archive.namelist())]
    return json.loads(archive.read("data.json")), "\n".join(texts)


def sheet(response) -> str:
    """What a downloaded table says, of either format."""
    assert response.status_code == 200
    content = (
        b"".join(response.streaming_content)
        if getattr(response, "streaming", False)
        else response.content
    )
    if "csv" in response["Content-Type"]:
        return content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(str(cell) for one in book for row in one.values for cell in row if cell)


def test_a_copy_of_ones_data_tells_nothing_before_its_time(
    client, place, django_capture_on_commit_callbacks
):
    me = place["me"]
    work = me.work
    assert work.opened_at is None and work.grade is not None and work.reviewer_grade is not None
    assert Review.objects.filter(submission=work, kind="peer").exists()
    data, said = copy_of(client, me.user, django_capture_on_commit_callbacks)
    assert OWN in said
    assert found_in(said, place["secrets"]) == set()
    assert MARK not in said
    mine = data["activities"]["workshop"]["works"][0]
    assert (mine["grade"], mine["reviewer_grade"], mine["score_set_by_instructor"]) == (None,) * 3
    assert data["activities"]["workshop"]["reviews_received"] == []

    # What is due comes; what is others' does not.
    standing.bring_up_to_date(me.worker.participation.pk, timezone.now(), open_by="instructor")
    Grade.objects.update(released_at=timezone.now())
    me.talker.answer(2)
    data, said = copy_of(client, me.user, django_capture_on_commit_callbacks)
    assert found_in(said, place["secrets"]) == {"review", "comment"}
    assert MARK in said
    assert data["activities"]["workshop"]["works"][0]["grade"] is not None
    for somebody in (place["peer"].user.first_name, "คนที่3"):
        assert somebody not in said, "who reviewed is not told"


def test_a_score_set_before_the_results_is_not_told_either(
    client, place, django_capture_on_commit_callbacks
):
    Submission.objects.filter(pk=place["me"].work.pk).update(
        override=Decimal("63.59"), override_reason="".join(REASON), grade=Decimal("63.59")
    )
    _data, said = copy_of(client, place["me"].user, django_capture_on_commit_callbacks)
    assert "63.59" not in said and found_in(said, place["secrets"]) == set()


def test_ones_own_pages_and_tables_of_grades_tell_nothing_before_their_time(client, place):
    me = place["me"]
    client.force_login(me.user)
    CourseGrade.objects.get_or_create(enrolment=me.enrolment)
    grade = str(me.work.grade)[:5]
    for address in (
        reverse("my_grades", args=[SLUG]),
        reverse("transcript"),
        reverse("transcript_csv"),
        reverse("dashboard"),
        reverse("notices"),
    ):
        response = client.get(address)
        assert response.status_code == 200
        said = sheet(response) if "csv" in response["Content-Type"] else response.content.decode()
        assert found_in(said, place["secrets"]) == set(), address
        assert MARK not in said and grade not in said, address


def test_the_calendar_tells_dates_alone(client, place):
    CourseRun.objects.filter(pk=place["run"].pk).update(pacing=CourseRun.Pacing.COHORT)
    for one in (place["me"], place["peer"]):
        secret = calendar.renew(one.user).secret
        with override("th"):
            response = client.get(reverse("calendar_feed", args=[secret]))
        said = response.content.decode().replace("\r\n ", "")
        assert response.status_code == 200
        assert found_in(said, place["secrets"]) == set() and MARK not in said
    assert "DL-101" in said, "there are dates in it"


TABLES = [
    "teach_csv", "teach_people_csv", "teach_people_xlsx", "teach_matrix_csv", "teach_matrix_xlsx",
    "teach_grades_csv", "teach_grades_xlsx", "teach_attendance_csv", "teach_attendance_xlsx",
    "run_survey_csv", "run_survey_xlsx",
]  # fmt: skip


def tables(place) -> dict[str, str]:
    """{name: address} of every table about the run's people, those with texts last."""
    run, versions = place["run"], place["versions"]
    found = {name: reverse(name, args=[run.pk]) for name in TABLES}
    for kind, step in (("workshop", "table"), ("discussion", "export")):
        found[kind] = reverse("teach_item_step", args=[run.pk, versions[kind].item, step])
    return found


def test_the_tables_of_a_run_are_for_those_who_teach_it(client, place):
    """Who learns in the run, teaches another one or administers an agency gets none of them."""
    agency = AgencyFactory()
    MembershipFactory(user=place["me"].user, agency=agency)
    teacher, stranger = UserFactory(), UserFactory()
    other = CourseRun.objects.create(course=place["run"].course, name="รุ่น 2", pacing="cohort")
    for somebody, run in ((teacher, place["run"]), (stranger, other)):
        somebody.groups.add(Role.objects.get(name=INSTRUCTOR))
        run.instructors.add(somebody)
    for somebody in (place["me"].user, place["peer"].user, stranger, administrator_of(agency)):
        client.force_login(somebody)
        for name, address in tables(place).items():
            response = client.get(address)
            assert response.status_code in (403, 404), name
            assert found_in(response.content.decode(), place["secrets"]) == set(), name

    # For the run's own instructor: lists and figures hold nothing that anybody wrote.
    client.force_login(teacher)
    said = {name: sheet(client.get(address)) for name, address in tables(place).items()}
    assert place["me"].user.email in said["teach_people_csv"]
    for name in TABLES + ["workshop"]:
        assert found_in(said[name], place["secrets"]) == set(), name
    assert found_in(said["discussion"], place["secrets"]) >= {"answer", "other group"}
    assert "review" not in found_in(said["discussion"], place["secrets"])


def test_an_agencys_tables_hold_no_text_and_no_grade_that_is_not_released(client, place):
    agency = AgencyFactory()
    MembershipFactory(user=place["me"].user, agency=agency)
    client.force_login(administrator_of(agency))
    routes = ["agency_csv", "agency_xlsx", "agency_report_csv", "agency_report_xlsx"]
    for name in routes:
        said = sheet(client.get(reverse(name)))
        assert place["me"].user.email in said, name
        assert found_in(said, place["secrets"]) == set(), name
        assert MARK not in said and str(place["me"].work.grade)[:5] not in said, name
    for name in ("agency_people", "agency_report"):
        assert found_in(client.get(reverse(name)).content.decode(), place["secrets"]) == set()


def test_search_finds_nothing_of_it_for_whoever_waits(client, place):
    engines.database().clear()
    outbox.apply_changes()
    checking.rebuild()
    client.force_login(place["me"].user)
    for name, (typed, tell) in place["secrets"].items():
        found = client.get("/api/v1/search", {"q": typed, "language": "th"}).json()
        assert tell not in json.dumps(found, ensure_ascii=False), name
        assert tell not in unmarked(page(client, typed)), name
        with override("th"):
            suggested = client.get(reverse("search_suggest"), {"q": typed}).content.decode()
        assert tell not in suggested, name
