"""What a course looks like to its author: its outline with states, and what is still to be done."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Revision

from activities.core import registry
from activities.core.models import ItemPage
from courses.catalogue.models import CoursePage, SectionPage
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.rules import is_own_run
from courses.releases.cut import candidate, with_locales
from courses.releases.mix import Mix
from courses.releases.models import CourseState


@dataclass
class Row:
    """A section or an item in the outline. `states` are (icon, words)."""

    page: Page
    kind: str
    category: str
    minutes: Mix | None
    declared: int | None
    depth: int
    states: list[tuple[str, str]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    edited_by: str = ""
    edited_at: object = None
    tools: list[tuple] = field(default_factory=list)
    is_section: bool = False
    is_first: bool = False
    is_last: bool = False


@dataclass
class Check:
    """A line of the checklist: done or not, in words, with the page where it is put right, or the
    address of another form for it."""

    done: bool
    text: str
    page: Page | None = None
    form_url: str = ""

    @property
    def url(self) -> str:
        if self.form_url or self.page is None:
            return self.form_url
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])


@dataclass
class Overview:
    course: CoursePage
    state: CourseState | None
    mix: Mix
    rows: list[Row]
    sections: list[Page]
    checks: list[Check]
    languages: list[dict]
    runs: list[dict]

    @property
    def people(self) -> int:
        """How many learn in it, in the runs shown."""
        return sum(run["people"] for run in self.runs)

    @property
    def own_runs(self) -> list[dict]:
        return [run for run in self.runs if run["own"]]

    @property
    def others(self) -> int:
        """Runs that somebody else looks after: how many there are may be known, not whose they are."""
        return len(self.runs) - len(self.own_runs)

    @property
    def why(self) -> list[str]:
        """Why the last settlement held the course back or withdrew it, in the reader's language."""
        language = (get_language() or "th")[:2]
        problems = self.state.problems if self.state else []
        return [problem.get(language) or problem["th"] for problem in problems]


def overview(course: CoursePage, user) -> Overview:
    """Everything that the course's dashboard shows somebody; the number of queries does not grow with it."""
    pages = with_locales(Page.objects.descendant_of(course).order_by("path").specific())
    result = candidate(course)
    state = (
        CourseState.objects.filter(course=course.translation_key).select_related("current").first()
    )
    translations = translated([course, *pages], course.locale_id)
    edited = newest_edits([course, *pages])
    counted = {item.page.pk: item.minutes for item in result.items}
    caps = {item.page.pk: item.cap for item in result.items if item.cap}
    offered = on_offer(state)
    rows = [row(page, course, counted, translations, edited, offered) for page in pages]
    for entry in rows:
        if cap := caps.get(entry.page.pk):
            entry.states.append(("warning", taken(cap)))
    mark_ends(rows)
    return Overview(
        course=course,
        state=state,
        mix=result.mix,
        rows=rows,
        sections=[page for page in pages if isinstance(page, SectionPage)],
        checks=checklist(course, result, rows, translations),
        languages=languages_of(course, translations, len(pages)),
        runs=runs_of(course, user),
    )


def translated(pages: list, source: int) -> dict:
    """{translation key: {language: live}} of the translations."""
    names = dict(Locale.objects.values_list("pk", "language_code"))
    found: dict = {}
    rows = Page.objects.filter(translation_key__in=[p.translation_key for p in pages])
    for key, locale, live in rows.exclude(locale_id=source).values_list(
        "translation_key", "locale_id", "live"
    ):
        found.setdefault(key, {})[names[locale]] = live
    return found


def newest_edits(pages: list) -> dict:
    """{page: (who, when)} of the newest revisions."""
    revisions = Revision.objects.filter(
        pk__in=[p.latest_revision_id for p in pages if p.latest_revision_id]
    ).select_related("user")
    by_pk = {revision.pk: revision for revision in revisions.defer("content")}
    return {
        page.pk: (
            str(by_pk[page.latest_revision_id].user or ""),
            by_pk[page.latest_revision_id].created_at,
        )
        for page in pages
        if page.latest_revision_id in by_pk
    }


def on_offer(state: CourseState | None) -> dict:
    if state is None or state.current is None:
        return {}
    return {item["key"]: item for item in state.current.outline["items"]}


def row(page, course, counted, translations, edited, offered) -> Row:
    is_section = isinstance(page, SectionPage)
    minutes = counted.get(page.pk)
    kind, category = _("section"), ""
    declared, tools = None, []
    states: list[tuple[str, str]] = []
    if isinstance(page, ItemPage):
        declared = page.minutes
        try:
            installed = page.kind
            kind, category = str(installed.label), str(installed.category)
            tools = installed.author_tools(page)
            ceiling = installed.ceiling(page) if page.required else None
            if ceiling is not None and page.minutes > ceiling:
                states.append(("warning", _("declares more than it requires")))
        except registry.KindFailed:
            kind = kind or page.kind_name
            states.append(("warning", _("its kind does not work at present")))
        except registry.UnknownKind:
            kind = _("not installed")
            states.append(("warning", _("its kind is not installed")))
    elif not is_section:
        kind = _("not installed")
        states.append(("warning", _("its kind is not installed")))
    states = [*live_states(page, offered), *states]
    there = translations.get(page.translation_key, {})
    others = other_languages(course)
    who, when = edited.get(page.pk, ("", None))
    return Row(
        page=page,
        kind=kind,
        category=category,
        minutes=minutes,
        declared=declared,
        depth=page.depth - course.depth,
        states=states,
        languages=[code for code in others if code in there],
        missing=[code for code in others if code not in there],
        edited_by=who,
        edited_at=when,
        tools=tools,
        is_section=is_section,
    )


def taken(cap) -> str:
    """What learners took of an activity that counts less for it."""
    return _("counts %(minutes)s minutes: half of %(people)s people took %(median)s or less") % {
        "minutes": cap.minutes,
        "people": cap.people,
        "median": cap.median_minutes,
    }


def other_languages(course) -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != course.locale.language_code]


def live_states(page, offered: dict) -> list[tuple[str, str]]:
    """Whether learners have the page, and what its author has not published yet."""
    states = []
    if page.live:
        states.append(("check", _("published")))
        if page.has_unpublished_changes:
            states.append(("edit", _("with a newer draft")))
    elif page.expired:
        states.append(("cross", _("expired")))
    else:
        states.append(("edit", _("draft")))
    if page.go_live_at and page.go_live_at > timezone.now():
        states.append(("time", _("goes live as scheduled")))
    if page.expire_at and page.expire_at > timezone.now():
        states.append(("time", _("expires as scheduled")))
    if page.locked:
        states.append(("lock", _("locked")))
    if (
        isinstance(page, ItemPage)
        and page.live
        and offered
        and str(page.translation_key) not in offered
    ):
        states.append(("warning", _("not in what is on offer")))
    return states


def mark_ends(rows: list[Row]) -> None:
    """Which rows cannot go further up or down among their siblings."""
    by_parent: dict[str, list[Row]] = {}
    for entry in rows:
        by_parent.setdefault(entry.page.path[: -Page.steplen], []).append(entry)
    for siblings in by_parent.values():
        siblings[0].is_first = True
        siblings[-1].is_last = True


def checklist(course, result, rows: list[Row], translations: dict) -> list[Check]:
    language = (get_language() or "th")[:2]
    checks = [
        Check(bool(course.summary.strip()), _("The course has a summary."), course),
        Check(bool(len(course.outcomes)), _("It says what people can do afterwards."), course),
        Check(bool(len(course.target_groups.all())), _("It says for whom it is."), course),
        Check(any(r.declared for r in rows), _("It has items."), course),
        Check(
            result.mix.passes,
            _("Lecture %(lecture)s, doing %(active)s of %(total)s minutes: the rule is kept.")
            % {
                "lecture": result.mix.lecture,
                "active": result.mix.active,
                "total": result.mix.total,
            }
            if result.mix.passes
            else _("Lecture %(lecture)s, doing %(active)s of %(total)s minutes: too little doing.")
            % {
                "lecture": result.mix.lecture,
                "active": result.mix.active,
                "total": result.mix.total,
            },
            course,
        ),
        Check(course.live, _("The course page is published."), course),
    ]
    if twin := same_code(course):
        text = _("“%(title)s” has the code %(code)s too: in reports nobody can tell them apart.")
        checks.append(Check(False, text % {"title": twin, "code": course.code}, course))
    untranslated = [r for r in rows if r.missing]
    checks.append(
        Check(
            not untranslated and bool(translations.get(course.translation_key)),
            _("Everything is there in all languages."),
            untranslated[0].page if untranslated else course,
        )
    )
    by_title = {r.page.title: r.page for r in rows}
    for problem in result.problems:
        text = problem.get(language) or problem["th"]
        page = next((page for title, page in by_title.items() if f"“{title}”" in text), course)
        fill = problem["code"] == "placeholder"
        url = reverse("authoring_fill", args=[course.pk]) if fill else ""
        checks.append(Check(False, text, page, url))
    return checks


def same_code(course) -> str:
    """The title of another course with the same code, a copy perhaps; empty if there is none."""
    others = CoursePage.objects.exclude(translation_key=course.translation_key)
    found = others.filter(code__iexact=course.code, locale=course.locale_id)
    return found.order_by("pk").values_list("title", flat=True).first() or ""


def languages_of(course, translations: dict, count: int) -> list[dict]:
    found = []
    for code in other_languages(course):
        there = [key for key, sides in translations.items() if code in sides]
        live = [key for key in there if translations[key][code]]
        found.append({"code": code, "there": len(there), "live": len(live), "all": count + 1})
    return found


def runs_of(course, user) -> list[dict]:
    """The runs of a course, those that `user` may open first. One query."""
    runs = (
        CourseRun.objects.filter(course=course.translation_key)
        .annotate(
            people=Count("enrolments", filter=~Q(enrolments__state=Enrolment.State.WITHDRAWN)),
            done=Count("enrolments", filter=Q(enrolments__state=Enrolment.State.COMPLETED)),
            own=is_own_run(user),
        )
        .order_by("-own", "-created_at", "-pk")
    )
    language = (get_language() or "th")[:2]
    return [
        {
            "pk": run.pk,
            "name": run.title(language),
            "people": run.people,
            "done": run.done,
            "is_open": run.is_open,
            "own": run.own,
        }
        for run in runs[:20]
    ]
