"""The sums of agencies' reports, kept right.

Whatever changes what somebody counts for notes the person in the transaction of the change (`note`).
After the commit `count_waiting` works out anew what each noted person adds to the sums, takes off what
the person added before and puts the new figures in their place. It never adds what it was told, only
what is in the tables at that moment, so that doing it twice, late or in another order does no harm.

`check` does the same for everybody, noted or not, and compares the sums with what is in them.
"""

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Subquery
from django.utils import timezone

from courses.certificates.transcript import fiscal_year
from courses.enrolment.models import Enrolment

from .models import Agency, Membership, User
from .sum_models import (
    ALL_COURSES,
    ANY_YEAR,
    CountedPerson,
    CountState,
    LearningSum,
    ToCount,
)

logger = logging.getLogger("sala.people")

AT_ONCE = 500
# Batches in the request of whoever moved an agency of thousands, where no worker does it.
BATCHES_AT_ONCE = 4
MEASURES = LearningSum.MEASURES


# -- noting ---------------------------------------------------------------------------------------


def note(people) -> None:
    """These people (keys) are to be counted again. Call it in the transaction of the change."""
    put([ToCount(person=pk) for pk in dict.fromkeys(people) if pk is not None])


def note_agencies(agencies) -> None:
    """All who belong to these agencies (keys of rows) or below are to be counted again. Who they are is
    asked once the change is committed: somebody may join at this very moment."""
    put([ToCount(agency=pk) for pk in dict.fromkeys(agencies)])


def put(rows: list[ToCount]) -> None:
    if not rows:
        return
    ToCount.objects.bulk_create(rows, batch_size=1000)
    waiting = transaction.get_connection().run_on_commit
    if not any(function is start for _ids, function, *_rest in waiting):
        transaction.on_commit(start, robust=True)


def start() -> None:
    """Have what waits counted soon. Never raises."""
    from .tasks import count_learning

    try:
        count_learning.delay()
    except Exception:  # the change stands and must be answered; the sweeper counts later
        logger.exception("Could not start counting")


# -- what somebody counts for ---------------------------------------------------------------------


def contributions(people: list[int], today: date) -> dict[int, CountedPerson]:
    """What each of these people adds to the sums as things stand; nobody who adds nothing and will
    not by itself. Four queries, however many they are."""
    places, above, changes = defaultdict(set), defaultdict(set), {}
    rows = Membership.objects.filter(user__in=people, user__erased_at__isnull=True)
    paths = set()
    for user, path, active, since, until in rows.values_list(
        "user_id", "agency__path", "agency__is_active", "since", "until"
    ):
        if since > today:
            changes[user] = min(since, changes.get(user, since))
        elif until is None or until >= today:
            if until is not None:
                after = until + timedelta(days=1)
                changes[user] = min(after, changes.get(user, after))
            if active:
                places[user].add(path)
                steps = range(Agency.steplen, len(path) + 1, Agency.steplen)
                above[user].update(path[:end] for end in steps)
    for found in above.values():
        paths |= found
    keys = dict(Agency.objects.filter(path__in=paths).order_by().values_list("path", "pk"))
    courses = taken_by(list(places))
    made = {}
    for user in set(places) | set(changes):
        agencies = sorted(keys[path] for path in above[user] if path in keys)
        if agencies or user in changes:
            made[user] = CountedPerson(
                person=user,
                agencies=agencies,
                courses=courses.get(user, {}),
                several=len(places[user]) > 1,
                changes_on=changes.get(user),
            )
    return made


def taken_by(people: list[int]) -> dict[int, dict]:
    """{person: {course: {year: [enrolments under way, completed]}}}, years as texts as JSON has them."""
    found: dict[int, dict] = {}
    rows = Enrolment.objects.filter(user__in=people).exclude(state=Enrolment.State.WITHDRAWN)
    for user, course, state, at in rows.order_by().values_list(
        "user_id", "run__course", "state", "completed_at"
    ):
        place = int(state == Enrolment.State.COMPLETED)
        for key in (course, ALL_COURSES):
            years = found.setdefault(user, {}).setdefault(str(key), {})
            for year in {ANY_YEAR, fiscal_year(at) if at else ANY_YEAR}:
                years.setdefault(str(year), [0, 0])[place] += 1
    return found


def add(total: Counter, counted: CountedPerson, sign: int) -> None:
    """Put what somebody counts for into `total`: {(agency, course, year, measure): number}."""
    for course, years in counted.courses.items():
        for year, (learning, completed) in years.items():
            figures = (1, learning > 0, completed > 0, learning, completed)
            for agency in counted.agencies:
                for measure, figure in zip(MEASURES, figures, strict=True):
                    if figure:
                        total[agency, course, year, measure] += sign * int(figure)


def same(a: CountedPerson | None, b: CountedPerson | None) -> bool:
    if a is None or b is None:
        return a is b
    fields = ("agencies", "courses", "several", "changes_on")
    return all(getattr(a, name) == getattr(b, name) for name in fields)


# -- counting -------------------------------------------------------------------------------------


def hold() -> CountState:
    """The one row that whoever changes the sums holds, so that they do it one after the other."""
    CountState.objects.get_or_create(pk=1)
    return CountState.objects.select_for_update().get(pk=1)


def count(people: list[int], today: date) -> int:
    """Bring the sums to what these people count for now, in a transaction that holds the state.
    Returns how many of them had been counted otherwise."""
    now = contributions(people, today)
    before = CountedPerson.objects.in_bulk(people)
    changed = [pk for pk in people if not same(before.get(pk), now.get(pk))]
    if not changed:
        return 0
    total: Counter = Counter()
    for pk in changed:
        if pk in before:
            add(total, before[pk], -1)
        if pk in now:
            add(total, now[pk], 1)
    apply(total)
    CountedPerson.objects.filter(person__in=[pk for pk in changed if pk not in now]).delete()
    CountedPerson.objects.bulk_create(
        [now[pk] for pk in changed if pk in now],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["agencies", "courses", "several", "changes_on"],
    )
    CountState.objects.filter(pk=1).update(version=F("version") + 1)
    return len(changed)


def apply(total: Counter) -> None:
    """Add these figures to the sums. Sums of agencies that are gone are left out."""
    deltas: dict[tuple, Counter] = defaultdict(Counter)
    for (agency, course, year, measure), figure in total.items():
        if figure:
            deltas[agency, course, int(year)][measure] += figure
    if not deltas:
        return
    there = set(
        Agency.objects.filter(pk__in={agency for agency, _c, _y in deltas})
        .order_by()
        .values_list("pk", flat=True)
    )
    rows = {
        (row.agency_id, str(row.course), row.year): row
        for row in LearningSum.objects.filter(
            agency__in=there, course__in={course for _a, course, _y in deltas}
        )
    }
    written, gone = [], []
    for key, figures in deltas.items():
        agency, course, year = key
        if agency not in there:
            continue
        row = rows.get(key) or LearningSum(agency_id=agency, course=course, year=year)
        for measure, figure in figures.items():
            # Never below nothing: a sum that was lost is found by `check`, and must not stop all others.
            setattr(row, measure, max(0, getattr(row, measure) + figure))
        row.people = max(row.people, row.learning, row.completed)
        if row.people:
            written.append(row)
        elif row.pk:
            gone.append(row.pk)
    LearningSum.objects.filter(pk__in=gone).delete()
    for row in written:
        row.pk = None
    LearningSum.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["agency", "year", "course"],
        update_fields=list(MEASURES),
        batch_size=1000,
    )


def count_waiting(batches: int | None = None) -> int:
    """Count everybody who is noted, and those for whom a day has come. Returns how many people."""
    done = 0
    while batches is None or batches > 0:
        found = _batch()
        if not found:
            break
        done += found
        batches = None if batches is None else batches - 1
    return done


def _batch() -> int:
    today = timezone.localdate()
    by_date = CountedPerson.objects.filter(changes_on__lte=today)
    if not ToCount.objects.exists() and not by_date.exists():
        return 0
    with transaction.atomic():
        hold()
        spread()
        # Only rows that are seen now are taken away: what is noted meanwhile may be news.
        rows = list(ToCount.objects.order_by("pk").values_list("pk", "person", "agency")[:AT_ONCE])
        rows = [row for row in rows if row[2] is None]
        people = {person for _pk, person, _agency in rows}
        if len(people) < AT_ONCE:
            people |= set(by_date.values_list("person", flat=True)[: AT_ONCE - len(people)])
        count(sorted(people), today)
        ToCount.objects.filter(pk__in=[pk for pk, _person, _agency in rows]).delete()
    return len(people)


def spread() -> None:
    """Put the people of agencies that are noted in the place of these."""
    noted = list(ToCount.objects.filter(agency__isnull=False).order_by("pk"))
    for row in noted:
        path = Agency.objects.filter(pk=row.agency).values_list("path", flat=True).first()
        if path:
            members = Membership.objects.filter(agency__path__startswith=path)
            people = members.order_by().values_list("user", flat=True).distinct()
            ToCount.objects.bulk_create(
                [ToCount(person=pk, at=row.at) for pk in people.iterator()], batch_size=1000
            )
    ToCount.objects.filter(pk__in=[row.pk for row in noted]).delete()


# -- everybody ------------------------------------------------------------------------------------


def everybody():
    """The keys of all who might count, in portions: members, and whoever was counted."""
    last = 0
    while True:
        people = sorted(
            set(
                Membership.objects.filter(user__gt=last)
                .order_by("user")
                .values_list("user", flat=True)
                .distinct()[:AT_ONCE]
            )
            | set(
                CountedPerson.objects.filter(person__gt=last)
                .order_by("person")
                .values_list("person", flat=True)[:AT_ONCE]
            )
        )[:AT_ONCE]
        if not people:
            return
        yield people
        last = people[-1]


def check() -> int:
    """Count everybody again and set right what is wrong, also in the sums themselves; a first filling
    is this. Returns how many people and sums had been wrong, not those who were merely waiting."""
    begun, wrong = timezone.now(), 0
    count_waiting()
    for people in everybody():
        with transaction.atomic():
            hold()
            waiting = set(
                ToCount.objects.filter(person__in=people).values_list("person", flat=True)
            )
            wrong += count([pk for pk in people if pk not in waiting], timezone.localdate())
    with transaction.atomic():
        first = hold().filled_at is None
    wrong += check_sums()
    if wrong and not first:
        logger.error("%s sums of agencies' learning were wrong and have been set right", wrong)
    changes = {"checked_at": begun, "repaired": 0 if first else wrong}
    if first:
        changes["filled_at"] = begun
    CountState.objects.filter(pk=1).update(**changes)
    return 0 if first else wrong


def fill_if_small() -> None:
    """A site of few people needs nobody to think of the first filling; larger ones wait for the
    sweeper or for `manage.py count_learning`."""
    if standing().filled:
        return
    few = list(Membership.objects.order_by().values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(few) <= AT_ONCE:
        check()


def check_sums() -> int:
    """Compare each sum with what the counted people add to it; set it right where it differs.

    First without holding anything, as it reads everybody; only when a difference is found, or others
    changed the sums meanwhile, once more while nobody else may.
    """
    version = CountState.objects.get(pk=1).version
    difference = _difference()
    if not difference and CountState.objects.get(pk=1).version == version:
        return 0
    with transaction.atomic():
        hold()
        difference = _difference()
        if difference:
            apply(difference)
            CountState.objects.filter(pk=1).update(version=F("version") + 1)
    return len({key[:3] for key in difference})


def _difference() -> Counter:
    """What would have to be added to the sums: {(agency, course, year, measure): number}, no zeros."""
    total: Counter = Counter()
    for counted in CountedPerson.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        add(total, counted, 1)
    for row in LearningSum.objects.order_by().iterator(chunk_size=2000):
        for measure in MEASURES:
            total[row.agency_id, str(row.course), str(row.year), measure] -= getattr(row, measure)
    agencies = set(Agency.objects.order_by().values_list("pk", flat=True))
    return Counter({key: n for key, n in total.items() if n and key[0] in agencies})


# -- how they stand -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How the sums stand. All that was committed until `as_of` is in them; not `filled`: they are not
    there yet, and who needs a number counts. `accounts`: the highest key of an account, a bound."""

    filled: bool
    as_of: datetime
    checked_at: datetime | None = None
    repaired: int = 0
    accounts: int = 0


def standing(now: datetime | None = None) -> Standing:
    """One query."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    row = (
        CountState.objects.filter(pk=1)
        .annotate(
            oldest=Subquery(ToCount.objects.order_by("pk").values("at")[:1]),
            turned=Exists(CountedPerson.objects.filter(changes_on__lte=today)),
            accounts=Subquery(User.objects.order_by("-pk").values("pk")[:1]),
        )
        .first()
    )
    if row is None or row.filled_at is None:
        return Standing(filled=False, as_of=now)
    as_of = min(row.oldest or now, now)
    if row.turned:
        as_of = min(as_of, timezone.make_aware(datetime.combine(today, datetime.min.time())))
    return Standing(True, as_of, row.checked_at, row.repaired, row.accounts or 0)
