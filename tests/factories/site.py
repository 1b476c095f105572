"""The demo course on a filled site, by the same doors that an operator uses."""

from pathlib import Path

from courses import catalogue
from courses.catalogue.course_file import import_courses
from courses.catalogue.load_framework import load_framework
from courses.enrolment.models import CourseRun
from courses.releases.models import CourseState
from courses.releases.settle import settle_all
from tests.factories.courses import build_tree
from tests.remember import remembered

SLUG = "digital-literacy-7-skill-groups"
FILE = Path(catalogue.__file__).parent / "data" / "dl-101.yaml"


@remembered
def demo_course() -> CourseState:
    """A site with DL-101 on offer in both languages."""
    load_framework()
    build_tree()
    import_courses(FILE)
    settle_all()  # inside a test's transaction nothing is committed, so settle by hand
    return CourseState.objects.select_related("current").get(slug=SLUG)


def the_run() -> CourseRun:
    return CourseRun.objects.get(course=CourseState.objects.get(slug=SLUG).course)
