"""What an agency's report counts, and which of its lines are on a page, at a cost that does not grow
with the people below the agency: sums are kept (`sums.py`), and a page's lines are found by walking
along the names as far as that page."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum

from courses.enrolment.models import Enrolment

from . import scope
from .models import Agency, User
from .sum_models import ALL_COURSES, ANY_YEAR, CountedPerson, LearningSum
from .sums import add

LEARNING, COMPLETED = Enrolment.State.ACTIVE, Enrolment.State.COMPLETED
MEASURES = LearningSum.MEASURES


@dataclass(frozen=True)
class CourseCount:
    """Of one course (None: of all): how many people, how many of these have completed it, how many
    enrolments that is."""

    course: UUID | None
    people: int
    completed: int
    lines: int


def tops(agencies: list[Agency]) -> list[Agency]:
    """Those of some agencies, in the order of the tree, that are below none of the others."""
    found: list[Agency] = []
    for agency in agencies:
        if not found or not agency.path.startswith(found[-1].path):
            found.append(agency)
    return found


def kept(
    roots: list[Agency], *, course: UUID | None, year: int | None, state: str
) -> list[CourseCount]:
    """The sums for the people below `roots` (of which none is below another), most people first, that
    of all courses before the others; a person who is below two of them counts once. One query, two
    where there are several roots. Rows without people are left out."""
    rows = LearningSum.objects.filter(agency__in=roots, year=year or ANY_YEAR)
    if course:
        rows = rows.filter(course=course)
    twice: dict[UUID, Counter] = {}
    if len(roots) > 1:
        twice = below_several(roots, year or ANY_YEAR)
    sums = rows.order_by().values("course").annotate(**{f"n_{m}": Sum(m) for m in MEASURES})
    found = []
    for row in sums:
        less = twice.get(row["course"], Counter())
        counted = {m: row[f"n_{m}"] - less[m] for m in MEASURES}
        one = as_asked(None if row["course"] == ALL_COURSES else row["course"], counted, state)
        if one.people:
            found.append(one)
    return sorted(found, key=lambda one: (one.course is not None, -one.people, str(one.course)))


def as_asked(course: UUID | None, counted: dict, state: str) -> CourseCount:
    if state == LEARNING:
        return CourseCount(course, counted["learning"], 0, counted["learning_lines"])
    if state == COMPLETED:
        done = counted["completed"]
        return CourseCount(course, done, done, counted["completed_lines"])
    lines = counted["learning_lines"] + counted["completed_lines"]
    return CourseCount(course, counted["people"], counted["completed"], lines)


def below_several(roots: list[Agency], year: int) -> dict[UUID, Counter]:
    """{course: {measure: how much the sums of these agencies hold too much together}}, because of people
    who belong to more than one of them."""
    keys = {agency.pk for agency in roots}
    total: Counter = Counter()
    for person in CountedPerson.objects.filter(several=True).iterator(chunk_size=500):
        times = len(keys & set(person.agencies)) - 1
        if times > 0:
            person.agencies = [0]  # once, wherever it is
            add(total, person, times)
    found: dict[UUID, Counter] = {}
    for (_agency, course, of, measure), figure in total.items():
        if int(of) == year:
            found.setdefault(UUID(course), Counter())[measure] += figure
    return found


def counted_now(found) -> list[CourseCount]:
    """The same from the rows themselves, for what no sums are kept for: words of a name. Of all, then
    by course, most people first. Two queries."""
    measures = {
        "people": Count("user", distinct=True),
        "completed": Count("user", distinct=True, filter=Q(state=COMPLETED)),
        "lines": Count("pk"),
    }
    found = found.order_by()
    rows = found.values("run__course").annotate(**measures).order_by("-people", "run__course")
    courses = [
        CourseCount(row["run__course"], row["people"], row["completed"], row["lines"])
        for row in rows
    ]
    every = found.aggregate(**measures)
    return [CourseCount(None, **every), *courses] if courses else []


class Lines:
    """The enrolments of a report in its order, for a paginator: by name, and then the newest first.

    `people` is a query of accounts, `taken` one of enrolments; both are what was asked for. Where many
    of the site's accounts fit, the accounts are walked by name from the first one and no further than
    the page goes; where few do, all that fits is put in order. Both give the same.
    """

    NAMES = ("first_name", "last_name", "pk")

    def __init__(self, people, taken, total: CourseCount, accounts: int):
        self.people, self.taken = people, taken
        self.total, self.accounts = total, accounts

    def count(self) -> int:
        return self.total.lines

    def __getitem__(self, place: slice) -> list[Enrolment]:
        start, stop = place.start or 0, place.stop
        # How many accounts one looks at until so many are found that fit.
        looked_at = stop * self.accounts // max(1, self.total.people)
        page = self.walked if looked_at < self.total.lines else self.ordered
        return page(start, stop)

    def walked(self, start: int, stop: int) -> list[Enrolment]:
        """Two queries."""
        theirs = self.taken.filter(user=OuterRef("pk")).order_by()
        number = theirs.values("user").annotate(n=Count("pk")).values("n")
        people = (
            self.people.filter(Exists(theirs))
            .annotate(lines=Subquery(number))
            .order_by(*self.NAMES)
            .values_list("pk", "lines")[:stop]
        )
        before, places = 0, {}
        for person, lines in people:
            if before >= stop:
                break
            if before + lines > start:
                places[person] = before
            before += lines
        if not places:
            return []
        rows = self.taken.filter(user__in=places).select_related("user", "run")
        # Within a person the order of the query stays.
        page = sorted(rows.order_by("-enrolled_at", "-pk"), key=lambda row: places[row.user_id])
        first = next(iter(places.values()))
        return page[start - first : stop - first]

    def ordered(self, start: int, stop: int) -> list[Enrolment]:
        """Two queries: rows are put in order without all that is in them."""
        found = self.taken.filter(user__in=self.people.order_by().values("pk"))
        keys = list(
            found.order_by(
                "user__first_name", "user__last_name", "user", "-enrolled_at", "-pk"
            ).values_list("pk", flat=True)[start:stop]
        )
        rows = self.taken.select_related("user", "run").in_bulk(keys)
        return [rows[key] for key in keys if key in rows]


def people_below(actor, roots: list[Agency]):
    """The accounts below these agencies whom the actor may know about."""
    here = scope.members_below([a.path for a in roots]).filter(user=OuterRef("pk"))
    return User.objects.for_actor(actor).filter(Exists(here), erased_at__isnull=True)
