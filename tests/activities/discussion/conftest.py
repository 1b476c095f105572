"""A discussion as the course file has it, and people in one room."""

import uuid

import pytest
from django.utils import timezone
from django.utils.translation import override

from activities.discussion.course_file import from_course_file
from activities.discussion.kind import DiscussionKind
from activities.discussion.models import DiscussionPage
from tests.factories import files
from tests.factories.items import locale, participation_of, version_of, visit_of
from tests.factories.people import UserFactory

from . import run_helpers

# Sentences that share no five characters in a row with one another, long enough together.
ANSWERS = (
    "ทุกวันจันทร์กลุ่มงานพัสดุต้องจัดทำทะเบียนคุมครุภัณฑ์จากใบตรวจรับหลายสิบใบ เจ้าหน้าที่สองคนช่วยกันเปิดแฟ้มแล้วไล่หมายเลขทีละรายการ "
    "จุดที่ช้าที่สุดอยู่ตรงการหาเลขครุภัณฑ์เดิม เพราะป้ายบนเครื่องหลุดลอกและบันทึกไว้คนละเล่ม หากให้เลือกปรับเพียงจุดเดียว "
    "ข้าพเจ้าอยากติดรหัสคิวอาร์บนครุภัณฑ์ทุกชิ้นแล้วใช้โทรศัพท์สแกน จะได้ทราบประวัติการซ่อม ผู้ครอบครอง และอายุการใช้งานทันที "
    "ความสามารถที่ยังขาดคือความเข้าใจเรื่องความมั่นคงปลอดภัยไซเบอร์ เนื่องจากยังไม่แน่ใจว่าข้อมูลทรัพย์สินชุดใดเผยแพร่ได้บ้าง "
    "ปีที่แล้วเราตรวจนับประจำปีนานถึงสิบเจ็ดวันทำการ และพบของหายเพียงสามชิ้นซึ่งความจริงย้ายไปอยู่ห้องประชุมชั้นสี่ "
    "ถ้ามีระบบสแกนก็น่าจะเหลือไม่เกินห้าวัน และนำเวลาที่เหลือไปวางแผนจัดซื้อให้ตรงความต้องการของแต่ละฝ่ายได้ดีกว่าเดิมมาก",
    "Every Thursday our hospital unit phones ninety outpatients to confirm appointments. Dialling one by one devours nearly two mornings, "
    "mostly because numbers have changed and nobody updates the card index kept beside the window. Given a single improvement I would choose "
    "automatic text reminders with a reply button, since patients could move their own slot without queueing on our line. My gap lies in "
    "digital governance: consent wording, retention and who may read responses remain blurry to me. A colleague tested reminders in one clinic "
    "last rainy season; missed visits fell from nineteen to eleven per hundred. What worries us is rural grandparents sharing one handset with "
    "grandchildren, so we would still keep a nurse calling those households until better channels appear, and review the list each quarter "
    "together with village health volunteers who know which doors to knock on when messages stay unread for long.",
    "หน่วยของดิฉันดูแลการจองรถราชการ ใบขอใช้รถยังเป็นกระดาษสามชั้นซึ่งต้องเดินเสนอหัวหน้าฝ่าย ผู้อำนวยการ แล้วจึงถึงคนขับ "
    "บ่อยครั้งเอกสารค้างบนโต๊ะเพราะผู้ลงนามไปประชุมต่างจังหวัด รถจึงว่างทั้งวันทั้งที่มีคนรอใช้ ดิฉันอยากทำปฏิทินกลางออนไลน์ที่ทุกฝ่ายมองเห็นตรงกัน "
    "พร้อมปุ่มอนุมัติในมือถือ เหตุผลสำคัญคือความโปร่งใส ใครจองก่อนย่อมได้ก่อนและตรวจย้อนกลับได้เสมอ ด้านทักษะ ดิฉันต้องฝึกภาวะผู้นำดิจิทัลเพิ่มอีกมาก "
    "เพราะต้องชวนพี่ ๆ อาวุโสให้ยอมเปลี่ยนวิธีทำงานโดยไม่รู้สึกว่าถูกบังคับ เดือนก่อนลองใช้กับสองฝ่ายเล็ก ผลคือเที่ยวรถวิ่งเปล่าลดลงครึ่งหนึ่ง "
    "และคนขับบอกว่ากลับถึงบ้านเร็วขึ้น คำถามที่เหลืออยู่คือกรณีฉุกเฉินตอนกลางคืนซึ่งอินเทอร์เน็ตช้า เราควรเก็บสมุดเล่มเดิมไว้สำรองอีกนานแค่ไหน",
)
REPLIES = (
    "Have you considered asking each unit which columns they never read? In our bureau we deleted eleven of thirty fields, and typing "
    "shrank before any software arrived. I would pilot that for one month, compare error counts openly, then decide about forms and licences.",
    "จุดที่น่าชวนคิดต่อคือใครเป็นผู้ดูแลระบบเมื่อผู้ริเริ่มย้ายงาน สำนักเราเคยมีแอปดี ๆ สองตัวที่หยุดลงเพราะไม่มีคู่มือส่งมอบ จึงเสนอให้เขียนแนวปฏิบัติสั้น ๆ "
    "หนึ่งหน้ากระดาษไว้ตั้งแต่ต้น และจับคู่พี่เลี้ยงอย่างน้อยสองคนต่อหนึ่งงาน ท่านคิดว่าหัวหน้าจะยอมจัดเวลาให้หรือไม่",
    "Budget cycles might block this: subscriptions need approval nine months ahead where I serve. Perhaps borrow a licence from the "
    "provincial pool first, measure saved hours honestly, and bring that chart to the committee rather than a promise. Would your director accept evidence gathered so briefly?",
)
CONCLUSION = (
    "ภายในวันศุกร์หน้า ข้าพเจ้าจะนัดทีมพัสดุและไอทีคุยครึ่งชั่วโมง เลือกครุภัณฑ์สิบชิ้นแรกมาติดรหัสทดลอง แล้วจดเวลาค้นหาก่อนกับหลังไว้เปรียบเทียบ "
    "จากนั้นรายงานผลเป็นตารางหนึ่งหน้าให้ผู้อำนวยการทราบ พร้อมระบุผู้รับผิดชอบแต่ละขั้นและสิ่งที่ต้องขออนุมัติเพิ่มเติมก่อนขยายไปทั้งกอง"
)


def raw_item() -> dict:
    return files.item("a-d1")


def page_in(language: str, **changes) -> DiscussionPage:
    item = raw_item()
    values = {**from_course_file(item, language), **changes}
    return DiscussionPage(
        title=item["title"][language],
        slug="talk",
        minutes=item["minutes"],
        locale=locale(language),
        translation_key=uuid.UUID("11111111-2222-3333-4444-555555555555"),
        **values,
    )


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def kind():
    return DiscussionKind()


@pytest.fixture
def version(db):
    return version_of(page_in("th"), en=page_in("en"))


class Learner:
    """Somebody in the discussion, acting through the contract as the player does."""

    def __init__(self, kind, version, cohort, language="th", **person):
        self.kind = kind
        self.user = UserFactory(**person)
        self.participation = participation_of(version, self.user, cohort=cohort)
        self.language = language

    def visit(self, now=None):
        self.participation.refresh_from_db()
        return visit_of(self.participation, language=self.language, now=now)

    def see(self, step="", submitted=None, now=None):
        return self.kind.screen(self.visit(now), step, submitted)

    def do(self, action, step="", now=None, **data):
        data.setdefault("key", str(uuid.uuid4()))
        return self.kind.handle(self.visit(now), step, action, data, {})

    def answer(self, n=0, **data):
        return self.do("answer", body=ANSWERS[n], **data)

    def reply(self, post, n=0, **data):
        return self.do("reply", step=f"reply-{post.pk}", body=REPLIES[n], **data)

    def post(self):
        from activities.discussion.models import Post

        return Post.objects.get(voice=self.participation.seat, kind="initial")


@pytest.fixture
def join(kind, version):
    """`join()` puts somebody new into the same room; `join(cohort=…)` into another."""
    room = uuid.uuid4()

    def make(cohort=None, of=None, **options):
        return Learner(kind, of or version, cohort or room, **options)

    return make


@pytest.fixture
def cohort(join, version, monkeypatch):
    """`cohort(5)`: so many people who go through the discussion together, with dates."""

    def make(count, of=None, **changes):
        first = join(of=of)
        room, item = first.participation.cohort, first.participation.item
        people = [first, *(join(of=of) for _ in range(count - 1))]
        run_helpers.dates(room, item, **changes)
        run_helpers.enrolled(monkeypatch, *people)
        for one in people:
            run_helpers.with_windows(one)
        return people

    return make


@pytest.fixture
def desk(kind):
    """`desk(learner)`: a facilitator at the learner's run; `act(desk, action, step, **data)`."""
    from activities.core.contract import Desk

    def make(learner, now=None, user=None, **options):
        return Desk(
            version=learner.participation.version,
            cohort=learner.participation.cohort,
            user=user or UserFactory(first_name="วิทยา"),
            language="en",
            base_url="/en/teach/1/item/",
            now=now or timezone.now(),
            **options,
        )

    return make


BARE_SHELL = "{% block head_extra %}{% endblock %}{% block stepper %}{% endblock %}{% block item %}{% endblock %}"


def render(screen, visit=None, **context) -> str:
    """The item's own part of a page, without what the player puts around it."""
    from django.template import Context, Engine

    engine = Engine(
        loaders=[
            (
                "django.template.loaders.locmem.Loader",
                {"learn/shell.html": BARE_SHELL, "teach/item_shell.html": BARE_SHELL},
            ),
            "django.template.loaders.app_directories.Loader",
        ],
        libraries={
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
            "sala": "themes.base.templatetags.sala",
        },
    )
    return engine.get_template(screen.template).render(
        Context({"visit": visit, "visit_url": "/", **screen.context, **context})
    )
