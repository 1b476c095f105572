"""All that somebody has learned: every enrolment with its dates, minutes by method and grade, by
fiscal year. Sums count valid certificates only."""

from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import F, Max, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone

from activities.core.snapshots import digest
from courses.enrolment.models import Enrolment
from courses.grades import words
from courses.grades.models import Grade, GradeRules
from courses.grades.reckon import shown
from courses.grades.scheme import DEFAULT
from courses.releases.delivery import in_language
from courses.releases.models import CourseRelease

from .issue import VALID
from .models import Certificate, Transcript

METHODS = ("lecture", "workshop", "discussion", "role_play", "neutral")
FIELDS = [f"{method}_minutes" for method in METHODS]
BUDDHIST_ERA = 543
MOST_PRINTED = 1_000


def fiscal_year(moment: datetime | date) -> int:
    """The Thai fiscal year (Buddhist era): from 1 October to 30 September, named for its end."""
    day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return day.year + BUDDHIST_ERA + (day.month >= 10)


def enrolments(user, runs=None):
    """What belongs into a transcript; of those runs only, if given. Under way first, then by date."""
    found = Enrolment.objects.filter(user=user).select_related("run")
    if runs is not None:
        found = found.filter(run__in=runs)
    return found.order_by(F("completed_at").desc(nulls_first=True), "-enrolled_at", "-pk")


def sums(user, runs=None) -> dict[int, dict]:
    """{fiscal year: {courses, lecture, …, total}} over all valid certificates, newest year first.
    One query: months are added up in the database, years here."""
    found = Certificate.objects.filter(VALID, enrolment__user=user)
    if runs is not None:
        found = found.filter(enrolment__run__in=runs)
    months = (
        found.annotate(month=TruncMonth("completed_at"))
        .order_by("month")
        .values("month")
        .annotate(courses=Sum(1), **{m: Sum(f"{m}_minutes") for m in METHODS})
    )
    years: dict[int, dict] = {}
    for row in months:
        year = years.setdefault(
            fiscal_year(row["month"]), dict.fromkeys(("courses", *METHODS, "total"), 0)
        )
        for name in ("courses", *METHODS):
            year[name] += row[name]
        year["total"] += sum(row[method] for method in METHODS)
    return dict(sorted(years.items(), reverse=True))


def minutes_so_far(outline: dict, progress: dict) -> dict[str, int]:
    """Minutes done by method, part-done items by their per cent, rounded down."""
    hundredths = dict.fromkeys(METHODS, 0)
    for item in outline["items"]:
        percent = progress.get(item["key"], 0)
        hundredths["lecture"] += item["lecture"] * percent
        hundredths["neutral"] += item["neutral"] * percent
        method = item["kind"] if item["kind"] in ("workshop", "discussion") else "role_play"
        hundredths[method] += item["active"] * percent
    return {method: value // 100 for method, value in hundredths.items()}


def rows(page: list[Enrolment]) -> list[dict]:
    """What the transcript says about some enrolments: five queries, however many they are.

    Everything in a row can be stored as JSON; texts are {language: text}.
    """
    certificates: dict[int, Certificate] = {}
    for certificate in (
        Certificate.objects.filter(enrolment__in=page).defer("segments").order_by("version")
    ):
        certificates[certificate.enrolment_id] = certificate
    grades = {g.enrolment_id: g for g in Grade.objects.filter(enrolment__in=page)}
    outlines = outlines_of({e.run.course for e in page if e.pk not in certificates})
    schemes = schemes_of(page)
    return [
        row(e, certificates.get(e.pk), grades.get(e.pk), outlines.get(e.run.course), schemes[e.pk])
        for e in page
    ]


def schemes_of(page: list[Enrolment]) -> dict:
    """{enrolment: the rules that hold for its run}, in one query."""
    by_run, by_course = {}, {}
    found = GradeRules.objects.filter(course__in={e.run.course for e in page}).order_by("number")
    for rules in found:
        if rules.run_id:
            by_run[rules.run_id] = rules
        else:
            by_course[rules.course] = rules
    holding = {e.pk: by_run.get(e.run_id) or by_course.get(e.run.course) for e in page}
    return {pk: rules.scheme if rules else DEFAULT for pk, rules in holding.items()}


def outlines_of(courses: set) -> dict:
    """{course: the outline of its newest release}, also of courses that are no longer on offer."""
    if not courses:
        return {}
    newest = CourseRelease.objects.filter(course__in=courses).order_by().values("course")
    newest = newest.annotate(newest=Max("pk")).values("newest")
    releases = CourseRelease.objects.filter(pk__in=newest).defer("texts")
    return {release.course: release.outline for release in releases}


def row(enrolment, certificate, grade, outline, scheme) -> dict:
    value = grade.value if grade else None
    if certificate is not None:
        titles, code = certificate.titles, certificate.course_code
    else:
        titles, code = (outline["titles"], outline["code"]) if outline else ({"th": "–"}, "")
    valid = certificate is not None and certificate.state == Certificate.State.VALID
    if valid:
        minutes = {method: getattr(certificate, f"{method}_minutes") for method in METHODS}
    elif certificate is None and outline is not None:
        minutes = minutes_so_far(outline, enrolment.progress)
    else:
        minutes = dict.fromkeys(METHODS, 0)
    completed = enrolment.completed_at
    return {
        "titles": titles,
        "code": code,
        "run": enrolment.run.name,
        "state": "revoked" if certificate is not None and not valid else enrolment.state,
        "percent": enrolment.percent,
        "enrolled": enrolment.enrolled_at.isoformat(),
        "completed": completed.isoformat() if completed else None,
        "year": fiscal_year(completed) if completed else None,
        "minutes": minutes,
        "total": sum(minutes.values()),
        "grade": shown(value),
        "mark": words.mark(scheme, value),
        "certificate": certificate.code if valid else None,
        "issued_at": certificate.issued_at.isoformat() if valid else None,
    }


def content(user) -> dict:
    """The whole transcript of what is completed, as it is printed and kept."""
    page = list(enrolments(user).filter(completed_at__isnull=False)[:MOST_PRINTED])
    return {
        "rows": rows(page),
        "years": [{"year": year, **values} for year, values in sums(user).items()],
    }


@transaction.atomic
def printed(user) -> Transcript:
    """The transcript as it is now, with a number under which anybody can check it. As long as nothing
    changes it is the same one."""
    found = content(user)
    holder = user.get_full_name() or user.email
    made, _created = Transcript.objects.get_or_create(
        user=user,
        digest=digest({"holder": holder, **found}),
        defaults={"holder": holder, "content": found},
    )
    return made


# -- for a page or a sheet ------------------------------------------------------------------------


def shown_row(row: dict, language: str) -> dict:
    """A row for the page: texts in the reader's language, dates as dates."""
    return {
        **row,
        "title": in_language(row["titles"], language),
        "enrolled": datetime.fromisoformat(row["enrolled"]),
        "completed": datetime.fromisoformat(row["completed"]) if row["completed"] else None,
        "url": reverse("certificate_verify", args=[row["certificate"]])
        if row["certificate"]
        else "",
        "active": sum(row["minutes"][m] for m in ("workshop", "discussion", "role_play")),
    }


def by_year(rows: list[dict], sums: dict[int, dict]) -> list[dict]:
    """[{year, rows, sums}] in the order of the rows; a year without certificates has no sums."""
    return [
        {"year": year, "rows": list(found), "sums": sums.get(year)}
        for year, found in groupby(rows, key=lambda row: row["year"])
    ]
