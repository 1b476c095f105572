"""Course files in the authoring site: check, look, import; download."""

import copy
import io
import zipfile

import pytest
import yaml
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Page
from wagtail.users.models import UserProfile

from courses.authoring.models import CourseImport
from courses.catalogue.course_export import export_course
from courses.catalogue.models import CoursePage
from courses.enrolment.enrol import enrol
from courses.releases.models import CourseState
from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import forget_settling
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def state():
    made = demo_course()
    forget_settling()
    return made


@pytest.fixture
def admin(client, state):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    UserProfile.objects.create(user=person, preferred_language="en")
    client.force_login(person)
    return client


def course_page() -> CoursePage:
    return CoursePage.objects.get(locale__language_code="th", slug=SLUG)


def archive(change=None) -> bytes:
    """The demo course as a zip, with its data changed by a function."""
    exported = export_course(course_page())
    if change is None:
        return exported.archive
    data = yaml.safe_load(exported.text)
    change(data["courses"][0])
    exported.text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return exported.archive


def upload(admin, content: bytes, name="course.zip", run=None, **form):
    """Upload and let the check run; returns the job."""
    data = {"file": SimpleUploadedFile(name, content), **form}
    with run(execute=True):
        response = admin.post(reverse("authoring_files"), data)
    assert response.status_code == 302, response.text[:2000]
    return CourseImport.objects.get()


def press_import(admin, job, run):
    with run(execute=True):
        admin.post(reverse("authoring_import_confirm", args=[job.pk]))
    job.refresh_from_db()
    return job


def page_of(admin, job) -> str:
    return admin.get(reverse("authoring_import", args=[job.pk])).text


def rename_first(course):
    course["items"][0]["title"]["th"] = "ชื่อใหม่ของบทเรียน"


def test_a_file_with_changes_shows_them_before_anything_is_done(
    admin, django_capture_on_commit_callbacks
):
    job = upload(admin, archive(rename_first), run=django_capture_on_commit_callbacks)
    text = page_of(admin, job)
    assert job.state == "ready"
    assert "This is what would change" in text and "ชื่อใหม่ของบทเรียน" in text
    assert not Page.objects.filter(title="ชื่อใหม่ของบทเรียน").exists()


def test_pressing_import_does_it_once(admin, state, django_capture_on_commit_callbacks):
    run = django_capture_on_commit_callbacks
    learner = enrol(UserFactory(), state.course)
    job = press_import(admin, upload(admin, archive(rename_first), run=run), run)
    assert job.state == "done"
    assert Page.objects.filter(title="ชื่อใหม่ของบทเรียน", live=True).count() == 1
    fresh = CourseState.objects.get(course=state.course)
    assert fresh.current.number == 2
    learner.refresh_from_db()
    assert learner.state == "active"
    press_import(admin, job, run)
    assert CourseState.objects.get(course=state.course).current.number == 2


def test_a_file_without_changes_says_so(admin, django_capture_on_commit_callbacks):
    job = upload(admin, archive(), run=django_capture_on_commit_callbacks)
    assert "nothing would change" in page_of(admin, job)


def test_mistakes_are_shown_with_line_and_place(admin, django_capture_on_commit_callbacks):
    def spoil(course):
        course["items"][0]["minutes"] = "many"
        course["levle"] = "x"

    job = upload(admin, archive(spoil), run=django_capture_on_commit_callbacks)
    text = page_of(admin, job)
    assert job.state == "refused"
    assert "2 mistakes. Nothing was changed." in text
    assert "courses[0].items[0].minutes" in text
    assert "did you mean “level”?" in text


def test_a_file_below_forty_per_cent_is_refused_with_the_numbers(
    admin, state, django_capture_on_commit_callbacks
):
    def heavier(course):
        course["items"][0]["minutes"] = 400

    job = upload(admin, archive(heavier), run=django_capture_on_commit_callbacks)
    assert job.state == "refused"
    assert "too much lecturing" in page_of(admin, job)
    assert CourseState.objects.get(course=state.course).current_id == state.current_id


def test_what_the_file_lacks_stays_unless_asked(admin, django_capture_on_commit_callbacks):
    def without_quiz(course):
        course["items"] = [item for item in course["items"] if item["kind"] != "assessment"]

    run = django_capture_on_commit_callbacks
    job = upload(admin, archive(without_quiz), run=run)
    assert "Not in the file, left alone" in page_of(admin, job)
    job.delete()
    content = archive(without_quiz)
    job = press_import(admin, upload(admin, content, run=run, remove_rest="on"), run)
    assert not Page.objects.get(slug="a-q1", locale__language_code="th").live


def test_sections_are_made_and_items_move_into_them(admin, django_capture_on_commit_callbacks):
    def with_section(course):
        course["sections"] = [{"key": "part-one", "title": {"th": "ส่วนที่หนึ่ง", "en": "Part one"}}]
        for item in course["items"][:3]:
            item["section"] = "part-one"

    run = django_capture_on_commit_callbacks
    job = press_import(admin, upload(admin, archive(with_section), run=run), run)
    assert job.state == "done", job.problems
    section = Page.objects.get(slug="part-one", locale__language_code="th")
    assert section.get_children().count() == 3
    exported = yaml.safe_load(export_course(course_page()).text)["courses"][0]
    assert exported["sections"][0]["title"]["en"] == "Part one"
    assert [item.get("section") for item in exported["items"][:4]] == ["part-one"] * 3 + [None]


def zipped(**files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("course.txt", b"x", "Choose a course file"),
        ("course.yaml", b"\xff\xfe\x00", "is not a text in UTF-8"),
        ("course.yaml", b"a: [", "is not YAML"),
        ("course.yaml", b"!!python/object/apply:os.system ['true']", "is not YAML"),
        ("course.yaml", b"- 1", "expected a list of courses"),
        ("a.zip", zipped(readme="x"), "exactly one course file"),
        ("a.zip", zipped(**{"one.yaml": "a", "two.yaml": "b"}), "exactly one course file"),
        ("a.zip", zipped(**{"..__..__evil.yaml": "a"}), "lead out of it"),
    ],
)
def test_what_is_no_course_file_is_refused(
    admin, name, content, words, django_capture_on_commit_callbacks
):
    job = upload(admin, content, name=name, run=django_capture_on_commit_callbacks)
    assert job.state == "refused"
    assert words in page_of(admin, job)


def test_a_bomb_of_aliases_does_no_harm(admin, django_capture_on_commit_callbacks):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 9):
        before = chr(96 + n)
        lines.append(f"{chr(97 + n)}: &{chr(97 + n)} [{', '.join([f'*{before}'] * 9)}]")
    bomb = "\n".join(lines).encode()
    job = upload(admin, bomb, name="bomb.yaml", run=django_capture_on_commit_callbacks)
    assert job.state == "refused"


def test_a_form_without_a_file_is_refused(admin):
    response = admin.post(reverse("authoring_files"), {})
    assert response.status_code == 422


def test_a_download_can_be_imported_again(admin):
    response = admin.get(reverse("authoring_download", args=[course_page().pk]))
    assert response["Content-Type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
    assert f"{SLUG}.yaml" in names
    assert len([name for name in names if name.startswith("figures/")]) == 8


def test_people_without_the_right_to_publish_courses_are_sent_away(client, state):
    person = UserFactory()
    client.force_login(person)
    for url in (reverse("authoring_files"), reverse("authoring_download", args=[course_page().pk])):
        assert client.get(url).status_code in (302, 403)


def test_somebody_elses_file_does_not_exist(admin, django_capture_on_commit_callbacks):
    job = upload(admin, archive(), run=django_capture_on_commit_callbacks)
    CourseImport.objects.update(user=UserFactory())
    for answer in (
        admin.get(reverse("authoring_import", args=[job.pk]), follow=True),
        admin.post(reverse("authoring_import_confirm", args=[job.pk]), follow=True),
    ):
        assert answer.status_code == 404


def test_the_page_of_uploads_costs_few_queries(admin, django_assert_max_num_queries):
    url = reverse("authoring_files")
    admin.get(url)
    with django_assert_max_num_queries(25):
        assert admin.get(url).status_code == 200


def test_the_export_is_not_changed_by_looking_at_it(state):
    assert copy.deepcopy(export_course(course_page()).text) == export_course(course_page()).text
