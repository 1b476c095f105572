"""Importing courses from a YAML file: all of it or nothing.

A file is read completely before anything is written, and every mistake is reported with its line
and path. Pages are found again by their slug (a course's own, an item's `key`), so that importing
a changed file changes the pages, and importing the same file again changes nothing. Pages that
authors added in the editor are left alone.
"""

import difflib
import importlib
import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Locale, Page
from wagtail.utils.file import hash_filelike

from activities.core import guard, registry
from activities.core.course_file import (
    CourseFileError,
    collecting,
    did_you_mean,
    expected_one_of,
    required,
    text,
    unread,
    watched,
    whole_number,
)
from activities.core.models import LONGEST_ITEM_MINUTES, ItemPage
from activities.core.snapshots import snapshot

from . import lesson_file
from .located_yaml import LocatedYaml, NotReadable, Problem
from .models import (
    CatalogPage,
    CoursePage,
    Level,
    Pacing,
    Prerequisite,
    SectionPage,
    SkillGroup,
    TargetGroup,
)

LANGUAGES = ("th", "en")
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
KINDS = {"lecture": "lesson", "assessment": "quiz"}
FILE_NAMES = {kind: name for name, kind in KINDS.items()}
# Remarks that a file may carry about itself; nothing reads them.
REMARKS = frozenset(("time_check", "note", "source", "evidence_ceiling_minutes", "score_range"))
PICTURES = {".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif"}
# What makes a drawing a program. Files come from other agencies, too.
ACTIVE_SVG = re.compile(rb"<script|<foreignobject|javascript:|\son[a-z]+\s*=", re.IGNORECASE)


class CourseFileRefused(ValueError):
    """The file has mistakes; nothing was imported. `problems` says where each one is."""

    code = "course_file_refused"

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass
class ReadItem:
    kind: str
    key: str
    path: list
    titles: dict
    minutes: int
    required: bool
    fields: dict  # {language: {field: value}}
    section: str = ""


@dataclass
class ReadSection:
    key: str
    path: list
    titles: dict


@dataclass
class ReadCourse:
    slug: str
    path: list
    fields: dict  # {language: {field: value}}
    target_groups: list
    skill_groups: list
    items: list[ReadItem]
    sections: list[ReadSection] = field(default_factory=list)
    prerequisites: list[tuple[str, list]] = field(default_factory=list)  # (slug, where it stands)


@dataclass
class Report:
    """What an import did (or would do): titles of pages that were made, changed (with the names of
    what changed), moved, taken off, or found as they should be; and how each course would stand."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    details: dict[str, list[str]] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # in the course, but not in the file
    courses: list = field(default_factory=list)  # translation keys


def import_courses(
    file: Path, *, dry_run: bool = False, remove_rest: bool = False, check=None, progress=None
) -> Report:
    """Import every course of a file, in Thai and English.

    With `remove_rest`, items of a course that the file does not have are taken off. `check(page)`
    gives sentences that stand against a course as it was written; `progress(done, all)` is told
    after each course. Raises `CourseFileRefused` with all the mistakes; then, and with `dry_run`,
    nothing stays.
    """
    try:
        source = LocatedYaml(file)
    except NotReadable as error:
        raise CourseFileRefused([error.problem]) from None
    reader = Reader(source, file.parent)
    courses = reader.courses()
    if reader.problems:
        raise CourseFileRefused(sorted(set(reader.problems)))
    writer = Writer(source, file.parent, remove_rest=remove_rest)
    kept = False
    try:
        with transaction.atomic():
            for n, course in enumerate(courses, start=1):
                page = writer.write(course)
                if check is not None and page is not None and not writer.problems:
                    for message in check(page):
                        writer.refuse(course.path, message)
                if progress is not None:
                    progress(n, len(courses))
            if writer.problems:
                raise CourseFileRefused(sorted(set(writer.problems)))
            if dry_run:
                transaction.set_rollback(True)
        kept = not dry_run
    finally:
        if not kept:
            writer.forget_pictures()
    return writer.report


def reader_of(kind):
    """The module that reads a kind from a course file: `course_file` beside the kind's own."""
    if kind.name == "lesson":
        return lesson_file
    package = type(guard.bare(kind)).__module__.rsplit(".", 1)[0]
    try:
        with guard.boundary(kind, "course_file"):
            return module_or_none(f"{package}.course_file")
    except registry.KindFailed:
        return None


def module_or_none(name: str):
    """The module of that name, or None where there is none."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise


def failed_kind(kind) -> str:
    return _("the kind “%(kind)s” does not work at present") % {"kind": kind.name}


def read_through(value):
    """Everything in a value: so that what was not understood is not called unknown as well."""
    for entry in value.values() if isinstance(value, dict) else value:
        yield entry
        if isinstance(entry, dict | list):
            yield from read_through(entry)


class Reader:
    """From the file's data to what will be written, collecting every mistake on the way."""

    def __init__(self, source: LocatedYaml, folder: Path):
        self.source = source
        self.folder = folder
        self.problems: list[Problem] = source.repeated_keys()

    def refuse(self, path: list, message: str) -> None:
        self.problems.append(self.source.problem(path, message))

    def attempt(self, path: list, function, *args, default=None, **kwargs):
        """The function's value, or the default with its mistake noted (relative to `path`)."""
        with collecting() as found:
            try:
                value = function(*args, **kwargs)
            except CourseFileError as error:
                found.append(error)
            except (TypeError, AttributeError, KeyError, ValueError):
                # What does not fit has been named already, unless nothing has been.
                if not found:
                    found.append(CourseFileError([], _("is not in the shape of a course file")))
        for error in found:
            self.refuse([*path, *error.path], str(error.message))
        return default if found else value

    def courses(self) -> list[ReadCourse]:
        data = self.source.data
        if not isinstance(data, dict) or not isinstance(data.get("courses"), list):
            self.refuse(["courses"], _("expected a list of courses"))
            return []
        if data.get("schema_version") != 1:
            self.refuse(["schema_version"], _("expected 1"))
        if not data["courses"]:
            self.refuse(["courses"], _("is empty"))
        self.one_sided(data["courses"], ["courses"])
        courses = []
        for n, course in enumerate(data["courses"]):
            path = ["courses", n]
            if isinstance(course, dict):
                course = watched(course)
                courses.append(self.course(course, path))
                self.name_unread(course, path)
            else:
                self.refuse(path, _("expected a mapping"))
        self.unique([(course.slug, [*course.path, "slug"]) for course in courses])
        return courses

    def name_unread(self, data, path: list) -> None:
        """Keys that nothing asked for. Of an item that could not be read at all, none."""
        for error in unread(data, []):
            if not REMARKS & {str(step) for step in error.path}:
                self.refuse([*path, *error.path], str(error.message))

    def one_sided(self, value, path: list) -> None:
        """Texts that are written in one language only."""
        if isinstance(value, list):
            for n, entry in enumerate(value):
                self.one_sided(entry, [*path, n])
        elif isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
            for language in LANGUAGES:
                if not value.get(language):
                    self.refuse([*path, language], _("is missing"))
        elif isinstance(value, dict):
            for key, entry in value.items():
                self.one_sided(entry, [*path, key])

    def unique(self, names: list[tuple[str, list]]) -> None:
        seen = set()
        for name, path in names:
            if name and name in seen:
                self.refuse(path, _("“%(name)s” is used twice") % {"name": name})
            seen.add(name)

    def course(self, data: dict, path: list) -> ReadCourse:
        def choice(key, choices, default):
            value = data.get(key, default)
            if value not in choices.values:
                self.refuse([*path, key], expected_one_of(value, choices.values))
            return value

        shared = {
            "code": str(self.attempt(path, required, data, "code", [], default="")),
            "level": choice("level", Level, Level.FOUNDATION),
            "pacing": choice("pacing", Pacing, Pacing.ROLLING),
        }
        if data.get("language", "th") != "th":
            self.refuse([*path, "language"], _("expected th: the source language of this site"))
        fields = {}
        for language in LANGUAGES:
            fields[language] = {
                **shared,
                "title": self.attempt(path, text, data, "title", language, [], default=""),
                "summary": self.attempt(path, text, data, "summary", language, [], default=""),
                "outcomes": self.outcomes(data, language, path),
            }
        sections = self.sections(data, path)
        keys = {section.key for section in sections}
        items = []
        for n, item in enumerate(self.list_in(data, "items", path)):
            place = [*path, "items", n]
            if isinstance(item, dict):
                items.append(self.item(item, place))
                section = item.get("section", "")
                if section and section not in keys:
                    self.refuse(
                        [*place, "section"],
                        _("there is no section “%(name)s”") % {"name": section},
                    )
                elif items[-1] is not None:
                    items[-1].section = str(section)
            else:
                self.refuse(place, _("expected a mapping"))
        if not items:
            self.refuse([*path, "items"], _("is missing"))
        items = [item for item in items if item is not None]
        self.unique([(part.key, [*part.path, "key"]) for part in [*sections, *items]])
        return ReadCourse(
            slug=self.slug(data, "slug", path),
            path=path,
            fields=fields,
            target_groups=self.terms(TargetGroup, data, "target_groups", path),
            skill_groups=self.terms(SkillGroup, data, "skill_groups", path),
            items=items,
            sections=sections,
            prerequisites=[
                (str(name), [*path, "prerequisites", n])
                for n, name in enumerate(self.list_in(data, "prerequisites", path))
            ],
        )

    def sections(self, data: dict, path: list) -> list[ReadSection]:
        found = []
        for n, section in enumerate(self.list_in(data, "sections", path)):
            place = [*path, "sections", n]
            if not isinstance(section, dict):
                self.refuse(place, _("expected a mapping"))
                continue
            titles = {
                language: self.attempt(place, text, section, "title", language, [], default="")
                for language in LANGUAGES
            }
            found.append(ReadSection(self.slug(section, "key", place), place, titles))
        return found

    def slug(self, data: dict, key: str, path: list) -> str:
        value = self.attempt(path, required, data, key, [], default="")
        if value and (not isinstance(value, str) or not SLUG.fullmatch(value)):
            self.refuse([*path, key], _("expected small letters, digits and hyphens"))
        return str(value)

    def list_in(self, data: dict, key: str, path: list) -> list:
        value = data.get(key) or []
        if not isinstance(value, list):
            self.refuse([*path, key], _("expected a list"))
            return []
        return value

    def outcomes(self, data: dict, language: str, path: list) -> list[dict]:
        entries = self.list_in(data, "outcomes", path)
        return [
            lesson_file.block(
                [*path, "outcomes", n],
                "outcome",
                self.attempt(
                    path, text, dict(enumerate(entries)), n, language, ["outcomes"], default=""
                ),
            )
            for n in range(len(entries))
        ]

    def terms(self, model, data: dict, key: str, path: list) -> list:
        """The framework's terms under their keys, from the editions in use."""
        found = []
        for n, name in enumerate(self.list_in(data, key, path)):
            term = (
                model.objects.filter(framework__is_current=True, key=str(name))
                .order_by("-framework__version")
                .first()
            )
            if term is None:
                self.refuse(
                    [*path, key, n],
                    _("“%(name)s” is not in a framework in use") % {"name": name},
                )
            else:
                found.append(term)
        return found

    def item(self, data: dict, path: list) -> ReadItem | None:
        key = self.slug(data, "key", path)
        minutes = self.attempt(
            path, whole_number, data, "minutes", [], default=1, least=1, most=LONGEST_ITEM_MINUTES
        )
        is_required = data.get("required", True)
        if not isinstance(is_required, bool):
            self.refuse([*path, "required"], _("expected true or false"))
        titles = {
            language: self.attempt(path, text, data, "title", language, [], default="")
            for language in LANGUAGES
        }
        file_kind = self.attempt(path, required, data, "kind", [], default="")
        if not file_kind:
            list(read_through(data))
            return None
        try:
            kind = registry.get(KINDS.get(str(file_kind), str(file_kind)))
            module = reader_of(kind)
        except registry.UnknownKind:
            module = None
        if module is None:
            known = [FILE_NAMES.get(kind.name, kind.name) for kind in registry.all_kinds()]
            near = difflib.get_close_matches(str(file_kind), known, n=1)
            message = _("the kind “%(kind)s” is not available here yet") % {"kind": file_kind}
            if near:
                message = f"{message} ({did_you_mean(near[0])})"
            self.refuse([*path, "kind"], message)
            list(read_through(data))
            return None
        reason = self.attempt(path, module.supported, data)
        if reason:
            # A format or mode is refused by its name, at its line.
            place = next((name for name in ("format", "mode") if name in data), "kind")
            self.refuse([*path, place], f"“{data[place]}”: {reason}")
            list(read_through(data))
            return None
        try:
            fields = {
                language: self.read(kind, module, path, data, language) for language in LANGUAGES
            }
        except registry.KindFailed:
            self.refuse([*path, "kind"], failed_kind(kind))
            list(read_through(data))
            return None
        if kind.name == "lesson":
            for language in LANGUAGES:
                self.pictures(fields[language].get("body", []), path, language)
        return ReadItem(
            kind=kind.name,
            key=key,
            path=path,
            titles=titles,
            minutes=minutes,
            required=bool(is_required),
            fields=fields,
        )

    def read(self, kind, module, path: list, data, language: str):
        with guard.boundary(kind, "course_file"):
            return self.attempt(path, module.from_course_file, data, language, default={})

    def pictures(self, body: list[dict], path: list, language: str) -> None:
        """Refuse pictures that are not there, not pictures, or outside the file's folder."""
        for n, entry in enumerate(body):
            if entry["type"] != "image":
                continue
            place = [*path, "body", n, "file", language]
            picture = (self.folder / entry["value"]["image"]).resolve()
            if not picture.is_relative_to(self.folder.resolve()) or not picture.is_file():
                self.refuse(
                    place,
                    _("there is no file %(file)s beside this one")
                    % {"file": entry["value"]["image"]},
                )
            elif picture.suffix.lower() not in PICTURES:
                self.refuse(place, _("expected a picture: svg, png, jpg, webp or gif"))
            elif picture.suffix.lower() == ".svg" and ACTIVE_SVG.search(picture.read_bytes()):
                self.refuse(place, _("this drawing holds a script"))


class Writer:
    """From what was read to published pages. Runs inside a transaction."""

    def __init__(self, source: LocatedYaml, folder: Path, *, remove_rest: bool = False):
        self.source = source
        self.folder = folder
        self.remove_rest = remove_rest
        self.problems: list[Problem] = []
        self.report = Report()
        self.new_pictures: list = []

    def write(self, course: ReadCourse) -> CoursePage | None:
        pages = {}
        for language in LANGUAGES:
            locale = Locale.objects.filter(language_code=language).first()
            catalogue = CatalogPage.objects.filter(locale=locale, live=True).first()
            if locale is None or catalogue is None:
                self.refuse(
                    course.path,
                    _("this site has no catalogue page in “%(language)s” yet")
                    % {"language": language},
                )
                return None
            original = pages.get(LANGUAGES[0])
            page = self.page(CoursePage, catalogue, course.slug, original, locale)
            pages[language] = page
            values = {**course.fields[language], "slug": course.slug}
            changed = self.fill(page, values, course.path)
            changed |= self.set_terms(page, course)
            changed |= self.set_prerequisites(page, course, catalogue)
            # Not published before its items are, or the course would be offered without them.
            if page.pk is None:
                page.live = False
                if not self.saved(partial(catalogue.add_child, instance=page), course.path):
                    return None
            self.items(course, page, locale, original)
            self.publish(page, changed, course.path)
        self.report.courses.append(pages[LANGUAGES[0]].translation_key)
        return pages[LANGUAGES[0]]

    def items(self, course: ReadCourse, parent: CoursePage, locale: Locale, original) -> None:
        language = locale.language_code
        parents = {"": parent}
        for section in course.sections:
            page = self.section(section, parent, locale, original)
            if page is not None:
                parents[section.key] = page
        written = []
        for item in course.items:
            home = parents.get(item.section, parent)
            model = registry.get(item.kind).page_model
            source = None
            if original is not None:
                source = Page.objects.descendant_of(original).filter(slug=item.key).first()
                if source is None:  # its mistake is already noted
                    continue
            page = self.page(model, parent, item.key, source, locale, path=item.path)
            if page is None:
                continue
            changed = self.fill(
                page,
                {
                    "title": item.titles[language],
                    "slug": item.key,
                    "minutes": item.minutes,
                    "required": item.required,
                    **item.fields[language],
                },
                item.path,
            )
            if page.pk is None:
                page.live = False
                if not self.saved(partial(home.add_child, instance=page), item.path):
                    continue
            self.publish(page, changed, item.path)
            written.append((home, page))
            if language == LANGUAGES[0]:
                self.check(page, item)
        self.arrange(parent, parents, course, written)
        self.rest(parent, [*parents.values(), *(page for _home, page in written)])

    def section(self, section: ReadSection, parent, locale: Locale, original):
        """The page of a section, made or brought up to date; None when it cannot be."""
        source = None
        if original is not None:
            source = Page.objects.descendant_of(original).filter(slug=section.key).first()
        page = self.page(SectionPage, parent, section.key, source, locale, path=section.path)
        if page is None:
            return None
        values = {"title": section.titles[locale.language_code], "slug": section.key}
        changed = self.fill(page, values, section.path)
        if page.pk is None:
            page.live = False
            if not self.saved(partial(parent.add_child, instance=page), section.path):
                return None
        self.publish(page, changed, section.path)
        return SectionPage.objects.get(pk=page.pk)

    def arrange(self, course_page, parents: dict, course: ReadCourse, written: list) -> None:
        """Bring pages below their sections and into the order of the file."""
        for home, page in written:
            row = Page.objects.get(pk=page.pk)
            if row.get_parent().pk != home.pk:
                row.move(Page.objects.get(pk=home.pk), "last-child")
                self.report.moved.append(page.title)
        for home in parents.values():
            self.order(home, [page for place, page in written if place.pk == home.pk])
        if course.sections:
            top: list = []
            for home, page in written:
                first = page if home.pk == course_page.pk else home
                if first.pk not in {entry.pk for entry in top}:
                    top.append(first)
            self.order(course_page, top)

    def rest(self, course_page, known: list) -> None:
        """Items of the course that the file does not have: left alone, or taken off when asked."""
        keep = {page.pk for page in known}
        below = Page.objects.descendant_of(course_page).live().exclude(pk__in=keep).specific()
        for page in below:
            if not isinstance(page, ItemPage):
                continue
            if self.remove_rest:
                page.unpublish()
                self.report.removed.append(page.title)
            else:
                self.report.left.append(page.title)

    def page(self, model, parent, slug: str, original, locale: Locale, path: list | None = None):
        """The page under a slug (or the translation of `original`), unsaved when it is new."""
        found = None
        if original is not None:
            found = model.objects.filter(
                translation_key=original.translation_key, locale=locale
            ).first()
        found = found or model.objects.descendant_of(parent).filter(slug=slug).first()
        if found is not None:
            return found
        other = Page.objects.descendant_of(parent).filter(slug=slug).first()
        if other is not None and path is not None:
            self.refuse(
                [*path, "kind"],
                _("the page “%(slug)s” is of another kind on this site") % {"slug": slug},
            )
            return None
        page = model(slug=slug, locale=locale)
        if original is not None:
            page.translation_key = original.translation_key
        return page

    def fill(self, page, values: dict, path: list) -> bool:
        """Set the fields; whether that changed what the page says."""
        before = content_of(page) if page.pk else None
        for name, value in values.items():
            model_field = page._meta.get_field(name)
            if isinstance(model_field, StreamField):
                raw = [self.with_picture(entry) for entry in value]
                value = as_stored(model_field.stream_block, raw)
                try:
                    model_field.stream_block.clean(value)
                except ValidationError as error:
                    self.refuse([*path, name], sentence(error))
            setattr(page, name, value)
        if page.pk is None:
            return True
        after = content_of(page)
        if after != before:
            self.report.details[page.title] = changed_fields(before, after, page)
        return after != before

    def set_terms(self, page, course: ReadCourse) -> bool:
        changed = page.pk is None
        for name in ("target_groups", "skill_groups"):
            wanted = getattr(course, name)
            if not changed or page.pk:
                old = {term.pk for term in getattr(page, name).all()}
                changed |= old != {term.pk for term in wanted}
            setattr(page, name, wanted)
        return changed

    def set_prerequisites(self, page, course: ReadCourse, catalogue: CatalogPage) -> bool:
        """The courses to complete before, by their slugs: on the site, or earlier in the same file."""
        wanted = {}
        for slug, path in course.prerequisites:
            before = CoursePage.objects.child_of(catalogue).filter(slug=slug).first()
            if slug == course.slug:
                self.refuse(path, _("a course cannot be required before itself"))
            elif before is None:
                self.refuse(
                    path,
                    _("there is no course “%(name)s” here; import it first") % {"name": slug},
                )
            else:
                wanted[before.pk] = before
        old = [row.course_id for row in page.prerequisites.all()]
        if old == list(wanted):
            return False
        page.prerequisites = [Prerequisite(course=before) for before in wanted.values()]
        return True

    def with_picture(self, entry: dict) -> dict:
        value = entry["value"]
        if isinstance(value, dict) and isinstance(value.get("image"), PurePosixPath):
            image = self.picture(self.folder / value["image"], value["caption"] or value["alt"])
            return {**entry, "value": {**value, "image": image.pk}}
        return entry

    def picture(self, file: Path, title: str):
        """The image with this content: the one that is there, or a new one."""
        model = get_image_model()
        content = ContentFile(file.read_bytes(), name=file.name)
        digest = hash_filelike(content)
        image = model.objects.filter(file_hash=digest).first()
        if image is None:
            content.seek(0)
            image = model(title=title[:255], file=content)
            image._set_image_file_metadata()
            image.save()
            self.new_pictures.append(image.file)
        return image

    def forget_pictures(self) -> None:
        """Remove the files of images whose rows were rolled back."""
        for file in self.new_pictures:
            file.storage.delete(file.name)

    def publish(self, page, changed: bool, path: list) -> None:
        if not page.live or changed:
            made = page.first_published_at is None
            if self.saved(lambda: page.save_revision().publish(), path):
                (self.report.created if made else self.report.changed).append(page.title)
        else:
            self.report.unchanged.append(page.title)

    def check(self, page, item: ReadItem) -> None:
        """What the kind holds against offering the page (a branch that leads nowhere, …)."""
        try:
            found = page.kind.problems(page)
            ceiling = page.kind.ceiling(page) if page.required else None
        except registry.KindFailed:
            found, ceiling = [failed_kind(page.kind)], None
        for problem in found:
            self.refuse(item.path, str(problem))
        if ceiling is not None and page.minutes > ceiling:
            self.refuse(
                [*item.path, "minutes"],
                _("declares %(declared)s minutes, what it requires accounts for %(ceiling)s")
                % {"declared": page.minutes, "ceiling": ceiling},
            )

    def order(self, parent, pages: list) -> None:
        """Bring the items into the order of the file."""
        paths = list(
            Page.objects.filter(pk__in=[page.pk for page in pages])
            .order_by("path")
            .values_list("pk", flat=True)
        )
        if paths == [page.pk for page in pages]:
            return
        for page in pages:
            Page.objects.get(pk=page.pk).move(parent, "last-child")

    def saved(self, save, path: list) -> bool:
        try:
            save()
        except ValidationError as error:
            self.refuse(path, sentence(error))
            return False
        return True

    def refuse(self, path: list, message: str) -> None:
        self.problems.append(self.source.problem(path, message))


def as_stored(block, raw: list[dict]) -> StreamValue:
    """A stream from what a file says, with what the file leaves to the blocks' defaults."""
    value = StreamValue(block, raw, is_lazy=True)
    for _bound in value:  # what is not looked at is stored as it came
        pass
    return StreamValue(block, block.get_prep_value(value), is_lazy=True)


def content_of(page) -> str:
    """What a page says, without the names that blocks get when they are saved."""
    return json.dumps(without_ids(snapshot(page)), sort_keys=True)


def changed_fields(before: str, after: str, page) -> list[str]:
    """What changed, as the edit form names it."""
    old, new = json.loads(before), json.loads(after)
    return [
        str(page._meta.get_field(name).verbose_name) for name in new if old.get(name) != new[name]
    ]


def without_ids(value):
    if isinstance(value, str) and value[:1] in "[{":
        try:  # a StreamField's value is a text of JSON
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, list):
        return [without_ids(entry) for entry in value]
    if isinstance(value, dict):
        is_block = {"type", "value"} <= set(value)
        return {
            key: without_ids(entry)
            for key, entry in value.items()
            if not (is_block and key == "id")
        }
    return value


def sentence(error: ValidationError) -> str:
    """All that a validation says, in one line, also what the blocks inside of a block say."""
    found: list[str] = []

    def visit(value):
        inner = getattr(value, "block_errors", None)
        if inner:
            for entry in inner.values() if isinstance(inner, dict) else inner:
                visit(entry)
            return
        if hasattr(value, "error_dict"):
            for name, errors in value.error_dict.items():
                found.extend(f"{name}: {message}" for e in errors for message in e.messages)
        elif isinstance(value, ValidationError):
            found.extend(value.messages)

    visit(error)
    return "; ".join(dict.fromkeys(str(message) for message in found)) or _("is not valid")
