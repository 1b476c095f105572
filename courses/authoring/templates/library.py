"""The ready templates of the site: those of the files beside this one, and those of plugins."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from activities.core import guard, registry
from courses.catalogue.course_file import reader_of
from courses.catalogue.located_yaml import load

DATA = Path(__file__).parent / "data"
# The order in which authors read them: what is taught, what is done with it, how it is tested.
ORDER = ["lesson", "discussion", "role_play_solo", "workshop", "quiz"]


@dataclass(frozen=True)
class Template:
    """A ready item. `title` and `about` are {language: text}; `item` is a course file's mapping."""

    name: str
    kind: str
    title: dict
    about: dict
    minutes: int
    item: dict = field(repr=False, hash=False)

    def values(self, language: str) -> dict:
        """The page's own fields in a language, StreamFields as lists of raw blocks."""
        item, kind = {**self.item, "kind": self.kind, "key": self.name}, registry.get(self.kind)
        with guard.boundary(kind, "course_file"):
            return reader_of(kind).from_course_file(item, language)


@dataclass(frozen=True)
class Placed:
    """A template in a course: with these minutes."""

    template: Template
    minutes: int


@dataclass(frozen=True)
class Section:
    """Items below a heading; without a `title` they stand in the course itself."""

    title: dict | None
    items: tuple[Placed, ...]


@dataclass(frozen=True)
class CourseTemplate:
    name: str
    title: dict
    about: dict
    summary: dict
    outcomes: tuple[dict, ...]
    pacing: str
    sections: tuple[Section, ...]

    @property
    def items(self) -> list[Placed]:
        return [placed for section in self.sections for placed in section.items]

    @property
    def minutes(self) -> int:
        return sum(placed.minutes for placed in self.items)


@cache
def of_files() -> tuple[Template, ...]:
    """Read once: the files come with the program."""
    return tuple(
        template_of(kind, entry)
        for kind in ORDER
        for entry in load((DATA / f"{kind}.yaml").read_text(encoding="utf-8"))
    )


def template_of(kind: str, entry: dict) -> Template:
    return Template(
        name=entry["name"],
        kind=kind,
        title=entry["title"],
        about=entry["about"],
        minutes=entry["minutes"],
        item=entry["item"],
    )


def templates() -> list[Template]:
    """Every template of an installed kind, the site's own first."""
    installed = {kind.name: kind for kind in registry.all_kinds()}
    found = [template for template in of_files() if template.kind in installed]
    for kind in installed.values():
        try:
            with guard.boundary(kind, "templates"):
                found += [template_of(kind.name, entry) for entry in kind.templates()]
        except registry.KindFailed:  # its templates are missing from the list; it is noted
            continue
    return found


def template(name: str) -> Template | None:
    return next((one for one in templates() if one.name == name), None)


@cache
def course_templates() -> tuple[CourseTemplate, ...]:
    data = load((DATA / "courses.yaml").read_text(encoding="utf-8"))
    return tuple(course_template_of(entry) for entry in data)


def course_template_of(entry: dict) -> CourseTemplate:
    known = {one.name: one for one in of_files()}
    return CourseTemplate(
        name=entry["name"],
        title=entry["title"],
        about=entry["about"],
        summary=entry["summary"],
        outcomes=tuple(entry["outcomes"]),
        pacing=entry["pacing"],
        sections=tuple(
            Section(
                title=section.get("title"),
                items=tuple(
                    Placed(known[item["use"]], item.get("minutes") or known[item["use"]].minutes)
                    for item in section["items"]
                ),
            )
            for section in entry["sections"]
        ),
    )


def course_template(name: str) -> CourseTemplate | None:
    return next((one for one in course_templates() if one.name == name), None)


def in_language(texts: dict, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))
