"""The meter in words, numbers and bars: what the panel's template needs and nothing more."""

from copy import copy
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from wagtail.models import Page

from activities.core.enums import Category
from activities.core.models import ItemPage
from courses.catalogue.models import CoursePage, SectionPage
from courses.releases.cut import caps_of
from courses.releases.mix import Mix, required_share
from courses.releases.models import CourseState

from .reckon import Counted, Reckoning, all_pages, course_of, drafted, published, reckon, with_page

NARROW_POINTS = 2
REASONS = 8  # more are in the table below
CATEGORIES = {
    Category.LECTURE: (gettext_lazy("Lecture"), "openquote"),
    Category.ACTIVE: (gettext_lazy("Doing"), "edit"),
    Category.NEUTRAL: (gettext_lazy("Neither"), "help"),
}
ICONS = {"passes": "check", "narrow": "warning", "blocked": "cross"}


@dataclass
class State:
    """One set of pages: its bar, its verdict, and what stands in the way."""

    name: str
    heading: str
    mix: Mix
    code: str
    words: str
    sentence: str
    fix: str
    reasons: list[str]
    more: int
    section: str = ""

    @property
    def icon(self) -> str:
        return ICONS[self.code]

    @property
    def bar(self) -> list[dict]:
        """Segments from left to right with x and width in per cent. Doing stands at the far end:
        so one mark shows both halves of the rule."""
        x, segments = 0.0, []
        for category, minutes in self.shares:
            width = float(self.mix.percent(minutes))
            segments.append({"category": category, "x": f"{x:.2f}", "width": f"{width:.2f}"})
            x += width
        return segments

    @property
    def mark(self) -> int:
        return 100 - required_share()

    @property
    def shares(self) -> list[tuple]:
        return [
            (Category.LECTURE, self.mix.lecture),
            (Category.NEUTRAL, self.mix.neutral),
            (Category.ACTIVE, self.mix.active),
        ]

    @property
    def rows(self) -> list[dict]:
        limits = {
            Category.LECTURE: _("at most %(percent)s %%") % {"percent": 100 - required_share()},
            Category.ACTIVE: _("at least %(percent)s %%") % {"percent": required_share()},
            Category.NEUTRAL: "–",
        }
        return [
            {
                "category": category,
                "label": CATEGORIES[category][0],
                "icon": CATEGORIES[category][1],
                "minutes": minutes,
                "percent": str(self.mix.percent(minutes)),
                "limit": limits[category],
            }
            for category, minutes in self.shares
        ]


@dataclass
class Row:
    """An item of the course as the table shows it."""

    pk: int | None
    url: str
    title: str
    kind: str
    category: str
    label: str
    icon: str
    declared: int
    evidence: str
    counted: int
    notes: list[str]
    is_draft: bool
    is_this: bool


@dataclass
class Meter:
    """What the panel shows for one page."""

    states: list[State] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    source: dict | None = None
    closed: bool = False
    is_new_course: bool = False

    @property
    def code(self) -> str:
        return self.states[0].code if self.states else "blocked"

    @property
    def said(self) -> str:
        """What a screen reader is told when the meter changes."""
        parts = list(self.own)
        for state in self.states:
            parts += [f"{state.heading}: {state.words}.", state.sentence, state.fix]
        return " ".join(part for part in [*parts, *self.notes] if part)


def meter_of(page: Page, *, parent: Page | None = None, unread: list[str] = ()) -> Meter | None:
    """The meter for a page as it is in a form, saved or not; None outside courses.

    `parent` is where a page that has no place in the tree yet will stand. `unread` are labels of
    fields that hold nothing usable just now, for which what was saved counts.
    """
    page = placed(page, parent)
    if page is None:
        return None
    if isinstance(page, CoursePage) and not page.pk:
        return Meter(is_new_course=True)
    course = course_of(page)
    if course is None:
        return None
    pages = all_pages(course)
    abroad = page.locale_id != course.locale_id
    edited = None if abroad else page
    this = next((p for p in pages if p.translation_key == page.translation_key), None)
    this = this if abroad else page
    of = course if abroad or not isinstance(page, CoursePage) else page
    caps = caps_of(page.translation_key for page in pages)
    now = reckon(of, with_page(published(pages, edited), edited), caps)
    first = _("As published") if abroad else _("When you publish this page")
    meter = Meter(states=[state_of("now", first, now, this)])
    others = [p for p in pages if edited is None or p.pk != edited.pk]
    result = now
    if any(not p.live or p.has_unpublished_changes for p in others):
        result = reckon(of, with_page(drafted(pages), edited), caps)
        heading = _("When all drafts of the course are published")
        meter.states.append(state_of("drafts", heading, result, this))
    meter.rows = [row_of(item, this) for item in shown(result, this)]
    if isinstance(this, ItemPage):
        meter.own = own_of(result, this)
    if abroad:
        meter.source = source_of(course, this)
    offer = CourseState.objects.filter(course=course.translation_key).first()
    meter.closed = offer is not None and offer.closed
    meter.notes = notes_of(page, meter, offer, unread)
    if not abroad and offer is not None and offer.current_id is not None:
        meter.notes += needed(page, now)
    return meter


def needed(page: Page, now: Reckoning) -> list[str]:
    """That the course on offer needs a page, said before somebody tries to take it back: the same
    question as `courses.releases.refusals.why_not_remove`."""
    if not page.pk or not page.live or isinstance(page, CoursePage):
        return []
    kept = (i for i in now.items if i.page.pk != page.pk and i.section != page.path)
    if sum((item.measured.minutes for item in kept), Mix()).passes:
        return []
    return [
        _(
            "The course on offer needs this page. To unpublish it, to delete it or to move it to "
            "another course is refused until the course passes without it."
        )
    ]


def placed(page: Page, parent: Page | None) -> Page | None:
    """The page at its place; one that is not in the tree yet comes last below its parent."""
    if page.path:
        return page
    if parent is None:
        return None
    page = copy(page)
    page.depth = parent.depth + 1
    last = parent.get_last_child() if parent.numchild else None
    page.path = last._inc_path() if last else page._get_path(parent.path, page.depth, 1)
    page.locale_id = parent.locale_id
    return page


def state_of(name: str, heading: str, result: Reckoning, this: Page | None) -> State:
    mix = result.mix
    reasons = list(dict.fromkeys(in_language(problem) for problem in result.problems))
    code = code_of(result)
    words = {
        "passes": _("Passes"),
        "narrow": _("Passes narrowly, less than %(points)s percentage points from the limit")
        % {"points": NARROW_POINTS},
        "blocked": _("Cannot publish yet"),
    }[code]
    return State(
        name=name,
        heading=heading,
        mix=mix,
        code=code,
        words=words,
        sentence=sentence_of(mix),
        fix=fix_of(mix, len(reasons)),
        reasons=reasons[:REASONS],
        more=max(0, len(reasons) - REASONS),
        section=share_of(result, this) if isinstance(this, SectionPage) else "",
    )


def code_of(result: Reckoning) -> str:
    if not result.passes:
        return "blocked"
    return "narrow" if is_narrow(result.mix) else "passes"


def is_narrow(mix: Mix) -> bool:
    """Whether a mix that passes is less than two percentage points from either limit."""
    margin = NARROW_POINTS * mix.total
    active = 100 * mix.active - required_share() * mix.total
    lecture = (100 - required_share()) * mix.total - 100 * mix.lecture
    return min(active, lecture) < margin


def sentence_of(mix: Mix) -> str:
    if not mix.total:
        return _("There are no minutes yet.")
    return _(
        "Lecture %(lecture)s of %(total)s minutes (%(lecture_percent)s per cent), doing %(active)s "
        "minutes (%(active_percent)s per cent)."
    ) % {
        "lecture": mix.lecture,
        "total": mix.total,
        "lecture_percent": mix.lecture_percent,
        "active": mix.active,
        "active_percent": mix.active_percent,
    }


def fix_of(mix: Mix, reasons: int) -> str:
    """The shortest way to a course that passes; "" when it does."""
    if not mix.total:
        return _("Add a lesson and at least one workshop, discussion or role-play.")
    if mix.passes:
        if not reasons:
            return ""
        return ngettext(
            "The minutes are in order, but %(count)s thing has to be changed first.",
            "The minutes are in order, but %(count)s things have to be changed first.",
            reasons,
        ) % {"count": reasons}
    values = {"add": mix.add_active, "cut": mix.cut_lecture}
    if mix.cut_lecture > mix.lecture or mix.cut_lecture >= mix.total:
        return _("Add at least %(add)s minutes of doing.") % values
    return (
        _("Add at least %(add)s minutes of doing or cut at least %(cut)s minutes of lecture.")
        % values
    )


def share_of(result: Reckoning, section: SectionPage) -> str:
    own, total = result.mix_of(section.path), result.mix.total
    if not own.total:
        return _("This section has no minutes yet.")
    return _(
        "This section: lecture %(lecture)s, doing %(active)s, neither %(neutral)s minutes; "
        "%(percent)s per cent of the course's %(total)s minutes."
    ) % {
        "lecture": own.lecture,
        "active": own.active,
        "neutral": own.neutral,
        "percent": result.mix.percent(own.total),
        "total": total,
    }


def shown(result: Reckoning, this: Page | None) -> list[Counted]:
    """The items that concern somebody who edits this page."""
    if isinstance(this, SectionPage):
        return [item for item in result.items if item.section == this.path]
    if isinstance(this, ItemPage):
        return [item for item in result.items if item.page.path == this.path]
    return result.items


def row_of(item: Counted, this: Page | None) -> Row:
    page, measured = item.page, item.measured
    category = page.kind.category
    label, icon = CATEGORIES[category]
    notes = [in_language(remark) for remark in measured.remarks]
    if measured.advice:
        notes.insert(0, in_language(measured.advice))
    if category == Category.ACTIVE and not page.required:
        notes.insert(0, _("Not required, so it does not count."))
    return Row(
        pk=page.pk,
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]) if page.pk else "",
        title=page.title or _("(no title yet)"),
        kind=str(page.kind.label),
        category=category,
        label=label,
        icon=icon,
        declared=page.minutes,
        evidence=evidence_of(item),
        counted=measured.minutes.total,
        notes=notes,
        is_draft=not page.live or page.has_unpublished_changes,
        is_this=this is not None and page.path == this.path,
    )


def evidence_of(item: Counted) -> str:
    measured = item.measured
    if measured.ceiling is not None:
        return _("up to %(minutes)s") % {"minutes": measured.ceiling}
    if measured.floor is not None:
        return _("at least %(minutes)s") % {"minutes": measured.floor}
    return "–"


def own_of(result: Reckoning, this: ItemPage) -> list[str]:
    """What the page being edited declares, what accounts for it, and what to do about it."""
    item = next((item for item in result.items if item.page.path == this.path), None)
    if item is None:
        return []
    page, measured = item.page, item.measured
    values = {
        "kind": page.kind.label,
        "declared": page.minutes,
        "ceiling": measured.ceiling,
        "floor": measured.floor,
        "counted": measured.minutes.total,
    }
    said = [in_language(problem) for problem in measured.problems if problem["code"] == "item"]
    said += [in_language(remark) for remark in measured.remarks]
    if measured.advice:
        sentence = _(
            "%(kind)s: declares %(declared)s minutes, requirements account for %(ceiling)s."
        )
        return [f"{sentence % values} {in_language(measured.advice)}", *said]
    if page.kind.category == Category.ACTIVE and not page.required:
        sentence = _("%(kind)s: not required, so none of its %(declared)s minutes count.")
    elif measured.ceiling is not None:
        sentence = _(
            "%(kind)s: declares %(declared)s minutes, requirements account for up to %(ceiling)s. "
            "%(counted)s minutes count as doing."
        )
    elif measured.floor is not None:
        sentence = _(
            "%(kind)s: declares %(declared)s minutes, its text and media take at least %(floor)s. "
            "%(counted)s minutes count as lecture."
        )
    else:
        sentence = _("%(kind)s: declares %(declared)s minutes.")
    return [sentence % values, *said]


def source_of(course: CoursePage, this: Page | None) -> dict:
    """Where the minutes come from when a translation is being edited."""
    page = this or course
    return {
        "language": course.locale.get_display_name(),
        "title": page.title,
        "url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "is_there": this is not None or isinstance(page, CoursePage),
    }


def notes_of(page: Page, meter: Meter, offer: CourseState | None, unread: list[str]) -> list[str]:
    notes = []
    if unread:
        notes.append(
            _("These fields cannot be read just now, so what was saved counts: %(fields)s.")
            % {"fields": ", ".join(unread)}
        )
    if isinstance(page, CoursePage) or not meter.states or meter.states[0].code != "blocked":
        return notes
    if offer is None or offer.current_id is None:
        notes.append(
            _(
                "The course is not on offer yet, so you can publish this page at any time; the "
                "course itself once it passes."
            )
        )
    return notes


def in_language(texts: dict) -> str:
    language = (get_language() or "th")[:2]
    return texts.get(language) or texts.get("th") or next(iter(texts.values()))
