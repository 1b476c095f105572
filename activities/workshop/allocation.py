"""Which work is reviewed next: chosen when somebody is ready to review, not before.

The work with the fewest reviews and live leases goes first; among those one whose author has not
reviewed me, then one whose author still owes reviews, then the oldest. Without allocation in
advance nobody's absence leaves a work without reviews.
"""

import heapq
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Subquery, Value, When

from .enums import IN_POOL, LeaseState, ReviewKind, SubmissionState
from .models import Review, ReviewLease, Submission

LEASE = timedelta(hours=24)
PEER_NUMBERS = range(1, 100)
DRAW = secrets.SystemRandom()


# -- the choice ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A work that somebody could review. `load` is its live leases and reviews; `reciprocal`
    says whether its author has reviewed the one who asks; `author_done` are its author's reviews."""

    id: Any
    load: int
    reciprocal: bool
    author_done: int
    submitted_at: Any


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """The work to review next, None when there is none."""
    return min(
        candidates,
        key=lambda c: (c.load, c.reciprocal, c.author_done, c.submitted_at, c.id),
        default=None,
    )


@dataclass
class Pool:
    """All works of a cohort in memory, for giving out many reviews at once.

    Chooses as `choose` does (a review that was given out counts as done), in a time that does
    not grow with the number of works. `works` are (author, submitted_at, id) of each work.
    """

    works: list[tuple[Any, Any, Any]]
    load: dict = field(default_factory=dict)
    done: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)

    def __post_init__(self):
        self.rank = {}
        self.author = {}
        for rank, (author, _at, id) in enumerate(
            sorted(self.works, key=lambda work: (work[1], work[2]))
        ):
            self.rank[id] = rank
            self.author[id] = author
        self.work_of = {author: id for id, author in self.author.items()}
        self.heap = [self.entry(id) for id in self.rank]
        heapq.heapify(self.heap)

    def entry(self, id) -> tuple:
        return (self.load.get(id, 0), self.done.get(self.author[id], 0), self.rank[id], id)

    def reviewed(self, reviewer) -> set:
        """The authors whose work somebody has reviewed or declined."""
        return self.given.setdefault(reviewer, set())

    def take(self, reviewer):
        """Give `reviewer` the next work: its id, or None. The work's load grows by one."""
        aside, spare, found = [], None, None
        mine = self.reviewed(reviewer)
        while self.heap:
            entry = heapq.heappop(self.heap)
            id = entry[3]
            if entry != self.entry(id):  # out of date: its newer entry is in the heap too
                continue
            author = self.author[id]
            if spare is not None and entry[0] > spare[0]:
                aside.append(entry)
                break
            if author == reviewer or author in mine:
                aside.append(entry)
            elif reviewer in self.reviewed(author):
                aside.append(entry)
                spare = spare or entry
            else:
                found = entry
                break
        chosen = found or spare
        for entry in aside:
            if entry is not chosen:
                heapq.heappush(self.heap, entry)
        if chosen is None:
            return None
        id = chosen[3]
        mine.add(self.author[id])
        self.load[id] = self.load.get(id, 0) + 1
        self.done[reviewer] = self.done.get(reviewer, 0) + 1
        heapq.heappush(self.heap, self.entry(id))
        own = self.work_of.get(reviewer)
        if own is not None:
            heapq.heappush(self.heap, self.entry(own))
        return id


# -- in the database ----------------------------------------------------------------------------


def live(now) -> Q:
    return Q(state=LeaseState.HELD, expires_at__gt=now)


def held(now) -> Case:
    """Whether a lease is in somebody's hand, to select or to sort by."""
    return Case(When(live(now), then=Value(True)), default=Value(False))


# A work that its reviewer is not given once more: dealt with, or taken back by the instructor.
NEVER_AGAIN = Q(state__in=[LeaseState.DONE, LeaseState.DECLINED]) | Q(
    state=LeaseState.RELEASED, decided_at__isnull=False
)


def was_taken_back(lease: ReviewLease) -> bool:
    return lease.state == LeaseState.RELEASED and lease.decided_at is not None


def pool(participation):
    """The works of others in the same cohort that reviewers may be given."""
    return Submission.objects.filter(
        cohort=participation.cohort, item=participation.item, state__in=IN_POOL
    ).exclude(participation=participation)


def not_mine_yet(participation, now):
    """The works that this learner has neither reviewed nor declined nor holds."""
    mine = ReviewLease.objects.filter(
        NEVER_AGAIN | live(now),
        reviewer=participation,
        submission=OuterRef("pk"),
    )
    return pool(participation).filter(~Exists(mine))


class CountOf(Subquery):
    """How many rows a query has for the outer row."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, query):
        super().__init__(query.order_by().values("pk"))


def candidates(participation, now):
    """The works to choose from with all that decides, in the order of the choice: one query."""
    reviews = Review.objects.filter(kind=ReviewKind.PEER)
    return (
        not_mine_yet(participation, now)
        .annotate(
            load=CountOf(reviews.filter(submission=OuterRef("pk"), excluded_at__isnull=True))
            + CountOf(ReviewLease.objects.filter(live(now), submission=OuterRef("pk"))),
            reciprocal=Exists(
                reviews.filter(author=participation, reviewer=OuterRef("participation"))
            ),
            author_done=CountOf(reviews.filter(reviewer=OuterRef("participation"))),
        )
        .order_by("load", "reciprocal", "author_done", "submitted_at", "pk")
    )


def live_lease(participation, now) -> ReviewLease | None:
    """The work that this learner has in hand."""
    return (
        ReviewLease.objects.filter(
            Q(expires_at__gt=now) | Q(submission__isnull=True),
            reviewer=participation,
            state=LeaseState.HELD,
        )
        .select_related("submission")
        .first()
    )


def take(participation, rules, now, *, voluntary: bool = False) -> ReviewLease | None:
    """Give a learner a work to review: the one in hand, else a peer's, else a sample.

    None when there is nothing. A learner who has done the duty (`voluntary`) gets only work that
    is still short of reviews. The participation must be locked.
    """
    held = live_lease(participation, now)
    if held is not None:
        return held
    return (
        again(participation, rules, now)
        or of_a_peer(participation, rules, now, voluntary)
        or (None if voluntary else of_a_sample(participation, rules, now))
    )


def again(participation, rules, now) -> ReviewLease | None:
    """The work whose time ran out, if nobody else has it: its reviewer may have written half."""
    lease = (
        ReviewLease.objects.filter(
            reviewer=participation,
            state=LeaseState.HELD,
            expires_at__lte=now,
            submission__state__in=IN_POOL,
        )
        .order_by("-expires_at")
        .first()
    )
    if lease is None:
        return None
    load = candidates(participation, now).filter(pk=lease.submission_id).values_list("load")
    found = load.first()
    if found is None or found[0] >= max(1, rules.min_reviews):
        return None
    lease.leased_at, lease.expires_at = now, now + LEASE
    lease.save(update_fields=["leased_at", "expires_at"])
    return lease


def of_a_peer(participation, rules, now, voluntary: bool) -> ReviewLease | None:
    query = candidates(participation, now)
    if voluntary:
        query = query.filter(load__lt=rules.min_reviews, opened_at__isnull=True)
    for id in list(query.values_list("pk", flat=True)[:3]):
        # Locked, so that the author cannot take it back in the same moment.
        work = Submission.objects.select_for_update().filter(pk=id, state__in=IN_POOL).first()
        if work is None:
            continue
        if work.state != SubmissionState.LOCKED:
            work.state = SubmissionState.LOCKED
            work.save(update_fields=["state"])
        lease, _created = ReviewLease.objects.update_or_create(
            reviewer=participation,
            submission=work,
            state=LeaseState.HELD,
            defaults={"leased_at": now, "expires_at": now + LEASE},
            create_defaults={
                "author_id": work.participation_id,
                "number": number_for(participation, work),
                "leased_at": now,
                "expires_at": now + LEASE,
            },
        )
        return lease
    return None


def of_a_sample(participation, rules, now) -> ReviewLease | None:
    done = set(
        ReviewLease.objects.filter(reviewer=participation, submission__isnull=True).values_list(
            "seed_key", flat=True
        )
    )
    for seed in rules.seeds:
        if seed.key not in done:
            return ReviewLease.objects.create(
                reviewer=participation, seed_key=seed.key, leased_at=now, expires_at=now + LEASE
            )
    return None


def number_for(participation, work) -> int:
    """What this reviewer calls the author: the number given before, else a random one."""
    before = dict(
        ReviewLease.objects.filter(reviewer=participation, submission__isnull=False).values_list(
            "submission_id", "number"
        )
    )
    if work.pk in before:
        return before[work.pk]
    taken = set(before.values())
    free = [n for n in PEER_NUMBERS if n not in taken]
    return DRAW.choice(free) if free else max(taken) + 1


# -- many at once -------------------------------------------------------------------------------


def loaded(cohort, item, now) -> Pool:
    """The works of a cohort with their reviews and leases, in four queries."""
    works = Submission.objects.filter(cohort=cohort, item=item, state__in=IN_POOL).values_list(
        "participation_id", "submitted_at", "pk"
    )
    found = Pool(works=list(works))
    here = {"submission__cohort": cohort, "submission__item": item}
    for author, reviewer, id, excluded in Review.objects.filter(
        kind=ReviewKind.PEER, **here
    ).values_list("author_id", "reviewer_id", "submission_id", "excluded_at"):
        if reviewer is not None:
            found.reviewed(reviewer).add(author)
            found.done[reviewer] = found.done.get(reviewer, 0) + 1
        if excluded is None:
            found.load[id] = found.load.get(id, 0) + 1
    for author, reviewer, id in ReviewLease.objects.filter(live(now), **here).values_list(
        "author_id", "reviewer_id", "submission_id"
    ):
        found.reviewed(reviewer).add(author)
        found.done[reviewer] = found.done.get(reviewer, 0) + 1
        found.load[id] = found.load.get(id, 0) + 1
    for author, reviewer in ReviewLease.objects.filter(NEVER_AGAIN, **here).values_list(
        "author_id", "reviewer_id"
    ):
        found.reviewed(reviewer).add(author)
    found.__post_init__()  # order by what is known now
    return found


def allocate_many(cohort, item, per_reviewer: int, now) -> int:
    """Lease every author of a cohort up to `per_reviewer` works, in turns; how many leases.

    A handful of queries whatever the size of the cohort. Expired leases are given back first.
    """
    ReviewLease.objects.filter(
        submission__cohort=cohort,
        submission__item=item,
        state=LeaseState.HELD,
        expires_at__lte=now,
    ).update(state=LeaseState.RELEASED)
    works = loaded(cohort, item, now)
    reviewers = sorted(works.work_of, key=lambda author: works.rank[works.work_of[author]])
    taken: dict = {}
    for reviewer, number in ReviewLease.objects.filter(
        submission__cohort=cohort, submission__item=item
    ).values_list("reviewer_id", "number"):
        taken.setdefault(reviewer, set()).add(number)
    numbers: dict = {}
    rows = []
    for _turn in range(per_reviewer):
        for reviewer in reviewers:
            if works.done.get(reviewer, 0) >= per_reviewer:
                continue
            id = works.take(reviewer)
            if id is None:
                continue
            if reviewer not in numbers:
                free = [n for n in PEER_NUMBERS if n not in taken.get(reviewer, ())]
                numbers[reviewer] = DRAW.sample(free, per_reviewer)
            rows.append((id, works.author[id], reviewer, numbers[reviewer].pop()))
    insert_leases(rows, now)
    Submission.objects.filter(
        cohort=cohort, item=item, state=SubmissionState.SUBMITTED, leases__isnull=False
    ).update(state=SubmissionState.LOCKED)
    return len(rows)


def insert_leases(rows, now) -> None:
    """One statement for all rows: making thousands of model instances would cost most of it."""
    fields = {f.name: f for f in ReviewLease._meta.concrete_fields}

    def stored(name, value):
        return fields[name].get_db_prep_save(value, connection)

    constant = {
        "seed_key": "",
        "state": LeaseState.HELD.value,
        "reason": "",
        "detail": "",
        "leased_at": stored("leased_at", now),
        "expires_at": stored("expires_at", now + LEASE),
    }
    names = ["submission", "author", "reviewer", "number", *constant]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(fields[name].column) for name in names)
    table = quote(ReviewLease._meta.db_table)
    marks = ", ".join(["%s"] * len(names))
    values = [(*row, *constant.values()) for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 - names of our own columns
