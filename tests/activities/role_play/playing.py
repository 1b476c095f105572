"""A scenario at hand: the demo course's, learners in it, and the forms they send."""

from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from activities.core import registry
from activities.core.contract import Desk, Submitted
from activities.core.errors import Refused
from activities.core.models import Participation
from activities.role_play.course_file import from_course_file
from activities.role_play.models import RolePlaySoloPage
from tests.factories import files
from tests.factories.items import locale, participation_of, version_of, visit_of
from tests.factories.people import UserFactory

ANSWERS = {
    "answer-q1": "ในรอบแรกดิฉันเลือกโทรศัพท์ไปที่หน้าห้องก่อน เพราะที่อยู่ผู้ส่งไม่ใช่โดเมนของกรม และคำว่าด่วนที่สุดทำให้ระวังตัว "
    "เคยได้รับอีเมลลักษณะนี้เมื่อปีก่อนแล้วเพื่อนในกลุ่มงานเกือบส่งเอกสารออกไป ครั้งนั้นหัวหน้าเตือนให้หยุดคิดสักสองนาที "
    "จึงจำไว้ว่าคำสั่งจริงย่อมตรวจสอบได้เสมอ และไม่มีผู้บริหารคนใดตำหนิเราเพราะโทรศัพท์ไปถามก่อนส่งข้อมูลของผู้อื่น",
    "answer-q2": "กลุ่มงานของดิฉันใช้แบบแจ้งเหตุบนอินทราเน็ตและสายภายในหมายเลขหนึ่งสามสองเจ็ดของศูนย์คอมพิวเตอร์ "
    "ถ้าเกิดนอกเวลาราชการยังไม่แน่ใจว่าต้องโทรหาใคร จึงตั้งใจจะถามเจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคลในการประชุมวันจันทร์ "
    "แล้วพิมพ์หมายเลขติดไว้ข้างจอคอมพิวเตอร์ของทุกคนในฝ่าย พร้อมซ้อมแจ้งเหตุกับน้องใหม่ปีละสองครั้งเพื่อให้คุ้นมือ",
}

kind = registry.get("role_play_solo")


def course_item() -> dict:
    """The item a-r1 of the demo course, fresh for each caller."""
    return files.item("a-r1")


def page_of(language="th", item=None, **values) -> RolePlaySoloPage:
    item = item or course_item()
    fields = from_course_file(item, language) | values
    page = RolePlaySoloPage(
        title=item["title"][language],
        minutes=item.get("minutes", 20),
        locale=locale(language),
        **fields,
    )
    return page


def learner_in(version=None, *, user=None, cohort=None, **values) -> Participation:
    version = version or version_of(page_of(**values), en=page_of("en", **values))
    return participation_of(version, user or UserFactory(), cohort=cohort)


def form(**fields) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def send(participation, action, at="", language="th", now=None, **fields):
    """What the player does with a POST: refused, or done and saved."""
    visit = visit_of(Participation.objects.get(pk=participation.pk), language=language, now=now)
    with translation.override(language), transaction.atomic():
        return kind.handle(visit, at, action, form(**fields), {})


def begin(participation, number=1, **more):
    return send(participation, "begin", attempt=str(number), **more)


def choose(participation, node, choice, *, play=1, step=0, language="th", now=None):
    visit = visit_of(Participation.objects.get(pk=participation.pk), language=language, now=now)
    data = form(attempt=str(play), node=node, choice=choice, step=str(step))
    with translation.override(language), transaction.atomic():
        return kind.handle(visit, "", "choose", data, {})


def play(participation, path, number=1):
    """Play a whole path such as "n1b n3a"."""
    begin(participation, number)
    for step, token in enumerate(path.split()):
        choose(participation, token[:-1], token[-1], play=number, step=step)


def look(participation, step="", language="th", now=None) -> str:
    """The HTML of a screen. Raises `Refused`."""
    visit = visit_of(Participation.objects.get(pk=participation.pk), language=language, now=now)
    with translation.override(language):
        screen = kind.screen(visit, step)
        return rendered(screen)


def refusal(participation, action, at="", language="th", **fields):
    """(the refusal of a POST at the step `at`, the HTML that shows it)"""
    visit = visit_of(Participation.objects.get(pk=participation.pk), language=language)
    data = form(**fields)
    with translation.override(language):
        try:
            with transaction.atomic():
                kind.handle(visit, at, action, data, {})
        except Refused as error:
            visit = visit_of(Participation.objects.get(pk=participation.pk), language=language)
            submitted = Submitted(action=action, data=data, error=error)
            return error, rendered(kind.screen(visit, at, submitted=submitted))
    raise AssertionError("nothing was refused")


def rendered(screen) -> str:
    request = RequestFactory().get("/")
    return render_to_string(screen.template, screen.context, request)


def desk_of(participation, page=1, language="th", user=None) -> Desk:
    return Desk(
        version=participation.version,
        cohort=participation.cohort,
        user=user or UserFactory(),
        language=language,
        base_url="/th/teach/run/item/",
        page=page,
    )


def desk_html(desk, step="") -> str:
    with translation.override(desk.language):
        return rendered(kind.desk_screen(desk, step))
