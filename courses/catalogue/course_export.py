"""Writing a course into a course file, with its pictures beside it.

What was exported can be imported again, here or on another site: the same course comes out.
"""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import yaml
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.models import Locale, Page

from activities.core import guard, registry
from activities.core.course_export import CannotExport

from . import lesson_file
from .course_file import KINDS, LANGUAGES, reader_of
from .models import CoursePage, SectionPage

FILE_KINDS = {kind: name for name, kind in KINDS.items()}


@dataclass
class Exported:
    """A course file's text, and the pictures it names: {path beside the file: content}."""

    name: str
    text: str
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def archive(self) -> bytes:
        """Everything in one zip archive."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{self.name}.yaml", self.text)
            for path, content in self.pictures.items():
                archive.writestr(path, content)
        return stream.getvalue()


class Dumper(yaml.SafeDumper):
    """Texts on one line each: a folded line would put spaces into Thai sentences."""

    def ignore_aliases(self, data):
        return True


def export_course(course: CoursePage, *, drafts: bool = False) -> Exported:
    """The course of a page (in any of its languages), as its live pages have it.

    With `drafts`, as the newest revisions have it. Raises `CannotExport` with the reason.
    """
    sides = in_languages(course, drafts)
    if not sides:
        raise CannotExport(_("This course has no page in Thai."))
    source = next(iter(sides.values()))
    pictures: dict[str, bytes] = {}

    def picture(pk: int) -> str:
        image = get_image_model().objects.filter(pk=pk).first()
        if image is None:
            raise CannotExport(_("A picture of this course is no longer there."))
        name = f"figures/{PurePosixPath(image.file.name).name}"
        with image.file.open("rb") as stream:
            pictures[name] = stream.read()
        return name

    sections, items = [], []
    for page in pages_below(course, drafts):
        if isinstance(page, SectionPage):
            both = in_languages(page, drafts)
            sections.append({"key": page.slug, "title": titles(both)})
            continue
        items.append(item_of(page, drafts, sections, picture))
    data = {
        "slug": source.slug,
        "code": source.code,
        "title": titles(sides),
        "summary": {code: page.summary for code, page in sides.items()},
        "target_groups": sorted(source.target_groups.values_list("key", flat=True)),
        "skill_groups": sorted(source.skill_groups.values_list("key", flat=True)),
        **({"prerequisites": before} if (before := prerequisites(source)) else {}),
        "level": source.level,
        "language": LANGUAGES[0],
        "pacing": source.pacing,
        "outcomes": outcomes(sides),
    }
    if sections:
        data["sections"] = sections
    data["items"] = items
    text = yaml.dump(
        {"schema_version": 1, "courses": [data]},
        Dumper=Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    return Exported(name=source.slug, text=text, pictures=pictures)


def newest(page: Page, drafts: bool):
    return page.get_latest_revision_as_object() if drafts else page.specific


def in_languages(page: Page, drafts: bool) -> dict:
    """{language: page} of a page, the source language first; only languages that are there."""
    found = {}
    for code in LANGUAGES:
        locale = Locale.objects.filter(language_code=code).first()
        row = Page.objects.filter(translation_key=page.translation_key, locale=locale).first()
        if row is not None and (drafts or row.live):
            found[code] = newest(row, drafts)
    return found if LANGUAGES[0] in found else {}


def pages_below(course: CoursePage, drafts: bool) -> list:
    thai = CoursePage.objects.filter(
        translation_key=course.translation_key, locale__language_code=LANGUAGES[0]
    ).first()
    rows = Page.objects.descendant_of(thai).order_by("path").specific()
    return [row for row in rows if drafts or row.live]


def titles(sides: dict) -> dict:
    return {code: page.title for code, page in sides.items()}


def prerequisites(page: CoursePage) -> list[str]:
    """The slugs of the courses to complete before."""
    return [row.course.slug for row in page.prerequisites.all()]


def outcomes(sides: dict) -> list[dict]:
    texts = {
        code: [entry["value"] for entry in page.outcomes.raw_data] for code, page in sides.items()
    }
    return [
        {code: side[n] for code, side in texts.items() if n < len(side)}
        for n in range(len(next(iter(texts.values()))))
    ]


def item_of(page, drafts: bool, sections: list[dict], picture) -> dict:
    sides = in_languages(page, drafts)
    try:
        kind = registry.get(page.kind_name)
        module = reader_of(kind)
    except (AttributeError, registry.UnknownKind):
        module = None
    if module is None or not hasattr(module, "to_course_file"):
        raise CannotExport(
            _("“%(title)s” is of a kind that cannot be written into a course file.")
            % {"title": page.title}
        )
    source = next(iter(sides.values()))
    item = {
        "kind": FILE_KINDS.get(kind.name, kind.name),
        "key": source.slug,
        "minutes": source.minutes,
        "required": source.required,
    }
    parent = page.get_parent()
    if sections and parent.slug in {section["key"] for section in sections}:
        item["section"] = parent.slug
    item["title"] = titles(sides)
    if module is lesson_file:
        return item | module.to_course_file(sides, picture)
    try:
        with guard.boundary(kind, "course_file", passes=(CannotExport,)):
            return item | module.to_course_file(sides)
    except registry.KindFailed:
        raise CannotExport(
            _("“%(title)s” is of a kind that does not work at present.") % {"title": page.title}
        ) from None
