"""An agency's report: one line for each course that one of the own people takes or has completed.

What a line says is what the person's own transcript says: state, progress, grade, minutes by method as
they were credited, the certificate. Nothing that anybody wrote, and no measured time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses.certificates import transcript
from courses.certificates.models import in_groups
from courses.enrolment.models import Enrolment
from courses.enrolment.sheets import as_csv, as_xlsx
from courses.releases.delivery import in_language

from . import scope, sums
from .agency_counts import (
    COMPLETED,
    LEARNING,
    CourseCount,
    Lines,
    counted_now,
    kept,
    people_below,
    tops,
)
from .agency_pages import CHUNK, PER_PAGE, chosen, named, own_agencies, titles_of
from .models import Agency, Membership
from .sums import Standing

# So old may counts be before a page has them made up for.
LATE = timedelta(minutes=1)


@dataclass
class Asked:
    """What somebody wants to see: the own agencies, one of them or none, a course, a fiscal year of
    completion (Buddhist era), a state, words of a name."""

    agencies: list[Agency]
    agency: Agency | None
    course: UUID | None
    year: int | None
    state: str
    q: str

    @property
    def roots(self) -> list[Agency]:
        """Below whom everybody is who is asked about; none of them below another."""
        return [self.agency] if self.agency else tops(self.agencies)

    @property
    def paths(self) -> list[str]:
        return [agency.path for agency in self.roots]

    @property
    def everything(self) -> "Asked":
        return Asked(self.agencies, None, None, None, "", "")

    @property
    def filtered(self) -> bool:
        return bool(self.agency or self.course or self.year or self.state or self.q)


def asked_in(request) -> Asked:
    """What the address says. 404 for another's agency; what is unknown is left out."""
    agencies = own_agencies(request)
    state = request.GET.get("state", "")
    return Asked(
        agencies=agencies,
        agency=chosen(request, agencies),
        course=uuid_in(request.GET.get("course", "")),
        year=year_in(request.GET.get("year", "")),
        state=state if state in (LEARNING, COMPLETED) else "",
        q=request.GET.get("q", "").strip()[:100],
    )


def uuid_in(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def year_in(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) == 4 and 2400 < int(text) < 2700 else None


def people_of(actor, asked: Asked):
    """The accounts of the own people that fit."""
    return named(people_below(actor, asked.roots), asked.q)


def taken_in(asked: Asked):
    """The enrolments that fit, whoever's they are: to be narrowed to people by who asks here."""
    found = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN)
    if asked.course:
        found = found.filter(run__course=asked.course)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.year:
        found = found.filter(completed_at__gte=first_day(asked.year - 1)).filter(
            completed_at__lt=first_day(asked.year)
        )
    return found


def lines_of(actor, asked: Asked):
    """The enrolments of the own people that fit, by name and then the newest first."""
    people = people_of(actor, asked).order_by().values("pk")
    return (
        taken_in(asked)
        .filter(user__in=people)
        .select_related("user", "run")
        .order_by("user__first_name", "user__last_name", "user", "-enrolled_at", "-pk")
    )


def counts_of(actor, asked: Asked, standing: Standing) -> list[CourseCount]:
    """What is asked for, by course, and of all courses first unless one is asked for. From the kept
    sums; counted now where there are none: for words of a name, and while they are being filled."""
    if standing.filled and not asked.q:
        return kept(asked.roots, course=asked.course, year=asked.year, state=asked.state)
    return counted_now(lines_of(actor, asked))


def first_day(year: int) -> datetime:
    """1 October of a Buddhist year: the day after a fiscal year of that number has ended."""
    return datetime(year - transcript.BUDDHIST_ERA, 10, 1, tzinfo=timezone.get_default_timezone())


def rows_of(page: list[Enrolment], paths: list[str]) -> list[dict]:
    """What the report says about some enrolments: six queries, however many they are."""
    language = (get_language() or "th")[:2]
    places: dict[int, Membership] = {}
    mine = scope.members_below(paths).filter(user__in={e.user_id for e in page})
    for place in mine.select_related("agency").order_by("-agency__path"):
        places[place.user_id] = place
    made = []
    for enrolment, row in zip(page, transcript.rows(page), strict=True):
        place, code = places.get(enrolment.user_id), row["certificate"]
        minutes = row["minutes"]
        doing = sum(minutes[method] for method in ("workshop", "discussion", "role_play"))
        made.append(
            {
                "name": enrolment.user.get_full_name() or enrolment.user.email,
                "email": enrolment.user.email,
                "url": reverse("agency_person", args=[enrolment.user_id]),
                "agency": place.agency.name if place else "",
                "position": place.position if place else "",
                "course": in_language(row["titles"], language),
                "code": row["code"],
                "run": enrolment.run.title(language) if enrolment.run.name else "",
                "completed": enrolment.state == COMPLETED,
                "state": enrolment.get_state_display(),
                "percent": row["percent"],
                "grade": row["grade"],
                "mark": row["mark"],
                "enrolled_at": enrolment.enrolled_at,
                "completed_at": enrolment.completed_at,
                "lecture": minutes["lecture"],
                "doing": doing,
                "total": row["total"],
                "certificate": in_groups(code) if code else "",
                "certificate_url": reverse("certificate_verify", args=[code]) if code else "",
                "issued_at": datetime.fromisoformat(row["issued_at"]) if code else None,
                "revoked": row["state"] == "revoked",
            }
        )
    return made


def rows_by_course(counts: list[CourseCount], titles: dict) -> list[dict]:
    """Counts for the page: the courses that most people take. One or two queries for titles that are
    not known yet; these are put into `titles`."""
    shown = [one for one in counts if one.course is not None][:PER_PAGE]
    if missing := {one.course for one in shown} - set(titles):
        titles |= titles_of(missing)
    return [
        {
            "course": str(one.course),
            "title": titles.get(one.course) or _("A course that is no longer offered"),
            "people": one.people,
            "completed": one.completed,
            "percent": 100 * one.completed // one.people,
        }
        for one in shown
    ]


@never_cache
@login_required
@require_GET
def report(request):
    """Who of the own people takes what, how far, with which result."""
    asked, standing, titles = asked_in(request), sums.standing(), {}
    if timezone.now() - standing.as_of > LATE:
        # The queue was away, or no scheduler has noticed that a day has begun.
        sums.start()
        standing = sums.standing()
    counts = every = counts_of(request.user, asked, standing)
    if asked.filtered:
        every = counts_of(request.user, asked.everything, standing)
    choices = rows_by_course(every, titles)
    rows = rows_by_course(counts, titles) if asked.filtered else choices
    total = counts[0] if counts else CourseCount(None, 0, 0, 0)
    lines = Lines(people_of(request.user, asked), taken_in(asked), total, standing.accounts)
    page_obj = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    tail = f"?{query.urlencode()}" if query else ""
    this_year, top = transcript.fiscal_year(timezone.now()), min(a.depth for a in asked.agencies)
    context = {
        "heading": (asked.agency or asked.agencies[0]).name,
        "agencies": [
            {
                "key": str(a.key),
                "label": "— " * (a.depth - top) + a.name,
                "chosen": asked.agency is not None and a.key == asked.agency.key,
            }
            for a in asked.agencies
        ],
        "courses": [{**row, "chosen": row["course"] == str(asked.course)} for row in choices],
        "years": [(year, year == asked.year) for year in range(this_year, this_year - 5, -1)],
        "states": [(s.value, s.label, s == asked.state) for s in (LEARNING, COMPLETED)],
        "asked": asked,
        "sums": rows,
        "more_courses": sum(one.course is not None for one in counts) > PER_PAGE,
        "as_of": standing.as_of,
        "rows": rows_of(list(page_obj), asked.paths),
        "page_obj": page_obj,
        "csv_url": reverse("agency_report_csv") + tail,
        "xlsx_url": reverse("agency_report_xlsx") + tail,
    }
    return render(request, "agency/report.html", context)


def table(request) -> tuple[list, object]:
    """Header and rows of the report, for a file; read in portions."""
    asked = asked_in(request)
    found = lines_of(request.user, asked)
    header = [
        _("Name"), _("E-mail"), _("Agency"), _("Position"), _("Code"), _("Course"), _("Run"),
        _("State"), _("Progress (%)"), _("Grade"), _("Enrolled"), _("Completed on"),
        _("Lecture, minutes"), _("Doing, minutes"), _("In all, minutes"),
        _("Certificate"), _("Issued"),
    ]  # fmt: skip

    def rows():
        portion = []
        for enrolment in found.iterator(chunk_size=CHUNK):
            portion.append(enrolment)
            if len(portion) == CHUNK:
                yield from cells(portion)
                portion = []
        yield from cells(portion)

    def cells(portion):
        for row in rows_of(portion, asked.paths):
            yield [
                row["name"], row["email"], row["agency"], row["position"], row["code"],
                row["course"], row["run"], row["state"], row["percent"], row["grade"],
                day(row["enrolled_at"]), day(row["completed_at"]),
                row["lecture"], row["doing"], row["total"],
                row["certificate"], day(row["issued_at"]),
            ]  # fmt: skip

    return header, rows()


def day(at: datetime | None) -> str:
    """Tables hold Gregorian dates that every program reads: 2026-11-28."""
    return timezone.localtime(at).date().isoformat() if at else ""


@never_cache
@login_required
@require_GET
def report_csv(request):
    return as_csv("learning", *table(request))


@never_cache
@login_required
@require_GET
def report_xlsx(request):
    return as_xlsx("learning", *table(request))
