"""Files in the worksheet: text first, neutral names, only for those whom they concern."""

import copy
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override

from activities.core.attachments.formats import MOST_FILES
from activities.core.contract import Submitted
from activities.core.errors import Refused
from activities.core.models import Attachment
from activities.workshop import evidence
from activities.workshop.content import parse
from activities.workshop.models import Submission, SubmissionRevision
from tests.factories import uploads
from tests.factories.items import version_of
from tests.factories.uploads import upload

from .conftest import PLAN, Learner, desk_of, form, page_in, raw_item, rendered

pytestmark = pytest.mark.django_db
STEP = "attach-7"


def with_files(required=True, **changes):
    item = copy.deepcopy(raw_item())
    item["worksheet"].append(
        {
            "key": "proof",
            "type": "file",
            "label": {"th": "หลักฐานประกอบ", "en": "Evidence"},
            "required": required,
        }
    )
    return page_in("th", item, **changes), page_in("en", item, **changes)


@pytest.fixture
def version(db):
    thai, english = with_files()
    return version_of(thai, en=english)


def post(learner, action, step, sent=(), **data):
    files = MultiValueDict({"files": list(sent)})
    with override(learner.language):
        files = learner.kind.receive(step, action, files)
    with transaction.atomic(), override(learner.language):
        return learner.kind.handle(learner.visit(), step, action, form(data), files)


def attach(learner, *sent, **data):
    return post(learner, "upload", STEP, sent, **data)


def pdf(name="แผนของสมชาย.pdf"):
    return upload(name, uploads.pdf())


def sent_with(join, *files, **person):
    one = join(**person)
    attach(one, *files)
    one.send()
    one.practise()
    return one


def download(learner, step):
    with override(learner.language):
        return learner.kind.screen(learner.visit(), step).response()


def refused(learner, step):
    with pytest.raises(Refused) as error:
        learner.kind.screen(learner.visit(), step)
    return error.value


def test_the_text_is_saved_before_the_page_for_files_opens(join):
    one = join()
    outcome = one.do("files-7", "work", draft_form="worksheet", **one.worksheet())
    assert outcome.step == STEP
    page = one.see(STEP)
    assert "multipart/form-data" in page and 'type="file"' in page and "Evidence" in page
    assert one.worksheet()["field-goal"] in one.see("work")
    with pytest.raises(Refused):
        one.do("files-1", "work", draft_form="worksheet")  # that field takes text


def test_a_file_is_attached_listed_and_taken_off(join):
    one = join()
    attach(one, pdf())
    assert "แผนของสมชาย.pdf" in one.see(STEP) and "แผนของสมชาย.pdf" in one.see("work")
    key = Attachment.objects.get().key
    post(one, "detach", STEP, file=key)
    assert "แผนของสมชาย.pdf" not in one.see("work")
    post(one, "detach", STEP, file=key)


def test_attaching_begins_the_work(join):
    one = join()
    attach(one, pdf())
    assert one.stage == "drafting" and one.state == "in_progress"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "needs at least one file"), ("th", "ต้องแนบไฟล์อย่างน้อย 1 ไฟล์")]
)
def test_a_required_file_that_is_missing_is_asked_for_with_everything_else(join, language, words):
    one = join(language=language)
    error, page = one.refused("check", "work", **one.worksheet(**{"field-goal": ""}))
    assert set(error.fields) == {"field-goal", "field-proof"}
    assert words in error.fields["field-proof"] and 'href="#field-proof"' in page


def test_a_picture_needs_a_description_before_it_is_sent(join):
    one = join()
    outcome = attach(one, upload("a.jpg", uploads.picture()))
    assert outcome.step == STEP and "what it shows" in outcome.message
    key = Attachment.objects.get().key
    error, _page = one.refused("check", "work", **one.worksheet())
    assert "Describe what “a.jpg” shows" in error.message
    with pytest.raises(Refused) as short:
        post(one, "describe", STEP, **{f"alt-{key}": "x"})
    with override("en"):
        html = rendered(
            one.kind.screen(
                one.visit(), STEP, Submitted("describe", form({f"alt-{key}": "x"}), short.value)
            )
        )
    assert f'id="alt-{key}-error"' in html and 'value="x"' in html
    post(one, "describe", STEP, **{f"alt-{key}": "ผังขั้นตอนการให้บริการ"})
    one.send()
    assert "ผังขั้นตอนการให้บริการ" in one.see("work")


def test_a_refused_file_leaves_the_rest_and_says_why(join):
    one = join()
    attach(one, pdf())
    with pytest.raises(Refused) as error:
        attach(one, upload("x.exe", b"MZ"))
    screen = one.kind.screen(
        one.visit(), STEP, Submitted("upload", form({"alt": "ผัง"}), error.value)
    )
    html = rendered(screen)
    assert ".exe" in html and 'id="files-error"' in html and 'value="ผัง"' in html
    assert "แผนของสมชาย.pdf" in html


def test_no_more_than_five(join):
    one = join()
    attach(one, *(upload(f"{n}.txt", f"แฟ้ม {n}".encode()) for n in range(MOST_FILES)))
    page = one.see(STEP)
    assert 'type="file"' not in page and "There are 5 files already" in page


def test_a_sent_work_keeps_its_files_whatever_is_taken_off_later(join):
    one = join()
    attach(one, pdf())
    one.send()
    with pytest.raises(Refused) as error:
        attach(one, pdf("b.pdf"))
    assert error.value.status == 409
    one.do("take_back", "work")
    first = Attachment.objects.get()
    post(one, "detach", STEP, file=first.key)
    attach(one, upload("new.txt", b"new"))
    one.send()
    assert SubmissionRevision.objects.get().files == {"proof": [first.pk]}
    assert one.work.files == {"proof": [Attachment.objects.last().pk]}
    page = one.see("work")
    assert "แผนของสมชาย.pdf" in page and "new.txt" in page


def test_a_reviewer_gets_neutral_names_and_no_key(join):
    authors = [sent_with(join, pdf(), pdf("b.pdf"), first_name="สมชาย") for _ in range(3)]
    reviewer = authors[0]
    lease = reviewer.take()
    page = reviewer.see(f"review-{lease.pk}")
    assert "work-1.pdf" in page and "สมชาย" not in page
    author = next(a for a in authors if a.participation.pk == lease.author_id)
    for attachment in Attachment.objects.filter(owner=author.participation):
        assert str(attachment.key) not in page
    response = download(reviewer, f"leased-{lease.pk}-1")
    assert 'filename="work-1.pdf"' in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    reviewer.language = "th"
    assert (
        "%E0%B8%87%E0%B8%B2%E0%B8%99-1.pdf"
        in (download(reviewer, f"leased-{lease.pk}-1")["Content-Disposition"])
    )


def test_nobody_else_reads_a_file(join):
    authors = [sent_with(join, pdf()) for _ in range(3)]
    reviewer = authors[0]
    lease = reviewer.take()
    author, third = (
        next(a for a in authors[1:] if (a.participation.pk == lease.author_id) is own)
        for own in (True, False)
    )
    key = Attachment.objects.get(owner=author.participation).key
    download(author, f"file-{key}")
    for other, step in (
        (third, f"file-{key}"),
        (reviewer, f"file-{key}"),
        (third, f"leased-{lease.pk}-1"),
        (reviewer, f"leased-{lease.pk}-2"),
        (reviewer, f"leased-{lease.pk + 99}-1"),
        (author, f"file-{uuid.uuid4()}"),
    ):
        assert refused(other, step).status == 404
    reviewer.later(hours=25)
    assert refused(reviewer, f"leased-{lease.pk}-1").status == 404


def test_a_file_is_gone_for_the_reviewer_once_the_review_is_sent(join):
    authors = [sent_with(join, pdf()) for _ in range(3)]
    lease = authors[0].review()
    assert refused(authors[0], f"leased-{lease.pk}-1").status == 404


def test_the_instructor_reads_them_by_their_own_names_and_only_of_this_run(join, kind):
    one = sent_with(join, pdf())
    key = Attachment.objects.get().key
    page = rendered(kind.desk_screen(desk_of(one), f"work-{one.participation.pk}"))
    assert "แผนของสมชาย.pdf" in page and f"file-{key}" in page
    assert kind.desk_screen(desk_of(one), f"file-{key}").response().status_code == 200
    for desk, step in (
        (desk_of(one, cohort=uuid.uuid4()), f"file-{key}"),
        (desk_of(one), f"file-{uuid.uuid4()}"),
    ):
        with pytest.raises(Refused) as error:
            kind.desk_screen(desk, step)
        assert error.value.status == 404


def test_an_improved_file_stands_beside_the_first(join):
    people = [sent_with(join, pdf()) for _ in range(3)]
    for person in people:
        person.duty()
    one = people[0].advance()
    one.do("acknowledge", "results")
    assert one.do("files-7", "revise", draft_form="plan").step == "improve-7"
    post(one, "upload", "improve-7", [upload("better.txt", "ปรับแล้ว".encode())])
    with pytest.raises(Refused) as error:
        post(one, "upload", "attach-7", [upload("late.txt", b"late")])
    assert error.value.status == 409
    assert "better.txt" in one.see("revise")
    one.do("plan", "revise", plan=PLAN)
    improved = SubmissionRevision.objects.get(improved=True)
    assert improved.files["proof"] == [Attachment.objects.get(name="better.txt").pk]
    assert one.work.files["proof"] == [
        Attachment.objects.get(owner=one.participation, name="แผนของสมชาย.pdf").pk
    ]
    page = one.see("results")
    assert "better.txt" in page and "แผนของสมชาย.pdf" in page


def test_named_workshops_keep_the_names_of_files(kind):
    thai, english = with_files(anonymity="named")
    version, cohort = version_of(thai, en=english), uuid.uuid4()
    people = [Learner(kind, version, cohort) for _ in range(2)]
    for one in people:
        attach(one, pdf())
        one.send()
        one.practise()
    assert "แผนของสมชาย.pdf" in people[0].see(f"review-{people[0].take().pk}")


def test_a_required_file_counts_half_an_hour():
    required, optional = (parse(with_files(required)[0]) for required in (True, False))
    assert evidence.ceiling_of(required) == evidence.ceiling_of(optional) + 30


def test_the_preview_stands_in_for_files(kind):
    from activities.core.rehearsal import rehearse, undone

    page = with_files()[0]
    with undone():
        screen = kind.rehearse(rehearse(page, "review"), "review", "")
        assert any(row["files"] for row in screen.context["work"] if row["takes_files"])
    assert not Submission.objects.exists() and not Attachment.objects.exists()


def test_files_cost_one_query_more(join):
    people = [sent_with(join, pdf(), pdf("b.pdf"), upload("c.txt", b"c")) for _ in range(3)]
    lease = people[0].take()
    visit = people[0].visit()
    visit.rules, visit.content  # noqa: B018 - into memory
    with CaptureQueriesContext(connection) as queries:
        rendered(people[0].kind.screen(visit, f"review-{lease.pk}"))
    assert len(queries) <= 5


def test_the_course_file_knows_fields_for_files():
    from activities.workshop.course_file import to_course_file

    page = with_files()[0]
    exported = to_course_file({"th": page, "en": with_files()[1]})
    (field,) = [one for one in exported["worksheet"] if one.get("type") == "file"]
    assert field["key"] == "proof" and field["required"] is True
    assert all("type" not in one for one in exported["worksheet"] if one["key"] != "proof")
