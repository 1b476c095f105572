"""Good work of a run, shown to those who have read their own results: chosen by an instructor, with
its author's consent and without a name."""

import re

from django.utils.translation import gettext as _

from activities.core.contract import Download, Screen

from . import files, standing
from .enums import SubmissionState
from .models import Submission
from .refusals import not_found

STEP = re.compile(r"gallery(?:-(\d{1,2}))?")
FILE = re.compile(r"gallery-(\d{1,2})-(\d{1,3})")
MOST_SHOWN = 12


def works(cohort, item):
    """What is shown, in the order in which it was chosen."""
    return (
        Submission.objects.filter(
            cohort=cohort, item=item, featured_at__isnull=False, shared_at__isnull=False
        )
        .exclude(state=SubmissionState.WITHDRAWN)
        .order_by("featured_at", "pk")
    )


def here(visit):
    return works(visit.participation.cohort, visit.participation.item)


def has_works(visit) -> bool:
    return visit.participation.pk is not None and here(visit).exists()


def version_shown(work: Submission):
    """The best that there is: what was improved after the feedback, else what was reviewed."""
    return work.revisions.filter(improved=True).last() or work


def screen(visit, step: str, base: dict) -> Screen:
    """One work at a time, with the way to the others. A number that is not there is the first."""
    ids = list(here(visit).values_list("pk", flat=True)[:MOST_SHOWN])
    asked = int(STEP.fullmatch(step)[1] or 1)
    n = asked if 1 <= asked <= len(ids) else 1
    context = base | {
        "pages": [
            {
                "label": _("Work %(n)d") % {"n": number},
                "url": visit.url(f"gallery-{number}"),
                "current": number == n,
                "count": None,
            }
            for number in range(1, len(ids) + 1)
        ],
    }
    if ids:
        version = version_shown(work := Submission.objects.get(pk=ids[n - 1]))
        held = files.others_rows(
            visit.rules,
            files.of_work(version.files),
            lambda number: visit.url(f"gallery-{n}-{number}"),
            own_names=False,
        )
        context |= {
            "title": _("Work %(n)d") % {"n": n},
            "work": base["shown"].work(version.values, held),
            "improved": version is not work,
        }
    return Screen("activities/workshop/gallery.html", context)


def file(visit, n: str, number: str) -> Download:
    """A file of a work that is shown, for somebody whose own results are open. Raises `Refused`."""
    if visit.participation.pk is None:
        raise not_found()
    found = standing.read(visit.participation, visit.rules, visit.now)
    place = int(n) - 1
    chosen = here(visit)[place : place + 1] if found.opened and 0 <= place < MOST_SHOWN else []
    for work in chosen:
        return files.numbered(visit.rules, version_shown(work), int(number), own_names=False)
    raise not_found()
