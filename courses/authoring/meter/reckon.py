"""What the minutes of a course are and would be: counted per page, added up per state.

The same figures and reasons as `courses.releases.cut.candidate`, without building versions: what a
page comes to is kept by its content, so that one change in a course of 300 items is one page to
count.
"""

import logging
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from activities.core import registry
from activities.core.models import ItemPage
from activities.core.snapshots import digest, snapshot, stored_value
from courses.catalogue.models import CoursePage, SectionPage
from courses.releases.cut import (
    SOURCE_LANGUAGE,
    caps_of,
    duplicate,
    missing_kind,
    placeholder_problems,
    problems_of,
    source_page,
)
from courses.releases.messages import in_all_languages, measured_message
from courses.releases.mix import Mix

logger = logging.getLogger("sala.authoring")

MOST = 4096
COURSE_TEXTS = ("title", "summary", "outcomes")

_kept: OrderedDict = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Measured:
    """What one page comes to. Sentences are {language: text}.

    `ceiling` is None where minutes are not limited, `floor` where there is none. `problems` are
    those that `cut.candidate` finds.
    """

    minutes: Mix = Mix()
    ceiling: int | None = None
    floor: int | None = None
    problems: tuple[dict, ...] = ()
    advice: dict | None = None
    remarks: tuple[dict, ...] = ()
    fingerprint: str = ""


@dataclass
class Counted:
    """An item in the order of the course; `section` is the path of its section page or ""."""

    page: ItemPage
    measured: Measured
    section: str = ""


@dataclass
class Reckoning:
    """The minutes of a set of pages, and what keeps them from being offered ({code, th, en})."""

    items: list[Counted] = field(default_factory=list)
    problems: list[dict] = field(default_factory=list)

    @property
    def mix(self) -> Mix:
        return sum((item.measured.minutes for item in self.items), Mix())

    def mix_of(self, section: str) -> Mix:
        inside = (item.measured.minutes for item in self.items if item.section == section)
        return sum(inside, Mix())

    @property
    def passes(self) -> bool:
        return self.mix.passes and not self.problems


def measure(page: ItemPage) -> Measured:
    """What a page comes to, kept by its content. Raises `registry.UnknownKind`."""
    kind = page.kind
    texts = snapshot(page)
    key = digest(
        [
            kind.name,
            {name: value for name, value in texts.items() if name != "pk"},
            settings.LMS_READ_CHARS_PER_MINUTE,
            settings.LMS_WRITE_CHARS_PER_MINUTE,
        ]
    )
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    ceiling = kind.ceiling(page)
    over = ceiling is not None and page.required and page.minutes > ceiling
    said = in_all_languages(lambda: "\n".join(kind.remarks(page)))
    lines = zip(*(text.splitlines() for text in said.values()), strict=True)
    measured = Measured(
        minutes=Mix(*kind.minutes(page)),
        ceiling=ceiling,
        floor=kind.floor(page),
        problems=(*problems_of(page), *placeholder_problems({"": texts})),
        advice=in_all_languages(lambda: kind.ceiling_advice(page)) if over else None,
        remarks=tuple(dict(zip(said, line, strict=True)) for line in lines),
        fingerprint=kind.fingerprint(page),
    )
    with _lock:
        _kept[key] = measured
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return measured


def limited(measured: Measured, title: str, cap) -> Measured:
    """What a page comes to when learners were found to take less than it declares."""
    minutes = measured.minutes.limited(cap.minutes if cap else None)
    if minutes == measured.minutes:
        return measured
    remark = in_all_languages(partial(measured_message, title, cap))
    return replace(measured, minutes=minutes, remarks=(*measured.remarks, remark))


def reckon(course: CoursePage, pages: list[Page], caps: dict | None = None) -> Reckoning:
    """Count pages of a course, which are in tree order. Texts of translations are not looked at.
    `caps` are the limits that were measured, read here unless they are given."""
    if caps is None:
        caps = caps_of(page.translation_key for page in pages)
    own = {name: stored_value(course._meta.get_field(name), course) for name in COURSE_TEXTS}
    result = Reckoning(problems=placeholder_problems({"": own}))
    seen: dict[str, str] = {}
    section = ""
    for page in pages:
        if isinstance(page, SectionPage):
            section = page.path
            continue
        try:
            if not isinstance(page, ItemPage):
                raise registry.UnknownKind
            measured = limited(measure(page), page.title, caps.get(page.translation_key))
        except registry.UnknownKind:
            result.problems.append({"code": "kind_missing", **missing_kind(page)})
            continue
        except Exception:  # a kind may stumble over what is half typed; the others still count
            logger.exception("Could not count the minutes of page %s", page.pk)
            result.problems.append({"code": "uncounted", **uncounted(page)})
            continue
        inside = bool(section) and page.path.startswith(section)
        result.items.append(Counted(page, measured, section if inside else ""))
        result.problems += measured.problems
        fingerprint = measured.fingerprint
        if fingerprint and fingerprint in seen:
            sentence = partial(duplicate, page.title, seen[fingerprint])
            result.problems.append({"code": "duplicate", **in_all_languages(sentence)})
        elif fingerprint:
            seen[fingerprint] = page.title
    return result


def uncounted(page) -> dict[str, str]:
    return in_all_languages(
        lambda: _("“%(title)s” cannot be counted as it is now.") % {"title": page.title}
    )


# -- which pages ---------------------------------------------------------------------------------


def course_of(page: Page) -> CoursePage | None:
    """The source course page above a page (or of itself); None outside courses."""
    if isinstance(page, CoursePage) and page.locale.language_code == SOURCE_LANGUAGE:
        return page
    above = [page.path[:n] for n in range(Page.steplen, len(page.path) + 1, Page.steplen)]
    found = CoursePage.objects.filter(path__in=above).select_related("locale").first()
    if found is None or found.locale.language_code == SOURCE_LANGUAGE:
        return found
    return source_page(found.translation_key)


def all_pages(course: CoursePage) -> list[Page]:
    """Every page below a course in tree order, as its row has it (published, or first drafted).

    One query however many kinds there are, as long as their pages extend `ItemPage` directly.
    """
    links = {
        model: model.page_ptr.field.remote_field.get_accessor_name()
        for model in [SectionPage, *registry.page_models()]
        if model._meta.pk.name == "page_ptr" and model._meta.pk.related_model is Page
    }
    pages = Page.objects.descendant_of(course).order_by("path")
    found = []
    for page in pages.select_related(*links.values()):
        link = links.get(page.specific_class)
        found.append(getattr(page, link, page) if link else page.specific)
    return found


def published(pages: list[Page], opened: Page | None = None) -> list[Page]:
    """The live ones; below a section that is not live, none. `opened` counts as live."""
    hidden: list[str] = []
    shown = []
    for page in pages:
        if any(page.path.startswith(path) for path in hidden):
            continue
        if page.live or (opened is not None and page.pk == opened.pk):
            shown.append(page)
        else:
            hidden.append(page.path)
    return shown


def with_page(pages: list[Page], page: Page | None) -> list[Page]:
    """The pages with this one in its place, whatever state it is in."""
    if page is None or isinstance(page, CoursePage):
        return pages
    return sorted(
        [other for other in pages if other.pk != page.pk] + [page], key=lambda one: one.path
    )


def drafted(pages: list[Page]) -> list[Page]:
    """The pages as their latest drafts have them. One query, however many there are."""
    wanted = {
        page.latest_revision_id: page
        for page in pages
        if page.has_unpublished_changes and page.latest_revision_id
    }
    drafts = {}
    if wanted:
        for revision in Revision.objects.filter(pk__in=wanted):
            page = wanted[revision.pk]
            drafts[page.pk] = draft_of(page, revision.content)
    return [drafts.get(page.pk, page) for page in pages]


def draft_of(page: Page, content: dict) -> Page:
    """A page with the content of a revision, in its place in the tree; never to be saved.

    Wagtail's own way asks the database several times for each page.
    """
    if not isinstance(page, ItemPage | SectionPage):
        return page
    content = {name: value for name, value in content.items() if "comment" not in name}
    draft = type(page).from_serializable_data(content, check_fks=False)
    for name in ("pk", "path", "depth", "numchild", "live", "locale_id", "translation_key"):
        setattr(draft, name, getattr(page, name))
    draft.has_unpublished_changes = True
    return draft


def forget() -> None:
    """Empty the store, for tests that change a kind under way."""
    with _lock:
        _kept.clear()
