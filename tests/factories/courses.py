"""Courses as authors make them: published pages with real activities in them.

The activities are those of the demo course, so that what they declare is covered by what they
require. Courses are settled at once, as they are after a commit.
"""

import importlib
import uuid
from types import SimpleNamespace

from django.db import connection

from activities.core import registry
from activities.core.models import ItemVersion
from courses.catalogue.models import CatalogPage, CoursePage, LessonPage
from courses.enrolment.enrol import enrol, ensure_rolling_run
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.models import CourseRelease, CourseState, ReleaseItem
from courses.releases.settle import settle
from lms.operations.site_tree import ensure_site
from tests.factories import files
from tests.factories.items import locale
from tests.remember import remembered

# What the demo course's activities declare: below what they account for.
MINUTES = {"discussion": 35, "role_play_solo": 20, "workshop": 60, "quiz": 15}
KEYS = {"discussion": "a-d1", "role_play_solo": "a-r1", "workshop": "a-w1", "quiz": "a-q1"}
TITLES = {"th": "หลักสูตรทดสอบ", "en": "Course to test"}


def course_file() -> dict:
    return files.course()


def item_of(kind: str) -> dict:
    """The demo course's item of a kind, fresh for each caller."""
    return files.item(KEYS[kind])


@remembered
def build_tree() -> dict[str, CatalogPage]:
    """The site's first pages; returns the catalogue in each language."""
    ensure_site()
    return {page.locale.language_code: page for page in CatalogPage.objects.all()}


def add_lesson(parent, slug: str, minutes: int, *, live=True, revised=True, **values) -> LessonPage:
    """A lesson below a page. Without `revised` it is written live at once, as an import may: quick."""
    page = LessonPage(
        title=values.pop("title", f"บทเรียน {slug}"),
        slug=slug,
        minutes=minutes,
        locale=parent.locale,
        live=live,
        **values,
    )
    parent.add_child(instance=page)
    if live and revised:
        page.save_revision().publish()
    return page


def add_activity(
    parent, kind: str, slug: str, minutes: int | None = None, *, revised=True, **values
):
    """An activity of the demo course below a page, published; `revised` as for a lesson."""
    item, language = item_of(kind), parent.locale.language_code
    module = importlib.import_module(
        f"{type(registry.get(kind)).__module__.rpartition('.')[0]}.course_file"
    )
    page = registry.get(kind).page_model(
        title=item["title"][language],
        slug=slug,
        minutes=minutes or MINUTES[kind],
        locale=parent.locale,
        **{**module.from_course_file(item, language), **values},
    )
    parent.add_child(instance=page)
    if revised:
        page.save_revision().publish()
    return page


@remembered
def make_course(
    slug="course",
    lectures=(25,),
    actives=("role_play_solo",),
    *,
    title=None,
    english=False,
    offered=True,
    **values,
) -> CoursePage:
    """A live course: lessons `l1`, `l2`, … and activities `a1`, `a2`, … of the given kinds.

    An entry of `actives` is a kind or (kind, minutes). With `english` it has a translation.
    `values` are fields of the course page. Unless `offered` is false, it is settled.
    """
    catalogues = build_tree()
    course = None
    for language in ("th", "en") if english else ("th",):
        page = CoursePage(
            title=title or f"{TITLES[language]} {slug}",
            slug=slug,
            code=values.get("code") or slug.upper()[:20],
            summary=values.get("summary") or "สรุปของหลักสูตร",
            locale=locale(language),
            **{k: v for k, v in values.items() if k not in ("code", "summary")},
        )
        if course is not None:
            page.translation_key = course.translation_key
        catalogues[language].add_child(instance=page)
        for n, minutes in enumerate(lectures, start=1):
            lesson = translated(course, f"l{n}")
            add_lesson(page, f"l{n}", minutes, **lesson)
        for n, entry in enumerate(actives, start=1):
            kind, minutes = entry if isinstance(entry, tuple) else (entry, None)
            add_activity(page, kind, f"a{n}", minutes, **translated(course, f"a{n}"))
        page.save_revision().publish()
        course = course or page
    if offered:
        state = settle(course.translation_key)
        assert state.current_id, state.problems
        forget_settling()
    return course


def forget_settling() -> None:
    """Drop what waits for a commit that a test never makes: it would stand for later changes."""
    waiting = connection.run_on_commit
    connection.run_on_commit = [e for e in waiting if not hasattr(e[1], "settles")]


def translated(course, slug: str) -> dict:
    """The key that a translation shares with its source."""
    if course is None:
        return {}
    return {"translation_key": course.get_children().get(slug=slug).translation_key}


def state_of(course) -> CourseState:
    return CourseState.objects.select_related("current").get(course=course.translation_key)


def run_of(course) -> CourseRun:
    return ensure_rolling_run(course.translation_key)


def enrolled(user, course) -> Enrolment:
    return enrol(user, course.translation_key)


def child(course, slug: str):
    return course.get_children().get(slug=slug).specific


def bare_course(slug="course") -> SimpleNamespace:
    """A course on offer by its rows alone, for tests about its people: a lesson `l1`, a discussion `a2`.

    It has no pages, so nothing in it can be opened; it is made in a moment.
    """
    course, items, versions = uuid.uuid4(), [], []
    for name, kind, category, minutes in (
        ("l1", "lesson", "lecture", 25),
        ("a2", "discussion", "active", 35),
    ):
        amounts = {"lecture": 0, "active": 0, "neutral": 0} | {category: minutes}
        titles = {"th": name, "en": name}
        version = ItemVersion.objects.create(
            item=uuid.uuid4(),
            kind=kind,
            category=category,
            declared=minutes,
            required=True,
            source_language="th",
            texts={code: {"title": title} for code, title in titles.items()},
            digest=name,
            **amounts,
        )
        versions.append(version)
        items.append(
            {
                "key": str(version.item),
                "slug": name,
                "kind": kind,
                "category": category,
                "icon": "book",
                "titles": titles,
                "summaries": {"th": "", "en": ""},
                "expects": {"th": [], "en": []},
                "declared": minutes,
                "required": True,
                "section": None,
                **amounts,
            }
        )
    outline = {
        "slug": slug,
        "code": slug.upper()[:20],
        "level": "foundation",
        "pacing": "rolling",
        "target_groups": [],
        "skill_groups": [],
        "titles": {"th": f"หลักสูตร {slug}", "en": f"Course {slug}"},
        "summaries": {"th": "", "en": ""},
        "sections": [],
        "items": items,
    }
    release = CourseRelease.objects.create(
        course=course, number=1, lecture=25, active=35, neutral=0, outline=outline, texts={}
    )
    ReleaseItem.objects.bulk_create(
        ReleaseItem(release=release, position=n, version=version)
        for n, version in enumerate(versions, start=1)
    )
    CourseState.objects.create(
        course=course, status="offered", current=release, served=release, slug=slug
    )
    ensure_rolling_run(course)
    return SimpleNamespace(translation_key=course, slug=slug)
