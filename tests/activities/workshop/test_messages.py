"""What learners are told when something is refused, in both languages of the site."""

import uuid

import pytest
from django.db import transaction
from django.utils.translation import override

from activities.core.errors import Refused
from activities.workshop.models import Submission

from .conftest import CRITERIA, desk_of, form, long_text

pytestmark = pytest.mark.django_db


def post(learner, action, step="", **data):
    data.setdefault("key", str(uuid.uuid4()))
    with transaction.atomic():
        learner.kind.handle(learner.visit(), step, action, form(data), {})


def short_field(people):
    post(people[4], "check", "work", **people[4].worksheet(**{"field-goal": "ก" * 2 + "ข" * 2}))


def several_short_fields(people):
    post(people[4], "check", "work")


def copied_sample(people):
    goal = people[4].visit().rules.seeds[0].values["goal"]
    post(people[4], "check", "work", **people[4].worksheet(**{"field-goal": goal}))


def not_checked(people):
    post(people[4], "send", "check")


def sent_twice(people):
    post(people[0], "check", "work", **people[0].worksheet())


def leased(people):
    people[0].take()
    author = next(p for p in people[1:4] if p.work.state == "locked")
    post(author, "take_back", "work")


def nothing_to_withdraw(people):
    post(people[4], "withdraw", "work")


def reviewed_work(people):
    lease = people[0].review()
    author = next(p for p in people if p.participation.pk == lease.author_id)
    post(author, "withdraw", "work")


def practised(people):
    post(people[0], "practise", "practice", example="example-1", **{f"points-{k}": 1 for k in CRITERIA})  # fmt: skip


def too_early_to_review(people):
    post(people[4], "take", "review")


def lease_over(people):
    lease = people[0].take()
    people[0].later(hours=25)
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks())


def reviewed_already(people):
    lease = people[0].review()
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks())


def withdrawn(people):
    lease = people[0].take()
    Submission.objects.filter(pk=lease.submission_id).update(state="withdrawn")
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks())


def not_mine(people):
    post(people[1], "review", f"review-{people[0].take().pk}", **people[1].marks())


def no_level(people):
    lease = people[0].take()
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks(**{"points-evidence": ""}))


def out_of_scale(people):
    lease = people[0].take()
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks(**{"points-evidence": "7"}))


def short_feedback(people):
    lease = people[0].take()
    post(people[0], "review", f"review-{lease.pk}", **people[0].marks(overall="ดีมาก"))


def repeated_feedback(people):
    text = long_text("ซ้ำ")
    people[0].review(overall=text)
    post(people[0], "review", f"review-{people[0].take().pk}", **people[0].marks(overall=text))


def no_reason(people):
    post(people[0], "cannot", f"review-{people[0].take().pk}")


def declined_often(people):
    others = people[1:4]
    for _work in others:
        people[0].do("cannot", f"review-{people[0].take().pk}", reason="copied")
    people[4].send()
    post(people[0], "cannot", f"review-{people[0].take().pk}", reason="copied")


def sample(people):
    for _work in range(3):
        people[0].do("cannot", f"review-{people[0].take().pk}", reason="copied")
    post(people[0], "cannot", f"review-{people[0].take().pk}", reason="copied")


def assess_too_early(people):
    post(people[4], "assess_self", "self")


def assessed_twice(people):
    people[0].assess_self()
    post(people[0], "assess_self", "self", **{f"points-{k}": 1 for k in CRITERIA})


def not_open(people):
    post(people[0], "acknowledge", "results")


def open_results(people):
    for person in people[:4]:
        person.duty()
    people[0].advance()
    return people[0], list(people[0].work.reviews.filter(kind="peer"))


def no_reaction(people):
    first, reviews = open_results(people)
    post(first, "react", "results", review=reviews[0].pk)


def dispute_without_reason(people):
    first, reviews = open_results(people)
    post(first, "dispute", "results", review=reviews[0].pk, dispute="ไม่ดี")


def second_dispute(people):
    first, reviews = open_results(people)
    first.do("dispute", "results", review=reviews[0].pk, dispute=long_text("หนึ่ง", 60))
    post(first, "dispute", "results", review=reviews[1].pk, dispute=long_text("สอง", 60))


def disputed_instructor(people):
    first, _reviews = open_results(people)
    with transaction.atomic():
        first.kind.desk_handle(desk_of(first, now=first.now), f"work-{first.participation.pk}", "review", form({f"points-{k}": 1 for k in CRITERIA}), {})  # fmt: skip
    review = first.work.reviews.get(kind="instructor")
    post(first, "dispute", "results", review=review.pk, dispute=long_text("สาม", 60))


def plan_too_early(people):
    first, _reviews = open_results(people)
    post(first, "plan", "revise", plan=long_text("แผน"))


def short_plan(people):
    first, _reviews = open_results(people)
    first.do("acknowledge", "results")
    post(first, "plan", "revise", plan="จะปรับ")


def still_owing(people):
    lease = people[0].review()
    author = next(p for p in people if p.participation.pk == lease.author_id)
    author.later(days=8).advance()
    post(author, "acknowledge", "results")


def unknown(people):
    post(people[0], "explode")


REFUSALS = [
    (
        short_field,
        422,
        "“What I will be able to do within 90 days (verifiable)” needs at least 150 characters (now 4).",
        "ช่อง “ภายใน 90 วัน ฉันจะทำสิ่งใดได้ (เขียนให้ตรวจสอบได้)” ต้องมีเนื้อหาอย่างน้อย 150 ตัวอักษร (ขณะนี้ 4)",
    ),
    (
        several_short_fields,
        422,
        "6 places need your attention. What you wrote is kept.",
        "มี 6 จุดที่ต้องแก้ไข ข้อความของท่านยังอยู่ครบ",
    ),
    (
        copied_sample,
        422,
        "“What I will be able to do within 90 days (verifiable)” is the same as a sample by more than 80 per cent. Please write about your own work.",
        "ช่อง “ภายใน 90 วัน ฉันจะทำสิ่งใดได้ (เขียนให้ตรวจสอบได้)” เหมือนตัวอย่างเกินร้อยละ 80 กรุณาเขียนจากงานของท่านเอง",
    ),
    (
        not_checked,
        409,
        "Fill in the worksheet and check it before you send it.",
        "กรุณากรอกใบงานและตรวจทานก่อนส่ง",
    ),
    (
        sent_twice,
        409,
        "Your work has been sent already. What you wrote just now is kept as a draft.",
        "ท่านส่งงานไปแล้ว ข้อความที่เขียนเมื่อครู่ถูกเก็บเป็นฉบับร่าง",
    ),
    (
        leased,
        409,
        "Somebody has begun to review your work, so it can no longer be changed.",
        "มีผู้รับงานของท่านไปประเมินแล้ว จึงแก้ไขไม่ได้อีก",
    ),
    (
        nothing_to_withdraw,
        409,
        "There is no work of yours that could be withdrawn.",
        "ท่านไม่มีงานที่ถอนได้ในขณะนี้",
    ),
    (
        reviewed_work,
        409,
        "Your work has been reviewed already, so it can no longer be withdrawn.",
        "มีผู้ประเมินงานของท่านแล้ว จึงถอนงานไม่ได้อีก",
    ),
    (
        practised,
        409,
        "You have practised with this example already.",
        "ท่านฝึกประเมินตัวอย่างนี้ครบแล้ว",
    ),
    (
        too_early_to_review,
        409,
        "Send your own work and practise first, then review others'.",
        "กรุณาส่งงานของท่านและฝึกประเมินก่อน แล้วจึงประเมินงานเพื่อน",
    ),
    (
        lease_over,
        409,
        "This work has been passed on to somebody else. Your draft is kept.",
        "งานชิ้นนี้ถูกส่งต่อให้ผู้อื่นแล้ว ร่างของท่านยังเก็บไว้",
    ),
    (
        reviewed_already,
        409,
        "You have sent your review of this work already.",
        "ท่านส่งผลการประเมินงานชิ้นนี้ไปแล้ว",
    ),
    (
        withdrawn,
        409,
        "The author has withdrawn this work. Your draft is kept; take another one.",
        "เจ้าของงานถอนงานชิ้นนี้แล้ว ร่างของท่านยังเก็บไว้ กรุณารับงานชิ้นอื่น",
    ),
    (not_mine, 404, "There is no such page.", "ไม่พบหน้านี้"),
    (
        no_level,
        422,
        "Choose a level for “Evidence of success”.",
        "กรุณาเลือกระดับในเกณฑ์ «หลักฐานความสำเร็จ»",
    ),
    (
        out_of_scale,
        422,
        "The points for “Evidence of success” must be between 0 and 3.",
        "คะแนนในเกณฑ์ «หลักฐานความสำเร็จ» ต้องอยู่ระหว่าง 0 ถึง 3",
    ),
    (
        short_feedback,
        422,
        "Write feedback of at least 150 characters (now 5): what is good, what could be better, and how.",
        "กรุณาเขียนข้อเสนอแนะอย่างน้อย 150 ตัวอักษร (ขณะนี้ 5) บอกสิ่งที่ดี สิ่งที่ควรปรับ และวิธีปรับ",
    ),
    (
        repeated_feedback,
        422,
        "More than 80 per cent of this text is the same as one that is already here. Please write it in your own words.",
        "ข้อความนี้เหมือนข้อความที่มีอยู่แล้วเกินร้อยละ 80 กรุณาเขียนด้วยถ้อยคำของท่านเอง",
    ),
    (
        no_reason,
        422,
        "Choose why you cannot review this work.",
        "กรุณาเลือกเหตุผลที่ประเมินงานชิ้นนี้ไม่ได้",
    ),
    (
        declined_often,
        409,
        "You have passed on several works already. Please ask your instructor for help.",
        "ท่านส่งต่องานไปหลายชิ้นแล้ว กรุณาขอความช่วยเหลือจากวิทยากร",
    ),
    (
        sample,
        422,
        "A sample can always be reviewed. Ask your instructor if you cannot.",
        "ตัวอย่างงานทุกชิ้นประเมินได้ หากติดขัดกรุณาสอบถามวิทยากร",
    ),
    (assess_too_early, 409, "Send your own work first.", "กรุณาส่งงานของท่านก่อน"),
    (
        assessed_twice,
        409,
        "You have assessed your own work already.",
        "ท่านประเมินงานของตนเองแล้ว",
    ),
    (not_open, 409, "Your results are not open yet.", "ผลของท่านยังไม่เปิด"),
    (
        no_reaction,
        422,
        "Choose what you think of this review.",
        "กรุณาเลือกความเห็นต่อผลการประเมินนี้",
    ),
    (
        dispute_without_reason,
        422,
        "Say what is wrong with this review: at least 20 characters.",
        "กรุณาระบุว่าผลการประเมินนี้ไม่ถูกต้องอย่างไร อย่างน้อย 20 ตัวอักษร",
    ),
    (
        second_dispute,
        409,
        "You have asked about another review already.",
        "ท่านขอให้ทบทวนผลการประเมินอื่นไว้แล้ว",
    ),
    (
        disputed_instructor,
        409,
        "This is your instructor's review. Please talk to them.",
        "นี่คือผลการประเมินของวิทยากร กรุณาปรึกษาวิทยากรโดยตรง",
    ),
    (plan_too_early, 409, "Read your results first.", "กรุณาอ่านผลของท่านก่อน"),
    (
        short_plan,
        422,
        "Write at least 80 characters about what you will change (now 6).",
        "กรุณาเขียนสิ่งที่จะปรับอย่างน้อย 80 ตัวอักษร (ขณะนี้ 6)",
    ),
    (
        still_owing,
        409,
        "First give the reviews that you still owe. Your results stay here.",
        "กรุณาประเมินงานเพื่อนให้ครบก่อน ผลของท่านยังอยู่ที่นี่",
    ),
    (unknown, 400, "Sala does not know this action.", "ศาลาไม่รู้จักคำสั่งนี้"),
]


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize(
    ("act", "status", "english", "thai"), REFUSALS, ids=lambda v: getattr(v, "__name__", "")
)
def test_each_refusal_says_what_to_do_in_both_languages(five, act, status, english, thai, language):  # noqa: F811
    for person in five:
        person.language = language
    with override(language), pytest.raises(Refused) as refused:
        act(five)
    assert refused.value.status == status
    assert refused.value.message == {"en": english, "th": thai}[language]
