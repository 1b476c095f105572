"""The pages that every site starts with, in Thai and English. Authors change them in the editor."""

import datetime
import uuid

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    Locale,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from courses.catalogue.models import ArticlePage, CatalogPage, HomePage, SeminarReportPage
from lms.people.roles import COURSE_MANAGER, create_roles

# Blocks are named by their place, so that a site made twice is the same site.
BLOCKS = uuid.UUID("1f4cb7a6-58a5-4d0e-8a7b-b0f5c9a4d3e2")

REVIEW = "ตรวจหลักสูตร · Course review"

HOME = {
    "th": {"title": "ศาลา", "tagline": "เรียนรู้ด้วยการลงมือทำ สำหรับข้าราชการและบุคลากรภาครัฐ"},
    "en": {"title": "Sala", "tagline": "Learning by doing, for public officials"},
}
CATALOGUE = {
    "th": {
        "title": "หลักสูตร",
        "intro": "ทุกหลักสูตรมีเวลาลงมือทำอย่างน้อยร้อยละ 40 ของเวลาทั้งหมด",
    },
    "en": {"title": "Courses", "intro": "In every course at least 40 % of the time is for doing."},
}
ARTICLES = {
    "help": {
        "th": (
            "ช่วยเหลือ",
            [
                (
                    "เริ่มเรียน",
                    "<p>เลือกหลักสูตร กด “ลงทะเบียนเรียน” แล้วทำตามลำดับรายการ ท่านหยุดพักได้ทุกเมื่อ และกลับมาเรียนต่อจากที่เดิม</p>",
                ),
                (
                    "อินเทอร์เน็ตช้าหรือขาดหาย",
                    "<p>ระบบบันทึกร่างข้อความที่ท่านพิมพ์ไว้เป็นระยะ หากหน้าเว็บปิดไป ให้เปิดกิจกรรมเดิมอีกครั้ง ร่างจะยังอยู่</p>",
                ),
                ("ยังติดขัด", "<p>โปรดติดต่อผู้ดูแลระบบของหน่วยงาน แจ้งชื่อหลักสูตร กิจกรรม และเวลาที่พบปัญหา</p>"),
            ],
        ),
        "en": (
            "Help",
            [
                (
                    "Start learning",
                    "<p>Choose a course, press “Enrol”, and follow the items in order. You may stop at any time and go on from where you were.</p>",
                ),
                (
                    "A slow or lost connection",
                    "<p>What you type is kept as a draft from time to time. If the page closes, open the same activity again: the draft is still there.</p>",
                ),
                (
                    "Still stuck",
                    "<p>Please contact your agency's administrator. Tell them the course, the activity, and when it happened.</p>",
                ),
            ],
        ),
    },
    "about": {
        "th": (
            "เกี่ยวกับศาลา",
            [
                (
                    "ศาลาคืออะไร",
                    "<p>ศาลาเป็นระบบการเรียนรู้สำหรับข้าราชการและบุคลากรภาครัฐ ที่หน่วยงานติดตั้งและดูแลได้เอง</p>",
                ),
                (
                    "ทำไมต้องร้อยละ 40",
                    "<p>แนวทางการพัฒนาทักษะด้านดิจิทัลกำหนดให้มีการบรรยายไม่เกินร้อยละ 60 และวิธีการอื่น เช่น การประชุมเชิงปฏิบัติการ การอภิปราย และบทบาทสมมติ ไม่น้อยกว่าร้อยละ 40 หลักสูตรที่ไม่ถึงเกณฑ์นี้เปิดสอนในศาลาไม่ได้</p>",
                ),
            ],
        ),
        "en": (
            "About Sala",
            [
                (
                    "What Sala is",
                    "<p>Sala is a place to learn for public officials, which an agency can run by itself.</p>",
                ),
                (
                    "Why 40 %",
                    "<p>The guideline on digital skills asks for lectures of at most 60 per cent and other methods, such as workshop, discussion and role-play, of at least 40 per cent. A course that falls short cannot be offered in Sala.</p>",
                ),
            ],
        ),
    },
    "privacy": {
        "th": (
            "ความเป็นส่วนตัว",
            [
                (
                    "ข้อมูลที่เก็บ",
                    "<p>ศาลาเก็บชื่อ ที่อยู่อีเมล ความก้าวหน้าในการเรียน และงานที่ท่านส่ง เพื่อจัดการเรียนรู้และออกเกียรติบัตรเท่านั้น</p>",
                ),
                (
                    "ผู้ที่เห็นข้อมูล",
                    "<p>วิทยากรของรุ่นเห็นความก้าวหน้าและงานของผู้เรียนในรุ่นนั้น เพื่อนร่วมรุ่นเห็นเฉพาะสิ่งที่ท่านเขียนในกิจกรรมร่วมกัน</p>",
                ),
                (
                    "สิทธิของท่าน",
                    "<p>ท่านแก้ไขข้อมูล รับสำเนา และลบบัญชีได้เองที่ “ข้อมูลส่วนตัว” แล้วเลือก “ข้อมูลของท่าน” หากต้องการความช่วยเหลือ โปรดติดต่อเจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคลของหน่วยงาน หน่วยงานที่ติดตั้งระบบควรปรับหน้านี้ให้ตรงกับประกาศของตน</p>",
                ),
            ],
        ),
        "en": (
            "Privacy",
            [
                (
                    "What is kept",
                    "<p>Sala keeps your name, e-mail address, progress and the work you hand in, only to run the courses and to issue certificates.</p>",
                ),
                (
                    "Who sees it",
                    "<p>Instructors of a run see the progress and work of its learners. Fellow learners see only what you write in shared activities.</p>",
                ),
                (
                    "Your rights",
                    "<p>You can correct your data, have a copy of it and erase your account by yourself: open “Profile”, then “My data”. For help please contact the data protection officer of your agency. The agency that runs this site should adapt this page to its own notice.</p>",
                ),
            ],
        ),
    },
    "accessibility": {
        "th": (
            "การเข้าถึงของทุกคน",
            [
                (
                    "สิ่งที่เราตั้งใจ",
                    "<p>ศาลามุ่งตามแนวทาง WCAG 2.2 ระดับ AA ใช้ได้ด้วยแป้นพิมพ์ โปรแกรมอ่านหน้าจอ และหน้าจอขนาดเล็ก</p>",
                ),
                (
                    "ปรับการแสดงผล",
                    "<p>ท่านเลือกขนาดตัวอักษร และสีแบบสว่าง มืด หรือคมชัดสูงได้ที่ส่วนบนของทุกหน้า</p>",
                ),
                (
                    "พบอุปสรรค",
                    "<p>หากมีส่วนใดที่ท่านใช้ไม่ได้ โปรดแจ้งผู้ดูแลระบบของหน่วยงาน เพื่อจัดหาทางเลือกที่เหมาะสมให้ท่าน</p>",
                ),
            ],
        ),
        "en": (
            "Accessibility",
            [
                (
                    "What we aim for",
                    "<p>Sala aims at WCAG 2.2 level AA. It works with a keyboard, a screen reader and a small screen.</p>",
                ),
                (
                    "Change the display",
                    "<p>At the top of every page you can choose the size of the text, and light, dark or high-contrast colours.</p>",
                ),
                (
                    "If something is in the way",
                    "<p>If there is a part that you cannot use, please tell your agency's administrator, who will find another way for you.</p>",
                ),
            ],
        ),
    },
}
SEMINAR_DATE = datetime.date(2026, 8, 14)
SEMINAR = {
    "th": {
        "title": "รายงานการสัมมนา (ตัวอย่าง): เรียนรู้ด้วยการลงมือทำ",
        "venue": "ห้องประชุมใหญ่ สำนักงานตัวอย่าง กรุงเทพมหานคร",
        "sections": [
            (
                "เรื่องย่อ",
                "<p><b>ตัวอย่างสมมติ</b> ผู้เข้าร่วม 42 คนจาก 9 หน่วยงานทดลองออกแบบกิจกรรมอภิปรายและบทบาทสมมติจากงานจริงของตน</p>",
            ),
            (
                "ข้อสรุป",
                "<ul><li>เริ่มจากงานที่ทำทุกสัปดาห์</li><li>ให้เวลาเขียนก่อนอ่านคำตอบของเพื่อน</li><li>ติดตามผลใน 90 วัน</li></ul>",
            ),
        ],
    },
    "en": {
        "title": "Seminar report (example): learning by doing",
        "venue": "Main hall, Example Office, Bangkok",
        "sections": [
            (
                "In brief",
                "<p><b>Invented example</b> 42 people of 9 agencies tried to design discussions and role-plays from their own work.</p>",
            ),
            (
                "Conclusions",
                "<ul><li>Start from work that is done every week</li><li>Give time to write before reading what others wrote</li><li>Follow up within 90 days</li></ul>",
            ),
        ],
    },
}


@transaction.atomic
def ensure_site() -> HomePage:
    """Make what is missing of the site's pages and roles; returns the Thai home page.

    What is there already is left as its authors made it.
    """
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in ("th", "en")}
    root = Page.get_first_root_node()
    homes = ensure(
        HomePage, dict.fromkeys(locales, root), {"th": "sala", "en": "sala-en"}, HOME, locales
    )
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        site = Site(hostname="localhost", is_default_site=True)
    if not isinstance(site.root_page.specific if site.root_page_id else None, HomePage):
        site.root_page = homes["th"]
        site.site_name = HOME["th"]["title"]
        site.save()
    remove_welcome_page(root)
    catalogues = ensure(CatalogPage, homes, same("courses"), CATALOGUE, locales)
    for slug, texts in ARTICLES.items():
        values = {
            code: {"title": title, "body": prose(f"{slug}/{code}", sections)}
            for code, (title, sections) in texts.items()
        }
        ensure(ArticlePage, homes, same(slug), values, locales)
    values = {
        code: {
            "title": text["title"],
            "venue": text["venue"],
            "date": SEMINAR_DATE,
            "body": prose(f"seminar/{code}", text["sections"]),
        }
        for code, text in SEMINAR.items()
    }
    ensure(SeminarReportPage, homes, same("seminar-example"), values, locales)
    create_roles(root, Collection.get_first_root_node())
    ensure_review(catalogues.values())
    return homes["th"]


def ensure_review(catalogues) -> None:
    """Courses can be submitted for review: course managers approve, with the meter before them.

    Somebody who has chosen another workflow for a catalogue keeps it.
    """
    task = GroupApprovalTask.objects.filter(name=REVIEW).first()
    if task is None:
        task = GroupApprovalTask.objects.create(name=REVIEW)
        task.groups.add(Group.objects.get(name=COURSE_MANAGER))
    workflow = Workflow.objects.filter(name=REVIEW).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=REVIEW)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    for catalogue in catalogues:
        WorkflowPage.objects.get_or_create(page=catalogue, defaults={"workflow": workflow})


def same(slug: str) -> dict[str, str]:
    return {"th": slug, "en": slug}


def prose(name: str, sections: list[tuple[str, str]]) -> list[dict]:
    """Headings and texts as the blocks of an article."""
    blocks = []
    for n, (heading, html) in enumerate(sections):
        for kind, value in (("heading", heading), ("text", html)):
            key = str(uuid.uuid5(BLOCKS, f"{name}/{n}/{kind}"))
            blocks.append({"type": kind, "value": value, "id": key})
    return blocks


def ensure(model, parents: dict, slugs: dict, values: dict, locales: dict) -> dict:
    """One published page per language below its parent, the English one as translation."""
    pages = {}
    for code, locale in locales.items():
        page = model.objects.child_of(parents[code]).filter(slug=slugs[code]).first()
        if page is None:
            page = model(slug=slugs[code], locale=locale)
            for name, value in values[code].items():
                setattr(page, name, as_field(model, name, value))
            if pages:
                page.translation_key = next(iter(pages.values())).translation_key
            parents[code].add_child(instance=page)
            page.save_revision().publish()
        pages[code] = page
    return pages


def as_field(model, name: str, value):
    from wagtail.blocks import StreamValue

    if isinstance(value, list):
        return StreamValue(model._meta.get_field(name).stream_block, value, is_lazy=True)
    return value


def remove_welcome_page(root: Page) -> None:
    """Remove the page that Wagtail makes at first, if it is still as Wagtail made it."""
    for page in Page.objects.child_of(root).filter(slug="home"):
        if page.specific_class is Page and not page.get_children().exists():
            page.delete()
