"""Importing courses from a YAML file: all of it or nothing.

A file is read completely before anything is written, and every mistake is reported with its line
and path. Pages are found again by their slug (a course's own, an item's `key`), so that importing
a changed file changes the pages, and importing the same file again changes nothing. Pages that
authors added in the editor are left alone.
"""

import importlib
import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import override
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Locale, Page
from wagtail.utils.file import hash_filelike

from activities.core import registry
from activities.core.course_file import CourseFileError, required, text, whole_number
from activities.core.snapshots import snapshot

from . import lesson_file
from .located_yaml import LocatedYaml, NotReadable, Problem
from .models import CatalogPage, CoursePage, Level, Pacing, SkillGroup, TargetGroup

LANGUAGES = ("th", "en")
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
KINDS = {"lecture": "lesson", "assessment": "quiz"}
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


@dataclass
class ReadCourse:
    slug: str
    path: list
    fields: dict  # {language: {field: value}}
    target_groups: list
    skill_groups: list
    items: list[ReadItem]


@dataclass
class Report:
    """What an import did: titles of pages that were made, changed, or found as they should be."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    courses: list = field(default_factory=list)  # translation keys


def import_courses(file: Path, *, dry_run: bool = False) -> Report:
    """Import every course of a file, in Thai and English.

    Raises `CourseFileRefused` with all the mistakes; then, and with `dry_run`, nothing stays.
    """
    try:
        source = LocatedYaml(file)
    except NotReadable as error:
        raise CourseFileRefused([error.problem]) from None
    reader = Reader(source, file.parent)
    courses = reader.courses()
    if reader.problems:
        raise CourseFileRefused(sorted(set(reader.problems)))
    writer = Writer(source, file.parent)
    kept = False
    try:
        with transaction.atomic():
            for course in courses:
                writer.write(course)
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
    package = type(kind).__module__.rsplit(".", 1)[0]
    try:
        return importlib.import_module(f"{package}.course_file")
    except ModuleNotFoundError as error:
        if error.name == f"{package}.course_file":
            return None
        raise


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
        try:
            return function(*args, **kwargs)
        except CourseFileError as error:
            self.refuse([*path, *error.path], str(error.message))
        except (TypeError, AttributeError, KeyError, ValueError):
            self.refuse(path, "is not in the shape of a course file")
        return default

    def courses(self) -> list[ReadCourse]:
        data = self.source.data
        if not isinstance(data, dict) or not isinstance(data.get("courses"), list):
            self.refuse(["courses"], "expected a list of courses")
            return []
        if data.get("schema_version") != 1:
            self.refuse(["schema_version"], "expected 1")
        if not data["courses"]:
            self.refuse(["courses"], "is empty")
        self.one_sided(data["courses"], ["courses"])
        courses = []
        for n, course in enumerate(data["courses"]):
            path = ["courses", n]
            if isinstance(course, dict):
                courses.append(self.course(course, path))
            else:
                self.refuse(path, "expected a mapping")
        self.unique([(course.slug, [*course.path, "slug"]) for course in courses])
        return courses

    def one_sided(self, value, path: list) -> None:
        """Texts that are written in one language only."""
        if isinstance(value, list):
            for n, entry in enumerate(value):
                self.one_sided(entry, [*path, n])
        elif isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
            for language in LANGUAGES:
                if not value.get(language):
                    self.refuse([*path, language], "is missing")
        elif isinstance(value, dict):
            for key, entry in value.items():
                self.one_sided(entry, [*path, key])

    def unique(self, names: list[tuple[str, list]]) -> None:
        seen = set()
        for name, path in names:
            if name and name in seen:
                self.refuse(path, f"“{name}” is used twice")
            seen.add(name)

    def course(self, data: dict, path: list) -> ReadCourse:
        def choice(key, choices, default):
            value = data.get(key, default)
            if value not in choices.values:
                self.refuse([*path, key], f"expected one of {', '.join(choices.values)}")
            return value

        shared = {
            "code": str(self.attempt(path, required, data, "code", [], default="")),
            "level": choice("level", Level, Level.FOUNDATION),
            "pacing": choice("pacing", Pacing, Pacing.ROLLING),
        }
        if data.get("language", "th") != "th":
            self.refuse([*path, "language"], "expected th: the source language of this site")
        fields = {}
        for language in LANGUAGES:
            fields[language] = {
                **shared,
                "title": self.attempt(path, text, data, "title", language, [], default=""),
                "summary": self.attempt(path, text, data, "summary", language, [], default=""),
                "outcomes": self.outcomes(data, language, path),
            }
        items = []
        for n, item in enumerate(self.list_in(data, "items", path)):
            place = [*path, "items", n]
            if isinstance(item, dict):
                items.append(self.item(item, place))
            else:
                self.refuse(place, "expected a mapping")
        if not items:
            self.refuse([*path, "items"], "is missing")
        items = [item for item in items if item is not None]
        self.unique([(item.key, [*item.path, "key"]) for item in items])
        return ReadCourse(
            slug=self.slug(data, "slug", path),
            path=path,
            fields=fields,
            target_groups=self.terms(TargetGroup, data, "target_groups", path),
            skill_groups=self.terms(SkillGroup, data, "skill_groups", path),
            items=items,
        )

    def slug(self, data: dict, key: str, path: list) -> str:
        value = self.attempt(path, required, data, key, [], default="")
        if value and (not isinstance(value, str) or not SLUG.fullmatch(value)):
            self.refuse([*path, key], "expected small letters, digits and hyphens")
        return str(value)

    def list_in(self, data: dict, key: str, path: list) -> list:
        value = data.get(key) or []
        if not isinstance(value, list):
            self.refuse([*path, key], "expected a list")
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
                    f"“{name}” is not in a framework in use (run load_framework first?)",
                )
            else:
                found.append(term)
        return found

    def item(self, data: dict, path: list) -> ReadItem | None:
        key = self.slug(data, "key", path)
        minutes = self.attempt(path, whole_number, data, "minutes", [], default=1, least=1)
        is_required = data.get("required", True)
        if not isinstance(is_required, bool):
            self.refuse([*path, "required"], "expected true or false")
        titles = {
            language: self.attempt(path, text, data, "title", language, [], default="")
            for language in LANGUAGES
        }
        file_kind = self.attempt(path, required, data, "kind", [], default="")
        if not file_kind:
            return None
        try:
            kind = registry.get(KINDS.get(str(file_kind), str(file_kind)))
            module = reader_of(kind)
        except registry.UnknownKind:
            module = None
        if module is None:
            self.refuse([*path, "kind"], f"the kind “{file_kind}” is not available here yet")
            return None
        with override("en"):
            reason = self.attempt(path, module.supported, data)
        if reason:
            # A format or mode is refused by its name, at its line.
            place = next((name for name in ("format", "mode") if name in data), "kind")
            self.refuse([*path, place], f"“{data[place]}”: {reason}")
            return None
        fields = {
            language: self.attempt(path, module.from_course_file, data, language, default={})
            for language in LANGUAGES
        }
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

    def pictures(self, body: list[dict], path: list, language: str) -> None:
        """Refuse pictures that are not there, not pictures, or outside the file's folder."""
        for n, entry in enumerate(body):
            if entry["type"] != "image":
                continue
            place = [*path, "body", n, "file", language]
            picture = (self.folder / entry["value"]["image"]).resolve()
            if not picture.is_relative_to(self.folder.resolve()) or not picture.is_file():
                self.refuse(place, f"there is no file {entry['value']['image']} beside this one")
            elif picture.suffix.lower() not in PICTURES:
                self.refuse(place, "expected a picture: svg, png, jpg, webp or gif")
            elif picture.suffix.lower() == ".svg" and ACTIVE_SVG.search(picture.read_bytes()):
                self.refuse(place, "this drawing holds a script")


class Writer:
    """From what was read to published pages. Runs inside a transaction."""

    def __init__(self, source: LocatedYaml, folder: Path):
        self.source = source
        self.folder = folder
        self.problems: list[Problem] = []
        self.report = Report()
        self.new_pictures: list = []

    def write(self, course: ReadCourse) -> None:
        pages = {}
        for language in LANGUAGES:
            locale = Locale.objects.filter(language_code=language).first()
            catalogue = CatalogPage.objects.filter(locale=locale, live=True).first()
            if locale is None or catalogue is None:
                self.refuse(course.path, f"this site has no catalogue page in “{language}” yet")
                return
            original = pages.get(LANGUAGES[0])
            page = self.page(CoursePage, catalogue, course.slug, original, locale)
            pages[language] = page
            values = {**course.fields[language], "slug": course.slug}
            changed = self.fill(page, values, course.path)
            changed |= self.set_terms(page, course)
            # Not published before its items are, or the course would be offered without them.
            if page.pk is None:
                page.live = False
                if not self.saved(partial(catalogue.add_child, instance=page), course.path):
                    return
            self.items(course, page, locale, original)
            self.publish(page, changed, course.path)
        self.report.courses.append(pages[LANGUAGES[0]].translation_key)

    def items(self, course: ReadCourse, parent: CoursePage, locale: Locale, original) -> None:
        language = locale.language_code
        written = []
        for item in course.items:
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
                if not self.saved(partial(parent.add_child, instance=page), item.path):
                    continue
            self.publish(page, changed, item.path)
            written.append(page)
            if language == LANGUAGES[0]:
                self.check(page, item)
        self.order(parent, written)

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
            self.refuse([*path, "kind"], f"the page “{slug}” is of another kind on this site")
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
        return content_of(page) != before

    def set_terms(self, page, course: ReadCourse) -> bool:
        changed = page.pk is None
        for name in ("target_groups", "skill_groups"):
            wanted = getattr(course, name)
            if not changed or page.pk:
                old = {term.pk for term in getattr(page, name).all()}
                changed |= old != {term.pk for term in wanted}
            setattr(page, name, wanted)
        return changed

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
        with override("en"):
            for problem in page.kind.problems(page):
                self.refuse(item.path, str(problem))

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

    with override("en"):
        visit(error)
    return "; ".join(dict.fromkeys(str(message) for message in found)) or "is not valid"
