"""What authors are told, how a course file is read, what the catalogue says."""

import copy
import json

import pytest
from django.utils.translation import override

from activities.core.course_file import CourseFileError
from activities.core.models import ItemVersion
from activities.workshop import people
from activities.workshop.course_file import from_course_file, supported
from activities.workshop.models import Review, ReviewLease, Submission
from tests.factories.items import version_of

from .conftest import PLAN, page_in, raw_item

pytestmark = pytest.mark.django_db


def changed(field, change):
    """A field of the page's raw blocks, changed."""
    blocks = copy.deepcopy(list(getattr(page_in("th"), field).raw_data))
    change(blocks)
    return {field: blocks}


def no_weights(blocks):
    for block in blocks:
        block["value"]["weight"] = 0


def equal_levels(blocks):
    for level in blocks[0]["value"]["levels"]:
        level["value"]["points"] = 1


def one_level(blocks):
    del blocks[3]["value"]["levels"][1:]


def same_keys(blocks):
    blocks[1]["value"]["key"] = blocks[0]["value"]["key"]


def short_sample(blocks):
    blocks[0]["value"]["worksheet"][0]["value"]["text"] = "สั้น"


def unknown_level(blocks):
    blocks[0]["value"]["reference"][0]["value"]["points"] = 9


PROBLEMS = [
    (
        lambda: {"rubric": []},
        "Add at least one criterion before peers can review.",
        "ต้องมีเกณฑ์ประเมินอย่างน้อย 1 ข้อก่อนเปิดการประเมินโดยเพื่อน",
    ),
    (
        lambda: changed("rubric", no_weights),
        "The weights of the criteria must add up to more than 0.",
        "น้ำหนักรวมของเกณฑ์ต้องมากกว่า 0",
    ),
    (
        lambda: changed("rubric", equal_levels),
        "“ความชัดเจนของเป้าหมาย” needs at least two levels with different points.",
        "ระดับคะแนนในเกณฑ์ «ความชัดเจนของเป้าหมาย» ต้องต่างกันอย่างน้อย 2 ระดับ",
    ),
    (
        lambda: changed("rubric", one_level),
        "“หลักฐานความสำเร็จ” needs at least two levels with different points.",
        "ระดับคะแนนในเกณฑ์ «หลักฐานความสำเร็จ» ต้องต่างกันอย่างน้อย 2 ระดับ",
    ),
    (
        lambda: {"worksheet": []},
        "Add at least one required field: a workshop ends with something made.",
        "เพิ่มช่องที่ต้องกรอกอย่างน้อย 1 ช่อง เพราะเวิร์กช็อปต้องจบด้วยผลงาน",
    ),
    (
        lambda: {"mode": "live"},
        "Workshops with live sessions are not available yet. Choose “In one's own time, with peer review”.",
        "เวิร์กช็อปแบบนัดหมายสดยังไม่เปิดให้ใช้ กรุณาเลือก “ทำตามเวลาของตนเอง และประเมินโดยเพื่อน”",
    ),
    (
        lambda: {"team_size": 4},
        "Workshops in teams are not available yet. Set the people in a team to 1.",
        "เวิร์กช็อปแบบทีมยังไม่เปิดให้ใช้ กรุณากำหนดจำนวนคนในทีมเป็น 1",
    ),
    (
        lambda: changed("worksheet", same_keys),
        "Two of the fields have the same key.",
        "มีช่องในใบงานที่ใช้รหัสอ้างอิงซ้ำกัน",
    ),
    (
        lambda: changed("seed_submissions", short_sample),
        "“ตัวอย่างงาน 1” is shorter in “ปัจจุบันฉันทำงานนี้อย่างไร และใช้เวลาเท่าใด” than what learners are asked for.",
        "“ตัวอย่างงาน 1” มีเนื้อหาในช่อง “ปัจจุบันฉันทำงานนี้อย่างไร และใช้เวลาเท่าใด” สั้นกว่าที่กำหนดให้ผู้เรียน",
    ),
    (
        lambda: changed("seed_submissions", unknown_level),
        "“ตัวอย่างงาน 1” needs one of the levels of “ความชัดเจนของเป้าหมาย” as a reference.",
        "“ตัวอย่างงาน 1” ต้องมีคะแนนอ้างอิงที่ตรงกับระดับของเกณฑ์ “ความชัดเจนของเป้าหมาย”",
    ),
]


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize(("change", "english", "thai"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_what_keeps_a_workshop_from_being_offered(kind, change, english, thai, language):
    with override(language):
        found = kind.problems(page_in("th", **change()))
    assert {"en": english, "th": thai}[language] in found


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_demo_workshop_can_be_offered_and_is_worth_its_minutes(kind, language):
    page = page_in(language)
    assert kind.problems(page) == []
    assert kind.ceiling(page) == raw_item()["evidence_ceiling_minutes"] == 76
    assert kind.minutes(page).active == 60


def test_half_a_workshop_can_be_parsed(kind):
    empty = page_in("th", worksheet=[], rubric=[], examples=[], seed_submissions=[])
    empty.instructions = ""
    assert kind.content(empty).fields == ()
    assert kind.ceiling(empty) == 0 and len(kind.problems(empty)) == 2


def test_an_optional_field_earns_nothing(kind):
    def optional(blocks):
        for block in blocks:
            block["value"]["required"] = False

    assert kind.ceiling(page_in("th", **changed("worksheet", optional))) == 0


def test_points_without_levels(kind):
    blocks = [
        {"type": "criterion", "value": {"key": "impact", "name": "ผล", "weight": 3, "levels": [], "maximum": 10}},
        {"type": "criterion", "value": {"key": "focus", "name": "โฟกัส", "weight": 2, "levels": [], "maximum": 10}},
    ]  # fmt: skip
    page = page_in("th", strategy="accumulative", rubric=blocks, examples=[], seed_submissions=[])
    assert kind.problems(page) == []
    from activities.workshop.grades import grade_of_scores

    scores = {"impact": {"points": 10}, "focus": {"points": 5}}
    assert grade_of_scores(scores, kind.content(page)) == 80


def test_a_snapshot_gives_the_page_back(kind):
    version = version_of(page_in("th"), en=page_in("en"))
    again = ItemVersion.objects.get(pk=version.pk)
    assert kind.content(again.page("th")) == kind.content(page_in("th"))
    assert again.content("en").fields[0].label.startswith("How I do this work")


def test_the_same_task_twice_is_recognised(kind):
    assert kind.fingerprint(page_in("th")) == kind.fingerprint(page_in("th", min_chars_comment=0))
    assert kind.fingerprint(page_in("th")) != kind.fingerprint(page_in("en"))


def test_what_the_catalogue_says(kind):
    content = kind.content(page_in("en"))
    assert kind.summary(content) == "Make something for your own work and review 2 peers"
    assert "Give feedback on the work of 2 peers" in kind.expectations(content)
    text = kind.search_text(content)
    assert "Clarity of the goal" in text
    assert content.seeds[0].values["goal"] not in text


# -- course files -------------------------------------------------------------------------------


def test_reading_twice_gives_the_same_blocks():
    assert from_course_file(raw_item(), "th") == from_course_file(raw_item(), "th")
    values = from_course_file(raw_item(), "en")
    assert len(values["examples"]) == 1 and len(values["seed_submissions"]) == 3
    assert values["examples"][0]["value"]["reference"][0]["value"]["reason"].startswith("Level 1")


def broken(path, value="remove"):
    item = raw_item()
    place = item
    for part in path[:-1]:
        place = place[part]
    if value == "remove":
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return item


@pytest.mark.parametrize(
    ("item", "path"),
    [
        (broken(["worksheet"]), ["worksheet"]),
        (broken(["worksheet", 1, "label", "en"]), ["worksheet", 1, "label", "en"]),
        (broken(["worksheet", 0, "min_chars"], "many"), ["worksheet", 0, "min_chars"]),
        (broken(["rubric", 2, "levels"]), ["rubric", 2, "levels"]),
        (broken(["rubric", 2, "levels", 0, "points"]), ["rubric", 2, "levels", 0, "points"]),
        (broken(["example_submission"]), ["example_submission"]),
        (broken(["example_submission", "reference", "gap"]), ["example_submission", "reference", "gap"]),
        (broken(["seed_submissions", 0, "worksheet", "goal"]), ["seed_submissions", 0, "worksheet", "goal"]),
        (broken(["seed_submissions", 1, "comment"]), ["seed_submissions", 1, "comment"]),
        (broken(["reviews_per_learner"], 9), ["reviews_per_learner"]),
        (broken(["anonymity"], "secret"), ["anonymity"]),
        (broken(["mode"], "telepathy"), ["mode"]),
        (broken(["self_assessment"], "yes"), ["self_assessment"]),
        (broken(["instructions", "en"]), ["instructions", "en"]),
    ],
    ids=lambda v: "/".join(map(str, v)) if isinstance(v, list) else "",
)  # fmt: skip
def test_a_course_file_that_is_not_right_names_the_place(item, path):
    with pytest.raises(CourseFileError) as error:
        from_course_file(item, "en")
    assert error.value.path == path


def test_what_is_not_there_yet():
    assert supported(raw_item()) is None
    assert "live sessions" in supported({**raw_item(), "mode": "blended"})
    assert "teams" in supported({**raw_item(), "team_size": 4})


# -- people -------------------------------------------------------------------------------------


def test_what_a_person_can_take_along_and_what_is_forgotten(join):
    first, second, third = join(first_name="อรุณ"), join(), join()
    for person in (first, second, third):
        person.send()
        person.practise()
    for person in (first, second, third):
        person.duty()
    first.advance()
    first.finish()
    data = people.personal_data(first.user)
    json.dumps(data)
    assert data["works"][0]["texts"]["goal"] and data["works"][0]["plan"] == PLAN
    kinds = sorted(review["kind"] for review in data["reviews_given"])
    assert kinds == ["example", "peer", "peer", "self"]
    assert len(data["reviews_received"]) == 2
    assert second.user.email not in json.dumps(data)
    given = Review.objects.filter(
        reviewer=first.participation, submission__isnull=False, kind="peer"
    )
    texts = set(given.values_list("overall", flat=True))
    people.erase(first.user)
    assert Submission.objects.get(participation=first.participation).values == {}
    assert not people.personal_data(first.user)["works"][0]["plan"]
    kept = Review.objects.filter(kind="peer", submission__isnull=False, reviewer=None)
    assert set(kept.values_list("overall", flat=True)) == texts
    assert "Reviewer" in second.advance().see("results")
    late = join()
    late.send()
    late.practise()
    lease = late.take()
    assert lease.submission_id != first.work.pk
    assert not ReviewLease.objects.filter(submission=first.work, state="held").exists()


def test_several_examples_come_and_go_in_a_course_file():
    from activities.workshop.course_file import to_course_file

    item = raw_item()
    one = item.pop("example_submission")
    item["examples"] = 2
    item["example_submissions"] = [one, {**copy.deepcopy(one), "key": "example-2"}]
    pages = {language: page_in(language, item) for language in ("th", "en")}
    assert [block.value["key"] for block in pages["th"].examples] == ["example-1", "example-2"]
    exported = to_course_file(pages)
    assert exported["examples"] == 2 and len(exported["example_submissions"]) == 2
    again = page_in("th", {**item, **{k: exported[k] for k in ("examples", "example_submissions")}})
    assert list(again.examples.raw_data) == list(pages["th"].examples.raw_data)
