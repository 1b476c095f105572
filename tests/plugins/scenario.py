"""What happens to a course while a plugin in it works, breaks, is switched off, goes and returns.

Run in a process of its own for each state of the installation: `python -m tests.plugins.scenario
STAGE`. The database carries the course from one stage to the next. A failed `assert` fails the test.
"""

import os
import sys
import uuid
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.plugins.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after Django is set up
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page  # noqa: E402
from wagtail.users.models import UserProfile  # noqa: E402

from activities.core import health, plugins, registry  # noqa: E402
from activities.core.content import forget  # noqa: E402
from activities.core.models import (  # noqa: E402
    Attempt,
    Draft,
    Event,
    ItemVersion,
    KindHealth,
    Notification,
    Participation,
)
from courses.catalogue.models import CoursePage  # noqa: E402
from courses.enrolment.models import CourseRun, Enrolment  # noqa: E402
from courses.releases import scheduled  # noqa: E402
from courses.releases.audit import audit  # noqa: E402
from courses.releases.models import CourseRelease, CourseState  # noqa: E402
from courses.releases.settle import settle, settle_all  # noqa: E402
from lms.people.models import User  # noqa: E402

LEARNER, ADMIN = "learner@agency.example", "admin@agency.example"
TEXT = "วันนี้ข้าพเจ้าตรวจคำขอสิบสองฉบับ และพบว่าเอกสารแนบที่ขาดเป็นแบบเดียวกันทุกครั้ง จึงทำรายการตรวจสอบไว้ " * 4
WITH_DIARY = 2  # the number of the release; the first was cut before the diary was added
PLAYER = "/th/learn/diaries/diary/"
UNAVAILABLE = "ใช้งานไม่ได้ชั่วคราว"


def client(email: str) -> Client:
    made = Client(raise_request_exception=True)
    made.force_login(User.objects.get(email=email))
    return made


@contextmanager
def broken(*places: str):
    """The plugin fails there, in this process."""
    os.environ["DIARY_BREAKS"] = ",".join(places)
    forget()
    health.forget()
    KindHealth.objects.all().delete()
    try:
        yield
    finally:
        os.environ["DIARY_BREAKS"] = ""
        forget()


def course() -> CoursePage:
    return CoursePage.objects.get(slug="diaries", locale__language_code="th")


def state(slug="diaries") -> CourseState:
    return CourseState.objects.select_related("current").get(slug=slug)


def write(browser, text=TEXT, **data):
    fields = {"action": "write", "text": text, "key": str(uuid.uuid4()), "draft_form": "entry"}
    return browser.post(PLAYER, fields | data)


def as_it_was() -> bool:
    """Whether what is on offer is, to the letter, what was offered while the plugin worked."""
    good = CourseRelease.objects.get(course=state().course, number=WITH_DIARY)
    return state().current.digest == good.digest


def diary_row() -> Page:
    return Page.objects.get(slug="diary")


def the_rest_goes_on(browser) -> None:
    """Everything of the course beside the diary, and every other course."""
    for address in (
        "/th/my/",
        "/th/courses/",
        "/th/courses/diaries/",
        "/th/learn/diaries/l1/",
        "/th/learn/diaries/a1/",
        "/th/courses/other/",
    ):
        response = browser.get(address)
        assert response.status_code == 200, (address, response.status_code)
    manager = client(ADMIN)
    run = CourseRun.objects.get(course=state().course)
    for address in (
        reverse("teach_run", args=[run.pk]),
        reverse("teach_csv", args=[run.pk]),
        reverse("authoring_kinds"),
        reverse("authoring_kind", args=["diary"]),
        reverse("authoring_dashboard", args=[course().pk]),
        reverse("wagtailadmin_explore", args=[course().pk]),
        reverse("wagtailadmin_pages:edit", args=[course().pk]),
    ):
        response = manager.get(address)
        b"".join(response) if response.streaming else response.content
        assert response.status_code == 200, (address, response.status_code)
    assert browser.get("/th/search/", {"q": "คำขอ"}).status_code == 200


def the_offer_is_honest() -> None:
    """The release of before is on offer, within the rule, with the minutes it was given."""
    for one in CourseState.objects.filter(current__isnull=False).select_related("current"):
        assert one.current.mix.passes
    assert as_it_was()
    assert (
        state().current.mix.active == ItemVersion.objects.filter(kind="diary").first().active + 20
    )
    _looked_at, findings = audit()
    assert {finding.code for finding in findings} <= {"kind_missing"}, findings


def nothing_is_lost() -> None:
    assert Participation.objects.filter(version__kind="diary", completed_at=None).exists()
    assert Event.objects.filter(kind="diary_entry").count() == 1


def in_its_place(browser, address=PLAYER) -> str:
    response = browser.get(address)
    assert response.status_code == 503, response.status_code
    assert response["Retry-After"]
    assert UNAVAILABLE in response.text
    return response.text


# -- the stages -------------------------------------------------------------------------------------


def stage_installed() -> None:
    """A course with a diary is made, offered and begun; then the plugin breaks in every place."""
    from sala_diary.models import DiaryPage, Entry

    from tests.factories.courses import locale, make_course
    from tests.factories.people import UserFactory

    plugin = next(p for p in plugins.all_plugins() if p.name == "diary")
    assert (plugin.distribution, plugin.version, plugin.code) == ("sala-diary", "1.4.2", "")
    page = make_course("diaries", lectures=[25], actives=["role_play_solo"], offered=False)
    page.add_child(
        instance=DiaryPage(
            title="บันทึก", slug="diary", question="วันนี้เรียนรู้อะไร", minutes=10, locale=locale("th")
        )
    ).save_revision().publish()
    make_course("other")
    settle_all()
    assert state().status == "offered", state().problems
    UserFactory(email=LEARNER, preferred_language="th")
    admin = UserFactory(email=ADMIN, is_superuser=True, preferred_language="th")
    UserProfile.objects.create(user=admin, preferred_language="th")
    browser = client(LEARNER)
    assert browser.post("/th/course/diaries/enrol/").status_code == 302
    assert browser.get(PLAYER).status_code == 200
    refused = write(browser, "สั้น")
    assert refused.status_code == 422 and "สั้น</textarea>" in refused.text
    key = str(uuid.uuid4())
    for _n in range(2):  # a retry after a lost answer
        assert write(browser, key=key).status_code == 302
    assert Entry.objects.count() == 1
    participation = Participation.objects.get(version__kind="diary")
    assert participation.score == Decimal(50) and not participation.completed
    events = browser.get(f"{PLAYER}-/events/", {"after": "0"})
    assert events.status_code == 200 and len(events.json()["events"]) == 1
    assert browser.get(f"{PLAYER}-/events/", {"after": "99999"}).status_code == 410
    run = CourseRun.objects.get(course=state().course)
    report = client(ADMIN).get(reverse("teach_csv", args=[run.pk]))
    assert "จำนวนบันทึก" in b"".join(report).decode()
    the_rest_goes_on(browser)
    breaks(browser, run)


def breaks(browser, run) -> None:
    """Each duty raises in turn: its place says so, it is noted, nothing else notices."""
    from sala_diary.models import Entry

    desk = reverse("teach_item", args=[run.pk, state().current.outline["items"][-1]["key"]])
    for place, address in (
        ("render", PLAYER),
        ("template", PLAYER),
        ("lazy", PLAYER),
        ("desk", desk),
    ):
        with broken(place):
            who = client(ADMIN) if address == desk else browser
            in_its_place(who, address)
            assert KindHealth.objects.get(kind="diary").failures == 1, place
    for place in ("handle", "score"):
        with broken(place):
            response = write(browser, TEXT + place)
            assert response.status_code == 503
            assert place in response.text, "what was typed is not shown"
            assert Entry.objects.count() == 1, "half of a failed action was kept"
            assert Draft.objects.get(form="entry").data["text"] == TEXT + place
            health.flush(all_of_it=True)
            assert KindHealth.objects.get(kind="diary").last_call == place
    Draft.objects.all().delete()
    with broken("next_step", "waiting", "search", "templates", "summary", "report", "events"):
        Participation.objects.filter(version__kind="diary").update(state="waiting")
        the_rest_goes_on(browser)
        assert browser.get(f"{PLAYER}-/events/", {"after": "0"}).status_code == 503
        call_command("rebuild_search", verbosity=0)
        Participation.objects.filter(version__kind="diary").update(state="in_progress")
    call_command("rebuild_search", verbosity=0)
    page = diary_row().specific
    for place in ("minutes", "ceiling", "problems", "greedy", "summary"):
        with broken(place):
            page.question += "?"
            page.save_revision().publish()
            assert state().status == "held", (place, state().status)
            assert "does not work at present" in state().problems[-1]["en"], state().problems
            the_offer_is_honest()
            assert settle(state("other").course).status == "offered"
    page.question = "วันนี้เรียนรู้อะไร"
    page.save_revision().publish()
    assert state().status == "offered" and as_it_was()
    with broken("render", "clean"):
        admin = client(ADMIN)
        preview = admin.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
        assert preview.status_code == 503 and UNAVAILABLE in preview.text
        edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
        assert admin.get(edit).status_code == 200
        fields = {"title": "บันทึก", "slug": "diary", "minutes": "10", "question": "?"}
        fields |= {"entries": "2", "min_chars": "200", "required": "on"}
        comments = {f"comments-{n}": "0" for n in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}
        assert admin.post(edit, fields | comments).status_code == 503
    the_offer_is_honest()
    nothing_is_lost()


def stage_quarantined() -> None:
    """It cannot be imported, or is written for another contract: the site starts without it."""
    where = os.environ["DIARY_BREAKS"]
    plugin = next(p for p in plugins.all_plugins() if p.name == "diary")
    assert plugin.code == where, (plugin.code, plugin.detail)
    assert registry.find("diary") is None
    browser = client(LEARNER)
    in_its_place(browser)
    settle_all()
    assert state().status == "held"
    the_rest_goes_on(browser)
    said = client(ADMIN).get(reverse("authoring_kinds")).text
    assert "ถูกกักไว้" in said
    assert "sala-diary" in said
    the_offer_is_honest()
    nothing_is_lost()


def stage_disabled() -> None:
    """Switched off by name: it is not even imported."""
    plugin = next(p for p in plugins.all_plugins() if p.name == "diary")
    assert plugin.code == "disabled"
    assert "sala_diary" not in sys.modules
    in_its_place(client(LEARNER))
    the_rest_goes_on(client(LEARNER))
    the_offer_is_honest()


def stage_uninstalled() -> None:
    """Its package is gone, its pages and what people did stay. Nothing can be done to the pages that
    would lose them, and each refusal says why."""
    assert not [p for p in plugins.all_plugins() if p.name == "diary"]
    browser, admin, row = client(LEARNER), client(ADMIN), diary_row()
    in_its_place(browser)
    settle_all()
    assert state().status == "held", state().problems
    the_rest_goes_on(browser)
    assert "บันทึก" in admin.get(reverse("authoring_kinds")).text
    for name, data in (
        ("wagtailadmin_pages:delete", {}),
        ("wagtailadmin_pages:unpublish", {}),
    ):
        response = admin.post(reverse(name, args=[row.pk]), data, follow=True)
        assert "ยังไม่ได้ติดตั้ง" in response.text, (name, response.status_code)
    other = CoursePage.objects.get(slug="other")
    address = reverse("wagtailadmin_pages:move_confirm", args=[row.pk, other.pk])
    assert "ยังไม่ได้ติดตั้ง" in admin.post(address, follow=True).text
    response = admin.post(reverse("wagtailadmin_pages:delete", args=[course().pk]), follow=True)
    assert "ยังไม่ได้ติดตั้ง" in response.text, "the whole course went"
    assert diary_row().get_parent().pk == course().pk and diary_row().live
    # The clock: this page cannot expire, another due at the same time can.
    yesterday = timezone.now() - timedelta(days=1)
    owner = User.objects.get(email=ADMIN)
    Page.objects.filter(slug__in=["diary", "other"]).update(expire_at=yesterday, owner=owner)
    outcome = scheduled.run()
    assert len(outcome.failed) == 1 and len(outcome.expired) == 1, outcome
    assert Notification.objects.filter(kind="schedule_kind_gone", user__email=ADMIN).exists()
    Page.objects.filter(slug="diary").update(expire_at=None)
    CoursePage.objects.get(slug="other").save_revision().publish()
    the_offer_is_honest()
    nothing_is_lost()


def stage_again() -> None:
    """Installed again: everything is where it was, and the learner goes on."""
    from sala_diary.models import Entry

    browser = client(LEARNER)
    settle_all()
    assert state().status == "offered" and as_it_was(), state().problems
    assert state("other").status == "offered"
    page = browser.get(PLAYER)
    assert page.status_code == 200 and TEXT.strip() in page.text
    assert write(browser, TEXT + "อีกครั้ง").status_code == 302
    assert Entry.objects.count() == 2
    participation = Participation.objects.get(version__kind="diary")
    assert participation.completed and participation.score == Decimal(100)
    key = str(participation.item)
    assert Enrolment.objects.get(seat=participation.seat).progress[key] == 100
    assert not Attempt.objects.filter(participation=participation).exists()
    the_rest_goes_on(browser)
    admin = client(ADMIN)
    response = admin.post(reverse("wagtailadmin_pages:delete", args=[course().pk]))
    assert response.status_code == 302 and not Page.objects.filter(slug="diary").exists()
    assert ItemVersion.objects.filter(kind="diary").exists(), "what people did points to it"


if __name__ == "__main__":
    setup_test_environment()
    globals()[f"stage_{sys.argv[1]}"]()
