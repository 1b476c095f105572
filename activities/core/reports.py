"""What kinds add to the table of a run's participants."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from . import registry
from .contract import Column
from .models import ItemVersion, Participation


@dataclass
class Reporting:
    """The columns of the items of a course, for one table: `versions` in the order of the course.

    `headings()` go beside the site's own; `cells(seats)` answers for some participants at once, so
    that a long table is written piece by piece. An item whose kind fails says so in its cells.
    """

    versions: list[ItemVersion]

    def __post_init__(self):
        self.columns: list[tuple[ItemVersion, Column]] = []
        for version in self.versions:
            try:
                found = registry.get(version.kind).report_columns(version)
            except registry.UnknownKind:
                found = []
            self.columns += [(version, column) for column in found]

    def headings(self) -> list[str]:
        return [f"{version.title()}: {column.label}" for version, column in self.columns]

    def cells(self, cohort, seats: list) -> dict:
        """{seat: [value of each column]}; two queries and those of the kinds, whatever the number."""
        blank = [""] * len(self.columns)
        table = {seat: list(blank) for seat in seats}
        if not self.columns:
            return table
        places: dict = {}
        for n, (version, column) in enumerate(self.columns):
            places.setdefault(version.item, []).append((n, version, column))
        by_item: dict = {}
        rows = Participation.objects.filter(cohort=cohort, seat__in=seats, item__in=list(places))
        for participation in rows.select_related("version").defer("version__texts"):
            by_item.setdefault(participation.item, []).append(participation)
        for item, participations in by_item.items():
            version = places[item][0][1]
            try:
                values = registry.get(version.kind).report_rows(version, participations)
            except registry.UnknownKind:
                values = None
            for participation in participations:
                row = table[participation.seat]
                for n, _version, column in places[item]:
                    if values is None:
                        row[n] = _("temporarily unavailable")
                    else:
                        row[n] = values.get(participation.pk, {}).get(column.name, "")
        return table
