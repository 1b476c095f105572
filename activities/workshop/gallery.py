"""Good work of a run, shown to those who have read their own results: chosen by an instructor, with
its author's consent and without a name."""

import re

from django.utils.translation import gettext as _

from activities.core.contract import Download, Screen

from . import files, standing
from .enums import SubmissionState
from .models import Submission
from .refusals import not_found

STEP = "gallery"
FILE = re.compile(r"gallery-(\d{1,18})-(\d{1,3})")
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


def row(shown, work: Submission, n: int, address) -> dict:
    version = version_shown(work)
    held = files.others_rows(shown.rules, files.of_work(version.files), address, own_names=False)
    return {
        "id": work.pk,
        "title": _("Work %(n)d") % {"n": n},
        "work": shown.work(version.values, held),
        "improved": version is not work,
    }


def screen(visit, base: dict) -> Screen:
    shown = base["shown"]
    rows = []
    for n, work in enumerate(here(visit)[:MOST_SHOWN], start=1):

        def address(number, id=work.pk):
            return visit.url(f"gallery-{id}-{number}")

        rows.append(row(shown, work, n, address))
    return Screen("activities/workshop/gallery.html", base | {"works": rows})


def file(visit, work_id: str, number: str) -> Download:
    """A file of a work that is shown, for somebody whose own results are open. Raises `Refused`."""
    if visit.participation.pk is None:
        raise not_found()
    found = standing.read(visit.participation, visit.rules, visit.now)
    work = here(visit).filter(pk=int(work_id)).first() if found.opened else None
    if work is None:
        raise not_found()
    return files.numbered(visit.rules, version_shown(work), int(number), own_names=False)
