"""The demo course on a filled site, by the same doors that an operator uses."""

from pathlib import Path

from courses import catalogue
from courses.catalogue.course_file import import_courses
from courses.catalogue.load_framework import load_framework
from courses.catalogue.models import HomePage
from courses.enrolment.models import CourseRun
from courses.releases.models import CourseState
from courses.releases.settle import settle_all
from lms.operations.site_tree import ensure_site
from search import checking, engines
from tests.remember import remembered

SLUG = "digital-literacy-7-skill-groups"
FILE = Path(catalogue.__file__).parent / "data" / "dl-101.yaml"


@remembered
def filled_site() -> HomePage:
    """The site's first pages and the official frameworks; returns the Thai home page."""
    load_framework()
    return ensure_site()


@remembered
def imported(name: str) -> None:
    """A site with the course of one of our files on offer in both languages."""
    filled_site()
    import_courses(FILE.with_name(name))
    settle_all()  # inside a test's transaction nothing is committed, so settle by hand


def demo_course() -> CourseState:
    """A site with DL-101 on offer in both languages."""
    imported(FILE.name)
    return CourseState.objects.select_related("current").get(slug=SLUG)


@remembered
def indexed(name: str) -> None:
    """As `imported`, and all of it can be searched."""
    engines.database().clear()
    imported(name)
    checking.rebuild()


def searchable_demo_course() -> CourseState:
    """A site with DL-101 on offer, where search finds what it may."""
    indexed(FILE.name)
    return CourseState.objects.select_related("current").get(slug=SLUG)


def the_run() -> CourseRun:
    return CourseRun.objects.get(course=CourseState.objects.get(slug=SLUG).course)
