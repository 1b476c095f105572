"""From a template to draft pages, in every language that a course has."""

from uuid import uuid4

from django.db import transaction
from wagtail.fields import StreamField

from activities.core import registry
from courses.authoring.places import add_draft, free_slug, in_all_languages, open_to
from courses.catalogue.course_file import as_stored
from courses.catalogue.lesson_file import block
from courses.catalogue.models import CoursePage, SectionPage

from .library import CourseTemplate, Template, in_language


def page_of(template: Template, language: str, *, minutes: int | None = None, **values):
    """An unsaved page from a template in a language."""
    page = registry.get(template.kind).page_model(
        title=in_language(template.title, language),
        minutes=minutes or template.minutes,
        required=True,
        **values,
    )
    fill(page, template.values(language))
    return page


def fill(page, values: dict) -> None:
    for name, value in values.items():
        model_field = page._meta.get_field(name)
        if isinstance(model_field, StreamField):
            value = as_stored(model_field.stream_block, value)
        setattr(page, name, value)


@transaction.atomic
def add_item(template: Template, parent, user) -> list:
    """Drafts below a course or section in each of its languages where the user may add."""
    parents = open_to(user, in_all_languages(parent))
    return place(template, parents, user, minutes=template.minutes)


def place(template: Template, parents: list, user, minutes: int) -> list:
    slug, key, made = free_slug(parents, template.name), uuid4(), []
    for parent in parents:
        language = parent.locale.language_code
        page = page_of(
            template, language, minutes=minutes, slug=slug, translation_key=key,
            locale=parent.locale,
        )  # fmt: skip
        add_draft(parent, page, user)
        made.append(page)
    return made


@transaction.atomic
def add_course(
    template: CourseTemplate, catalogues: list, user, *, titles: dict, slug: str, code: str
) -> list[CoursePage]:
    """A course with all its items as drafts, one tree below each catalogue, linked as translations.

    `titles` are {language: text}.
    """
    key, courses = uuid4(), []
    for catalogue in catalogues:
        language = catalogue.locale.language_code
        course = CoursePage(
            title=titles[language],
            slug=slug,
            code=code,
            summary=in_language(template.summary, language),
            pacing=template.pacing,
            translation_key=key,
            locale=catalogue.locale,
        )
        lines = [
            block([template.name, "outcomes", n], "outcome", in_language(texts, language))
            for n, texts in enumerate(template.outcomes)
        ]
        fill(course, {"outcomes": lines})
        add_draft(catalogue, course, user)
        courses.append(course)
    for n, section in enumerate(template.sections, start=1):
        parents = courses if section.title is None else add_section(section, n, courses, user)
        for placed in section.items:
            place(placed.template, parents, user, placed.minutes)
    return courses


def add_section(section, n: int, courses: list, user) -> list:
    slug, key, made = free_slug(courses, f"part-{n}"), uuid4(), []
    for course in courses:
        page = SectionPage(
            title=in_language(section.title, course.locale.language_code),
            slug=slug,
            translation_key=key,
            locale=course.locale,
        )
        add_draft(course, page, user)
        made.append(page)
    return made
