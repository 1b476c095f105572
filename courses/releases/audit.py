"""Recompute from scratch what every release that people get claims: nothing here trusts a stored sum."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db.models import Prefetch

from activities.core import registry
from activities.core.models import ItemVersion

from .mix import Mix
from .models import CourseRelease, CourseState, ReleaseItem


@dataclass(frozen=True)
class Finding:
    """Something about an offer that is not as it must be. `code`: unbalanced, drift, outline,
    ceiling or kind_missing."""

    course: str
    slug: str
    code: str
    detail: str

    def as_dict(self) -> dict:
        return asdict(self)


def recomputed(version: ItemVersion) -> Mix:
    """An item's minutes from its snapshot alone. Raises `registry.UnknownKind`."""
    return Mix(*registry.get(version.kind).minutes(version.page(version.source_language)))


def audit(course: UUID | None = None) -> tuple[int, list[Finding]]:
    """(releases looked at, what is wrong with them): what is on offer, and what people who are
    enrolled in a withdrawn course go on with. A course that was never offered is not wrong.

    An item whose kind is not installed cannot be recomputed: what its release stored is taken, and
    it is reported.
    """
    states = CourseState.objects.filter(served__isnull=False).select_related("served")
    if course is not None:
        states = states.filter(course=course)
    items = ReleaseItem.objects.select_related("version").order_by("position")
    states = states.prefetch_related(Prefetch("served__items", queryset=items))
    found: list[Finding] = []
    looked_at = 0
    for state in states.order_by("slug"):
        looked_at += 1
        found += findings(state, state.served)
    return looked_at, found


def findings(state: CourseState, release: CourseRelease) -> list[Finding]:
    def finding(code: str, detail: str) -> Finding:
        return Finding(str(state.course), state.slug, code, detail)

    found, total = [], Mix()
    caps = {entry["key"]: entry.get("cap") for entry in release.outline["items"]}
    for entry in release.items.all():
        version = entry.version
        stored = Mix(version.lecture, version.active, version.neutral)
        try:
            now = recomputed(version).limited(caps.get(str(version.item)))
        except registry.UnknownKind:
            found.append(finding("kind_missing", f"{version.kind}: {version.title()}"))
            now = stored
        if now != stored:
            found.append(finding("drift", f"{version.title()}: stored {stored}, computed {now}"))
        if version.active and not version.required:
            found.append(finding("ceiling", f"{version.title()}: optional, but counted as doing"))
        total += now
    if total != release.mix:
        found.append(finding("drift", f"stored {release.mix}, computed {total}"))
    if not total.passes:
        found.append(
            finding(
                "unbalanced",
                f"lecture {total.lecture}, doing {total.active}, neither {total.neutral}",
            )
        )
    shown = [entry["key"] for entry in release.outline["items"]]
    if shown != [str(entry.version.item) for entry in release.items.all()]:
        found.append(finding("outline", "the outline and the items differ"))
    return found
