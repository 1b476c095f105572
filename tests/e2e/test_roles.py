"""The whole way of a course manager, of an agency's administrator and of a central administrator: each signs in and
goes by the menus and links of the site, on a telephone in Thai or at a desk in English."""

import csv
import io
from datetime import datetime

import openpyxl
import pytest
from django.contrib.auth.models import Group as Role
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.users.models import UserProfile

from courses.certificates.issue import issue
from courses.certificates.models import Certificate
from courses.certificates.transcript import fiscal_year
from courses.enrolment.models import CourseRun, Enrolment
from courses.teaching.models import Announcement
from lms.people.models import Agency, Membership
from lms.people.roles import CENTRAL_ADMINISTRATOR, COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import build_tree, enrolled, make_course
from tests.factories.people import AgencyFactory, MembershipFactory, UserFactory, administrator_of
from tests.factories.site import demo_course

from .test_discussion import Person

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

LONG = "ผู้เชี่ยวชาญเฉพาะด้านการพัฒนาระบบราชการ"


def in_role(name: str):
    """Somebody of a role, whose authoring site speaks English."""
    person = UserFactory(preferred_language="en")
    person.groups.add(Role.objects.get(name=name))
    UserProfile.objects.create(user=person, preferred_language="en")
    return person


def by_menu(person: Person, end: str) -> str:
    """Open the menu that the screen's width offers and follow a link of it. Returns what the page says."""
    wide = person.page.viewport_size["width"] >= 1000
    if not wide:
        person.page.locator(".menu.phone-only summary").click()
    where = ".site-nav" if wide else ".menu.phone-only nav"
    person.press(f"{where} a[href$='{end}']")
    return person.check()


def follow(person: Person, end: str) -> str:
    """Follow the first link of the page whose address ends so. Returns what the next page says."""
    person.press(f"main a[href$='{end}']")
    return person.check()


def submit(person: Person, within: str = "main") -> str:
    person.press(f"{within} button.button--main[type=submit]")
    return person.check()


def authoring(person: Person, menu: str, link: str) -> None:
    """From the site by the account's menu to the authoring site, and there by its own menu to a list."""
    page = person.page
    if "/admin/" not in page.url:
        page.locator(".pill--person").click()
        person.press(".menu a[href='/admin/']")
    page.get_by_role("button", name=menu, exact=True).click()
    with page.expect_navigation():
        page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state("load")


def save(page) -> None:
    """Save a form of the authoring site; it must have been taken."""
    with page.expect_navigation():
        page.locator(
            "main form footer button[type=submit], main form button[type=submit]"
        ).last.click()
    assert "".join(page.locator("main .w-field__errors").all_inner_texts()).strip() == ""


def downloaded(person: Person, end: str) -> bytes:
    with person.page.expect_download() as waiting:
        person.page.locator(f"main a[download][href*='{end}']").click()
    return waiting.value.path().read_bytes()


def table_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_course_manager_holds_a_run_for_an_agency(browser, live_server, client, tmp_path):
    course = demo_course().course
    department = AgencyFactory(name_th="กรมการปกครองท้องที่ตัวอย่าง", name_en="Local Department")
    mali = MembershipFactory(agency=department, user=UserFactory(first_name="มาลีวรรณ")).user
    stranger = MembershipFactory(agency=AgencyFactory()).user
    manager = Person(browser, live_server, in_role(COURSE_MANAGER))
    page = manager.page

    by_menu(manager, "/teach/")
    said = follow(manager, "/teach/courses/")
    assert "DL-101" in said
    follow(manager, f"/teach/courses/{course}/")
    follow(manager, "/new/")
    page.fill("#id_name", "รุ่นของกรม 1/2700")
    page.fill("#id_starts_at", "1/2/2570")
    page.fill("#id_ends_at", "28 ก.พ. 2570")
    page.select_option("#id_agency", str(department.key))
    submit(manager)
    run = CourseRun.objects.get(name="รุ่นของกรม 1/2700")
    assert (run.course, run.agency) == (course, department.key)

    follow(manager, f"/teach/{run.pk}/enrol/")
    page.fill("#q", "มาลีวรรณ")
    manager.press("main form[role=search] button")
    assert mali.email in manager.check()
    manager.press("main .people-found button[value=add]")
    manager.check()
    page.fill("#email", "new.person@agency.example")
    page.fill("#first_name", "ใหม่")
    manager.press("main button[value=add_email]")
    manager.check()
    assert set(run.enrolments.values_list("user__email", flat=True)) == {
        mali.email,
        "new.person@agency.example",
    }

    file = tmp_path / "people.csv"
    file.write_text(f"email\n{mali.email}\nthird@agency.example\n", encoding="utf-8-sig")
    follow(manager, f"/teach/{run.pk}/import/")
    page.set_input_files("#id_file", str(file))
    submit(manager)
    manager.press("main button[value=confirm]")
    assert "third@agency.example" in manager.check()
    assert run.enrolments.count() == 3

    follow(manager, f"/teach/{run.pk}/enrol/")
    follow(manager, f"/teach/{run.pk}/")
    follow(manager, f"/teach/{run.pk}/announcements/")
    page.fill("#id_title", "พบกันที่ห้องประชุมใหญ่")
    page.fill("#id_body", "เริ่มเวลา 9.00 น.")
    submit(manager, "main form.card")
    assert Announcement.objects.get(run=run).author.email
    for somebody, seen in ((mali, True), (stranger, False)):
        client.force_login(somebody)
        html = client.get(reverse("dashboard")).content.decode()
        assert ("พบกันที่ห้องประชุมใหญ่" in html) is seen
    html = client.get(reverse("course", args=["digital-literacy-7-skill-groups"])).content.decode()
    assert run.name not in html, "it is for the people of one agency"


def test_a_course_manager_reads_the_report_of_the_rule(browser, live_server):
    state = demo_course()
    manager = Person(browser, live_server, in_role(COURSE_MANAGER), language="en", width=1280)
    authoring(manager, "Reports", "60/40 rule")
    page, mix = manager.page, state.current.mix
    row = page.locator("main tr", has_text="DL-101").inner_text()
    for number in (mix.lecture, mix.active, mix.active_percent):
        assert str(number) in row
    manager.check()
    with page.expect_navigation():
        page.locator("main tr", has_text="DL-101").locator("a").first.click()
    assert "/admin/courses/" in page.url and "Course dashboard" in page.locator("main").inner_text()
    assert reverse("agencies:index") not in page.content(), "agencies are the centre's"


@pytest.fixture
def agencies(live_server):
    """A department with two divisions, and its neighbour; somebody in each has completed or learns."""
    ministry = AgencyFactory(name_en="Ministry")
    department = AgencyFactory(below=ministry, name_th="กรมหนึ่ง", name_en="Department One")
    north, south = (
        AgencyFactory(below=department, name_th=f"กอง{way}", name_en=f"Division {name}")
        for way, name in (("เหนือ", "North"), ("ใต้", "South"))
    )
    neighbour = AgencyFactory(below=ministry, name_th="กรมเพื่อนบ้าน", name_en="Neighbours")
    course = make_course("course", lectures=[25])
    people = {
        name: MembershipFactory(
            agency=agency, user=UserFactory(first_name=name, last_name="ณ อยุธยา"), position=LONG
        ).user
        for name, agency in (
            ("Malee", north),
            ("Boonma", north),
            ("Somchai", south),
            ("Choojai", neighbour),
        )
    }
    last_year = timezone.now().year - 1
    for name, year in (("Malee", last_year), ("Somchai", last_year - 1), ("Choojai", last_year)):
        made = enrolled(people[name], course)
        at = datetime(year, 3, 15, 9, tzinfo=timezone.get_default_timezone())
        Enrolment.objects.filter(pk=made.pk).update(
            state="completed", percent=100, completed_at=at, enrolled_at=at
        )
        made.refresh_from_db()
        issue(made)
    enrolled(people["Boonma"], course)
    return {"department": department, "north": north, "people": people, "year": last_year}


def test_an_agency_administrator_follows_the_own_people(browser, live_server, agencies):
    admin = administrator_of(agencies["department"])
    desk = Person(browser, live_server, admin, language="en", width=1280)
    page, people = desk.page, agencies["people"]
    said = by_menu(desk, "/agency/people/")
    assert all(name in said for name in ("Malee", "Boonma", "Somchai", "Department One"))
    assert "Choojai" not in said and "Neighbours" not in said
    # Memberships are the centre's: there is no way there, and the address does not open it.
    assert page.locator("a[href*='/admin/']").count() == 0
    assert page.goto(f"{live_server.url}{reverse('memberships:index')}").status == 403
    assert "not open to you" in desk.check()

    desk.go("my/")
    by_menu(desk, "/agency/people/")
    page.fill("#people-q", "Malee")
    desk.press("main form[role=search] button")
    assert "Boonma" not in desk.check()
    said = follow(desk, f"/agency/people/{people['Malee'].pk}/")
    certificate = Certificate.objects.get(enrolment__user=people["Malee"])
    assert "Division North" in said and "100 %" in said and certificate.number in said
    page.goto(f"{desk.root}agency/people/{people['Choojai'].pk}/")
    assert page.locator("main h1").inner_text() and "Choojai" not in page.content()

    by_menu(desk, "/agency/people/")
    said = follow(desk, "/agency/learning/")
    assert all(name in said for name in ("Malee", "Boonma", "Somchai")) and "Choojai" not in said
    page.select_option("#report-agency", str(agencies["north"].key))
    year = fiscal_year(datetime(agencies["year"], 3, 15, tzinfo=timezone.get_default_timezone()))
    page.select_option("#report-year", str(year))
    desk.press("main form[role=search] button")
    said = desk.check()
    assert "Malee" in said and "Boonma" not in said and "Somchai" not in said

    rows = table_of(downloaded(desk, "learning.csv"))
    assert [row[0] for row in rows[1:]] == ["Malee ณ อยุธยา"]
    line = dict(zip(rows[0], rows[1], strict=True))
    assert line["Agency"] == "Division North" and line["Certificate"] == certificate.number
    assert line["Completed on"] == f"{agencies['year']}-03-15"
    sheet = openpyxl.load_workbook(io.BytesIO(downloaded(desk, "learning.xlsx"))).active
    as_text = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    assert as_text == rows
    desk.go("agency/people/")
    names = {row[0].split()[0] for row in table_of(downloaded(desk, "people.csv"))[1:]}
    assert names == {"Malee", "Boonma", "Somchai", admin.first_name}


def hidden_beside(person: Person) -> bool:
    """Whether a table has columns that one sees only after moving it sideways."""
    return person.page.evaluate(
        "() => [...document.querySelectorAll('.table-scroll')].some(e => e.scrollWidth > e.clientWidth)"
    )


def test_an_agency_administrator_on_a_telephone(browser, live_server, agencies):
    phone = Person(browser, live_server, administrator_of(agencies["department"]))
    said = by_menu(phone, "/agency/people/")
    assert "กองเหนือ" in said and "Choojai" not in said
    assert not hidden_beside(phone)
    follow(phone, f"/agency/people/{agencies['people']['Malee'].pk}/")
    assert not hidden_beside(phone)
    by_menu(phone, "/agency/people/")
    assert "Malee" in follow(phone, "/agency/learning/")
    assert not hidden_beside(phone)


def test_a_central_administrator_looks_after_agencies_and_roles(browser, live_server):
    build_tree()
    ministry = AgencyFactory(name_th="กระทรวงตัวอย่าง", name_en="Example Ministry")
    head, teacher = UserFactory(first_name="หัวหน้า"), UserFactory(first_name="วิทยากร")
    central = Person(
        browser, live_server, in_role(CENTRAL_ADMINISTRATOR), language="en", width=1280
    )
    page = central.page
    authoring(central, "Settings", "Agencies")
    assert "Example Ministry" in central.check()
    with page.expect_navigation():
        page.get_by_role("link", name="Add agency").first.click()
    page.select_option("#id_parent", str(ministry.pk))
    page.fill("#id_name_th", "กรมใหม่")
    page.fill("#id_name_en", "New Department")
    page.fill("#id_code", "new-department")
    save(page)
    made = Agency.objects.get(code="new-department")
    assert made.get_parent() == ministry
    assert "— New Department" in page.locator("main").inner_text()

    authoring(central, "Settings", "Members of agencies")
    with page.expect_navigation():
        page.get_by_role("link", name="Add membership").first.click()
    page.fill("#id_email", head.email)
    page.select_option("#id_agency", str(made.pk))
    page.select_option("#id_role", Membership.Role.ADMINISTRATOR)
    save(page)
    assert Membership.objects.get(user=head).role == Membership.Role.ADMINISTRATOR
    assert "หัวหน้า" in page.locator("main").inner_text()

    authoring(central, "Settings", "Users")
    with page.expect_navigation():
        page.locator(f"main a[href$='/users/edit/{teacher.pk}/']").first.click()
    page.get_by_role("tab", name="Roles").click()
    page.get_by_label(INSTRUCTOR).check()
    save(page)
    assert teacher.groups.filter(name=INSTRUCTOR).exists()

    authoring(central, "Reports", "Kinds of activity")
    said = central.check()
    assert "discussion" in said and "workshop" in said and "What needs attention" not in said

    # Who got the roles finds the doors open.
    assert "กรมใหม่" in by_menu(Person(browser, live_server, head), "/agency/people/")
    by_menu(Person(browser, live_server, teacher), "/teach/")


def test_a_central_administrator_sees_all_runs_and_mends_a_certificate(browser, live_server):
    course = make_course("course", lectures=[25])
    learner = UserFactory(first_name="สมสี")
    made = enrolled(learner, course)
    Enrolment.objects.filter(pk=made.pk).update(
        state="completed", percent=100, completed_at=timezone.now()
    )
    made.refresh_from_db()
    issue(made)
    first = Certificate.objects.get()
    for n in range(2):
        CourseRun.objects.create(course=course.translation_key, name=f"รุ่นที่ {n}", pacing="cohort")
    central = Person(browser, live_server, in_role(CENTRAL_ADMINISTRATOR))
    said = by_menu(central, "/teach/")
    assert "รุ่นที่ 0" in said and "รุ่นที่ 1" in said
    follow(central, "/teach/certificates/")
    follow(central, f"/certificates/{first.code}/")

    page = central.page
    page.locator("main details", has=page.locator("#reason")).locator("summary").click()
    central.press("main button.button--danger")
    assert Certificate.objects.get().revoked_at is None, "not without a reason"
    central.check()
    page.fill("#reason", "พิมพ์ชื่อผู้รับผิด")
    central.press("main button.button--danger")
    assert "พิมพ์ชื่อผู้รับผิด" in central.check()
    page.locator("main details", has=page.locator("#holder")).locator("summary").click()
    page.fill("#holder", "สมศรี ใจดี")
    page.fill("#reissue-reason", "แก้ชื่อให้ถูกต้องตามบัตรประชาชน")
    submit(central, "main details")
    second = Certificate.objects.get(version=2)
    first.refresh_from_db()
    assert (second.holder, first.revoke_reason) == ("สมศรี ใจดี", "พิมพ์ชื่อผู้รับผิด")
    assert f"/certificates/{second.code}/" in page.url
    said = central.go(f"certificates/{first.code}/")
    assert second.number in said
    with translation.override("th"):
        assert reverse("certificate_verify", args=[second.code]) in page.content()
    holder = Person(browser, live_server, learner, language="en", width=1280)
    said = holder.go("my/notifications/")
    assert "revoked" in said and "again" in said
