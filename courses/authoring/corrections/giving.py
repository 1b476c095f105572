"""Giving people who have begun an activity the corrected version of it.

Who has begun goes on with the version that was begun: what is asked must not change under way. Mended
words and easier rules may be given to them, by somebody's decision; what became harder never is.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from activities.core import registry
from activities.core.changes import Change, Difference, compare
from activities.core.enums import AttemptState
from activities.core.errors import Refused
from activities.core.models import Attempt, Event, ItemVersion, Participation
from courses.enrolment.models import CourseRun
from courses.enrolment.rules import is_own_run
from courses.releases.delivery import current_version, served_release
from courses.releases.models import CourseRelease


@dataclass
class Correction:
    """An older version on which people have begun, beside the newest one."""

    item: str
    titles: dict
    old: ItemVersion
    new: ItemVersion
    difference: Difference
    runs: list[tuple[CourseRun, int]]

    @property
    def people(self) -> int:
        return sum(count for _run, count in self.runs)

    @property
    def tightened(self) -> bool:
        return self.difference.change == Change.OTHER


def corrections_of(course: UUID, by) -> list[Correction]:
    """What could be given to people who have begun, and what could not, in the order of the course. A
    run is `own` if `by` may open it.

    A handful of queries, and two versions for each item that people have begun on an older one.
    """
    release = served_release(course)
    if release is None:
        return []
    runs = {
        run.key: run for run in CourseRun.objects.filter(course=course).annotate(own=is_own_run(by))
    }
    newest = release.items.order_by()
    begun: dict[tuple, list] = {}
    rows = (
        Participation.objects.filter(
            cohort__in=runs, item__in=newest.values("version__item"), completed_at=None
        )
        .exclude(version__in=newest.values("version"))
        .values_list("item", "version", "cohort")
        .annotate(people=Count("pk"))
        .order_by("cohort")
    )
    for item, version, cohort, people in rows:
        begun.setdefault((item, version), []).append((runs[cohort], people))
    wanted = Q(pk__in=[old for _item, old in begun])
    wanted |= Q(pk__in=newest.values("version"), item__in=[item for item, _old in begun])
    versions = ItemVersion.objects.filter(wanted).in_bulk() if begun else {}
    older = {old for _item, old in begun}
    of_item = {v.item: v for v in versions.values() if v.pk not in older}
    found = []
    for entry in release.outline["items"]:
        item = UUID(entry["key"])
        if not installed(entry["kind"]) or registry.get(entry["kind"]).follows_release:
            continue
        for (of, old), where in begun.items():
            if of == item:
                pair = versions[old], of_item[item]
                found.append(
                    Correction(entry["key"], entry["titles"], *pair, compare(*pair), where)
                )
    return found


def installed(kind: str) -> bool:
    try:
        registry.get(kind)
    except registry.UnknownKind:
        return False
    return True


def give(course: UUID, old: int, new: int, by) -> int:
    """Let everybody who has begun on version `old` go on with `new`; returns how many. Pressed twice it
    changes nothing more.

    Raises `Refused`: 409 when `new` is not the newest any more or there is no `old`, 422 when it asks for something else.
    Finished attempts keep the version that they were made on; those under way go on with the new one.
    """
    release: CourseRelease | None = served_release(course)
    before = ItemVersion.objects.filter(pk=old).first()
    if release is None or before is None:
        raise Refused(_("There is no such version."), code="no_version", status=409)
    newest = current_version(release, str(before.item))
    if newest is None or newest.pk != new:
        raise Refused(
            _("The item has changed again since this page was opened. Look at it once more."),
            code="stale",
            status=409,
        )
    if not compare(before, newest).may_be_given:
        raise Refused(
            _(
                "This version asks for something else. Who has begun goes on with the version that was "
                "begun."
            ),
            code="tightened",
        )
    cohorts = CourseRun.objects.filter(course=course).values("key")
    with transaction.atomic():
        rows = list(
            Participation.objects.select_for_update(of=("self",)).filter(
                item=before.item, version=before, cohort__in=cohorts, completed_at=None
            )
        )
        keys = [row.pk for row in rows]
        Participation.objects.filter(pk__in=keys).update(version=newest)
        Attempt.objects.filter(
            participation__in=keys, state=AttemptState.IN_PROGRESS, version=before
        ).update(version=newest)
        Event.objects.bulk_create(
            Event(
                cohort=row.cohort,
                item=row.item,
                actor=by,
                kind="version_given",
                payload={"participation": row.pk, "old": before.pk, "new": newest.pk},
            )
            for row in rows
        )
    return len(rows)
