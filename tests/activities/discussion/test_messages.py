"""What learners and authors are told, in both languages of the site."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from activities.core.errors import Refused
from activities.discussion.models import Post

from .conftest import ANSWERS, CONCLUSION, REPLIES, page_in, render

pytestmark = pytest.mark.django_db


def empty(first, second):
    first.do("reply", step=f"reply-{second.post().pk}", body=" ")


def short(first, second):
    first.do("reply", step=f"reply-{second.post().pk}", body="ก" * 87)


def copied(first, second):
    first.do("reply", step=f"reply-{second.post().pk}", body=ANSWERS[1])


def personal(first, second):
    first.do("reply", step=f"reply-{second.post().pk}", body=REPLIES[1] + " โทร 081-234-5678")


def wall(first, second):
    first.participation.refresh_from_db()
    first.participation.data = {}
    first.participation.save()
    first.reply(second.post())


def own(first, second):
    first.reply(first.post())


def hidden(first, second):
    Post.objects.filter(pk=second.post().pk).update(state="hidden")
    first.reply(second.post())


def elsewhere(first, second):
    Post.objects.filter(pk=second.post().pk).update(cohort=uuid.uuid4())
    first.reply(second.post())


def too_early(first, second):
    first.do("conclude", step="synthesis", body=CONCLUSION)


def too_often(first, second):
    nearly_an_hour_ago = timezone.now() - timedelta(minutes=59, seconds=45)
    for _ in range(20):
        Post.objects.create(cohort=uuid.uuid4(), item=uuid.uuid4(), author=first.user, voice=uuid.uuid4(), kind="synthesis", created_at=nearly_an_hour_ago)  # fmt: skip
    first.reply(second.post())


def replied_to(first, second):
    second.reply(first.post())
    first.do("delete", step=f"delete-{first.post().pk}")


REFUSALS = [
    (empty, 422, "Please write something first.", "กรุณาพิมพ์ข้อความก่อนส่ง"),
    (short, 422, "At least 200 characters (now 1)", "ต้องมีเนื้อหาอย่างน้อย 200 ตัวอักษร (ขณะนี้ 1)"),
    (
        copied,
        422,
        "More than 80 per cent of this text is the same as one that is already here. Please write "
        "it in your own words.",
        "ข้อความนี้เหมือนข้อความที่มีอยู่แล้วเกินร้อยละ 80 กรุณาเขียนด้วยถ้อยคำของท่านเอง",
    ),
    (
        personal,
        422,
        "This text may contain personal data. Check it before you send it.",
        "ข้อความนี้อาจมีข้อมูลส่วนบุคคล ตรวจสอบก่อนส่ง",
    ),
    (
        wall,
        403,
        "Answer the prompt first: then you can see what others wrote and reply to them.",
        "กรุณาตอบคำถามของท่านก่อน จึงจะเห็นและตอบเพื่อนได้",
    ),
    (
        own,
        422,
        "This is your own post. Reply to somebody else's.",
        "ข้อความนี้เป็นของท่านเอง กรุณาเลือกตอบข้อความของเพื่อน",
    ),
    (
        hidden,
        409,
        "This post is hidden at the moment. Please reply to another one.",
        "ขณะนี้ข้อความนี้ถูกซ่อนอยู่ กรุณาเลือกตอบข้อความอื่น",
    ),
    (elsewhere, 404, "There is no such page.", "ไม่พบหน้านี้"),
    (
        too_early,
        409,
        "The state cannot change from “answered” to “complete”.",
        "ไม่สามารถเปลี่ยนสถานะจาก «ตอบคำถามแล้ว» เป็น «ครบถ้วน» ได้",
    ),
    (
        too_often,
        429,
        "You are sending too often. Please wait 30 seconds.",
        "ส่งถี่เกินไป กรุณารอ 30 วินาที",
    ),
    (
        replied_to,
        409,
        "Somebody has replied already, so the post cannot be deleted. You can withdraw its text "
        "instead.",
        "มีผู้ตอบข้อความนี้แล้วจึงลบไม่ได้ ท่านถอนเนื้อหาของข้อความแทนได้",
    ),
]


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize(
    ("act", "status", "english", "thai"), REFUSALS, ids=lambda v: getattr(v, "__name__", "")
)
def test_each_refusal_says_what_to_do_in_both_languages(join, act, status, english, thai, language):
    first, second = join(), join()
    first.answer(0)
    second.answer(1)
    posts = Post.objects.filter(kind="reply").count()
    with override(language), pytest.raises(Refused) as refused:
        act(first, second)
    assert refused.value.status == status
    assert refused.value.message == {"en": english, "th": thai}[language]
    assert Post.objects.filter(kind="reply", author=first.user).count() == posts


@pytest.mark.parametrize(
    ("changes", "thai"),
    [
        ({"prompts": []}, "กิจกรรมอภิปรายต้องมีคำถามอย่างน้อย 1 ข้อ (ยาวอย่างน้อย 80 ตัวอักษร) จึงจะนับเวลาเป็นกิจกรรมได้"),
        ({"required_replies": 3, "target_group_size": 3}, "จำนวนคำตอบที่กำหนดมากกว่าจำนวนเพื่อนในกลุ่ม"),
    ],
)  # fmt: skip
def test_authors_read_the_problems_in_thai(kind, changes, thai):
    with override("th"):
        assert thai in kind.problems(page_in("th", **changes))


def test_the_wall_says_in_thai_how_many_have_answered(join):
    first, outsider = join(), join()
    first.answer(0)
    with override("th"):
        assert "เพื่อน 1 คนตอบแล้ว – จะเห็นเมื่อท่านตอบ" in render(outsider.see(""))


def test_an_edited_post_says_so_in_thai(join):
    first, second = join(), join()
    first.answer(0)
    second.answer(1)
    Post.objects.filter(pk=first.post().pk).update(edited_at=first.post().created_at)
    with override("th"):
        assert "แก้ไขแล้ว" in render(second.see("stream"))
        Post.objects.filter(pk=first.post().pk).update(state="hidden")
        assert "ข้อความนี้ถูกซ่อนระหว่างตรวจสอบ" in render(second.see("stream"))
