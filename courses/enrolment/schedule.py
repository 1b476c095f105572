"""Runs of courses by their dates, for the home page: what begins soon and what goes on now."""

from datetime import datetime

from django.utils import timezone

from courses.releases.delivery import in_language

from .models import CourseRun
from .offers import not_over
from .rules import runs_shown_to

MOST = 6


def by_date(user, entries: list, language: str, base: str, now: datetime | None = None) -> dict:
    """{"upcoming": the next to begin first, "running": the latest begun first} of the courses on
    offer, as this person may see them. Two queries, a handful of rows each."""
    now = now or timezone.now()
    known = {entry.course: entry for entry in entries}
    if not known:
        return {"upcoming": [], "running": []}
    runs = CourseRun.objects.filter(
        runs_shown_to(user), pacing=CourseRun.Pacing.COHORT, course__in=list(known)
    )
    soon = runs.filter(starts_at__gt=now, is_open=True).order_by("starts_at", "pk")[:MOST]
    now_on = runs.filter(not_over(now), starts_at__lte=now).order_by("-starts_at", "-pk")[:MOST]

    def rows(found) -> list[dict]:
        return [row(run, known[str(run.course)], language, base) for run in found]

    return {"upcoming": rows(soon), "running": rows(now_on)}


def row(run: CourseRun, entry, language: str, base: str) -> dict:
    return {
        "course": in_language(entry.titles, language),
        "lang": language if language in entry.titles else "th",
        "run": run.title(language),
        "starts_at": run.starts_at,
        "ends_at": run.ends_at,
        "url": f"{base}{entry.slug}/",
    }
