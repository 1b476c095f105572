"""How far a learner is: read from the work and the reviews, noted in the participation.

Nothing here waits for a scheduler. Whoever looks brings the state up to date with the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from activities.core.enums import State
from activities.core.models import Participation, PhaseDates
from activities.core.record import note, record

from . import allocation, grades, grading, machine, notices
from .enums import LeaseState, OpenedBy, ReviewKind, Stage
from .models import Review, ReviewLease, Submission

PASSED_PRACTICE = 70
MOST_TRIES = 2
MOST_CALLED = 50
# After the date for opening results, work that nobody has reviewed goes to the instructor.
LAST_RESORT = timedelta(days=7)
# How much of the way each step is, in per cent.
WORK, PRACTICE, REVIEWS, SELF, READ = 30, 10, 30, 10, 10


@dataclass
class Standing:
    """Where a learner is. `required` reviews are what is asked for, or fewer where there are not
    so many works; `remaining` works could still be reviewed (0 when that does not matter)."""

    submission: Submission | None
    started: bool = False
    practised: bool = False
    done: int = 0
    required: int = 0
    remaining: int = 0
    self_assessed: bool = False
    self_asked: bool = False
    revise_asked: bool = False
    received: int = 0
    instructor_reviewed: bool = False

    @property
    def sent(self) -> bool:
        return self.submission is not None and self.submission.sent

    @property
    def opened(self) -> bool:
        return self.submission is not None and self.submission.opened_at is not None

    @property
    def duty_done(self) -> bool:
        return self.done >= self.required and (self.self_assessed or not self.self_asked)

    @property
    def stage(self) -> Stage:
        work = self.submission
        if not self.sent:
            return Stage.DRAFTING if self.started or work is not None else Stage.NOT_STARTED
        if not self.practised:
            return Stage.CALIBRATING
        if not self.duty_done:
            return Stage.REVIEWING
        if not self.opened:
            return Stage.WAITING
        if work.acknowledged_at is None:
            return Stage.RESULTS
        if self.revise_asked and work.planned_at is None:
            return Stage.REVISING
        return Stage.DONE

    @property
    def percent(self) -> int:
        """Steps that are not asked for count as done; 100 is kept for completion."""
        if not self.sent:
            return 5 if self.started else 0
        share = min(self.done, self.required) / self.required if self.required else 1
        percent = WORK + REVIEWS * share
        percent += PRACTICE if self.practised else 0
        percent += SELF if self.self_assessed or not self.self_asked else 0
        percent += READ if self.submission.acknowledged_at else 0
        return min(99, int(percent))


def stage_of(participation) -> Stage:
    """The stage as it was last noted."""
    return Stage(participation.data.get("stage", Stage.NOT_STARTED))


def practice_done(tries: list) -> bool:
    """Practised enough with one example: close enough, or as often as one may."""
    return len(tries) >= MOST_TRIES or any(Decimal(value) >= PASSED_PRACTICE for value in tries)


def read(participation, rules, now) -> Standing:
    """Where a learner is now: one query before the work is sent, up to five afterwards."""
    found = Standing(
        submission=None,
        required=rules.reviews_per_learner,
        self_asked=rules.self_assessment,
        revise_asked=rules.revise_enabled,
    )
    if participation.pk is None:
        return found
    found.started = stage_of(participation) != Stage.NOT_STARTED
    found.submission = work = Submission.objects.filter(participation=participation).first()
    practice = participation.data.get("practice") or {}
    found.practised = all(practice_done(practice.get(e.key, [])) for e in rules.examples)
    if not found.sent:
        return found
    for kind, own in (
        Review.objects.filter(Q(reviewer=participation) | Q(submission=work))
        .exclude(kind=ReviewKind.EXAMPLE)
        .filter(Q(excluded_at__isnull=True) | Q(reviewer=participation))
        .values_list("kind", "reviewer_id")
    ):
        if kind == ReviewKind.SELF:
            found.self_assessed = True
        elif kind == ReviewKind.INSTRUCTOR:
            found.instructor_reviewed = True
        elif own == participation.pk:
            found.done += 1
        else:
            found.received += 1
    if found.done < rules.reviews_per_learner:
        settled = participation.data.get("required")
        if found.opened and settled is not None and found.done >= settled:
            found.required = settled  # what was enough when the results opened stays enough
        else:
            found.remaining = remaining(participation, rules, now)
            found.required = min(rules.reviews_per_learner, found.done + found.remaining)
    return found


def remaining(participation, rules, now) -> int:
    """How many works this learner could still review, the one in hand included: two queries."""
    used = ReviewLease.objects.filter(
        allocation.NEVER_AGAIN, reviewer=participation, submission=OuterRef("pk")
    )
    peers = allocation.pool(participation).filter(~Exists(used)).count()
    done = ReviewLease.objects.filter(
        reviewer=participation, submission__isnull=True, state=LeaseState.DONE
    ).values_list("seed_key", flat=True)
    samples = {seed.key for seed in rules.seeds} - set(done) if rules.seeds else set()
    return peers + len(samples)


# -- when results open --------------------------------------------------------------------------


def review_until(work: Submission) -> datetime | None:
    """When reviewing ends in a run with dates: results that wait for reviews do not open before."""
    found = (
        PhaseDates.objects.filter(cohort=work.cohort, item=work.item, phase="review")
        .values_list("closes_at", "due_at")
        .first()
    )
    return (found[0] or found[1]) if found else None


def dates(work: Submission, rules) -> tuple[datetime, datetime]:
    """When results open with at least one review, and when they open with none. One query."""
    first = work.submitted_at + timedelta(days=rules.release_after_days)
    end = review_until(work)
    first = max(first, end) if end else first
    return first, first + LAST_RESORT


def expected(participation, work: Submission, rules, now) -> int:
    """How many others may still review this work: they owe reviews, were here lately, and have
    not reviewed or declined it. One query."""
    settled = ReviewLease.objects.filter(
        submission=work,
        reviewer=OuterRef("pk"),
        state__in=[LeaseState.DONE, LeaseState.DECLINED],
    )
    return (
        Participation.objects.filter(
            Q(workshop_submission__isnull=True) | Q(workshop_submission__opened_at__isnull=True),
            cohort=participation.cohort,
            item=participation.item,
            last_seen_at__gte=now - timedelta(days=rules.release_after_days),
        )
        .exclude(pk=participation.pk)
        .exclude(state__in=[State.COMPLETED, State.EXCUSED])
        .filter(~Exists(settled))
        .annotate(given=Count("workshop_reviews", filter=Q(workshop_reviews__kind=ReviewKind.PEER)))
        .filter(given__lt=rules.reviews_per_learner)
        .count()
    )


def reason_to_open(found: Standing, participation, rules, now) -> str:
    """Why the results open now, or "". While the learner still owes reviews only the date opens
    them: what others said should not colour the reviews one gives."""
    work = found.submission
    first, last = dates(work, rules)
    if found.received and now >= first:
        return OpenedBy.TIME
    if not found.practised or not found.duty_done:
        return ""
    if found.received >= rules.min_reviews or found.instructor_reviewed:
        return OpenedBy.ENOUGH
    if now >= last:
        return OpenedBy.NO_REVIEW
    # As long as one review may still come it is waited for, also where there will never be as many
    # as asked for: of two people each reviews the other.
    if not expected(participation, work, rules, now):
        return OpenedBy.NOBODY
    return ""


def open_results(work: Submission, by: str, now) -> None:
    work.opened_at, work.opened_by = now, by


# -- noting it ----------------------------------------------------------------------------------


def settle(participation, rules, now, *, open_by: str = "", visit: bool = True) -> Standing:
    """Bring the participation up to date: open results that are due, grade, note the stage.

    The participation must be locked. `open_by` opens the results for a reason from outside.
    Nothing is written when nothing has changed. `visit` is false when the learner is not here.
    """
    found = read(participation, rules, now)
    data = dict(participation.data)
    work = found.submission
    before = snapshot_of(work)
    if found.sent:
        if not found.opened:
            reason = open_by or reason_to_open(found, participation, rules, now)
            if reason:
                open_results(work, reason, now)
                notices.results_opened(work, participation)
                note(participation, "workshop_results_opened", {"by": str(reason)})
        grade(found, participation, rules, data)
    stage = stage_of(participation)
    for passed in machine.path(stage, found.stage):
        data["stage"] = str(passed)
    data |= {"done": found.done, "required": found.required}
    waits = found.stage == Stage.WAITING
    data["waiting"] = waiting_for(found, rules) if waits else None
    data["opens_at"] = (
        dates(work, rules)[0].isoformat() if found.sent and not found.opened else None
    )
    if work is not None and snapshot_of(work) != before:
        work.save()
    state = State.WAITING if waits else State.IN_PROGRESS
    if found.stage == Stage.DONE or (found.opened and work.opened_by == OpenedBy.NO_REVIEW):
        state = State.COMPLETED
    elif participation.state == State.EXCUSED:
        state = State.EXCUSED
    score = final_score(work, rules) if found.opened else None
    same = (
        data == participation.data
        and score == participation.score
        and (participation.completed or state == participation.state)
    )
    participation.data = data
    if not same:
        record(
            participation,
            state=state,
            progress=found.percent,
            score=score,
            now=now,
            visit=visit,
        )
    return found


def snapshot_of(work: Submission | None):
    if work is None:
        return None
    return [getattr(work, f.attname) for f in Submission._meta.concrete_fields]


def grade(found: Standing, participation, rules, data: dict) -> None:
    """Put the current figures on the work, and ask for the instructor where peers were too few."""
    work = found.submission
    peers, instructor = grades.received(work)
    work.received = len(peers)
    work.grade = grades.work_grade(
        peers, instructor, work.override, found.opened, rules, work.late_minutes
    )
    work.reviewer_grade = grades.reviewer_grade(
        found.done,
        found.required,
        grades.known_accuracies(participation, rules),
        grades.practice_accuracy(data),
        rules,
    )
    work.needs_instructor = (
        found.opened
        and instructor is None
        and work.override is None
        and (len(peers) < rules.min_reviews or work.grade is None)
    )


def final_score(work: Submission, rules) -> Decimal | None:
    return grading.rounded(
        grading.final(work.grade, work.reviewer_grade, rules.max_submission, rules.max_assessment)
    )


def after_sending(submission_id: int, now) -> None:
    """Call those who wait because there was nothing to review: now there is. Runs after the commit."""
    work = Submission.objects.filter(pk=submission_id).first()
    if work is None:
        return
    waiting = (
        Participation.objects.filter(
            cohort=work.cohort,
            item=work.item,
            state=State.WAITING,
            workshop_submission__opened_at=None,
        )
        .exclude(pk=work.participation_id)
        .annotate(given=Count("workshop_reviews", filter=Q(workshop_reviews__kind=ReviewKind.PEER)))
    )
    # Whoever owes reviews is waiting only for want of works: never more than the first few.
    rules = work.participation.version.rules
    short = waiting.filter(given__lt=rules.reviews_per_learner).values_list("pk", flat=True)
    for id in list(short[:MOST_CALLED]):
        bring_up_to_date(id, now)


def waiting_for(found: Standing, rules) -> dict:
    """What the dashboard says without asking the database."""
    first, last = dates(found.submission, rules)
    return {
        "received": found.received,
        "needed": rules.min_reviews,
        "until": (first if found.received else last).isoformat(),
    }


def advance(participation, now) -> None:
    """What the clock alone changes. No query for a learner whom it does not concern."""
    stage = stage_of(participation)
    due = participation.data.get("opens_at")
    if stage == Stage.WAITING or (
        # Whoever owes reviews, or has not even practised, gets the feedback all the same.
        stage in (Stage.CALIBRATING, Stage.REVIEWING) and due and now >= datetime.fromisoformat(due)
    ):
        settle(participation, participation.version.rules, now)


# -- what a review changes for others -----------------------------------------------------------


def after_review(submission_id: int, now) -> None:
    """Bring the author up to date once a review has been stored or taken out, and those whose
    accuracy it changes. Runs after the commit, each learner in a transaction of their own, so that
    two learners who review each other in the same moment never wait for one another."""
    work = Submission.objects.filter(pk=submission_id).first()
    if work is None:
        return
    others = Submission.objects.filter(
        opened_at__isnull=False,
        participation__workshop_reviews__submission=work,
        participation__workshop_reviews__kind=ReviewKind.PEER,
    ).values_list("participation", flat=True)
    for participation in [work.participation_id, *others.distinct()]:
        bring_up_to_date(participation, now)


def bring_up_to_date(participation_id: int, now, *, open_by: str = "") -> None:
    with transaction.atomic():
        participation = (
            Participation.objects.select_for_update(of=("self",))
            .select_related("version")
            .filter(pk=participation_id)
            .first()
        )
        if participation is not None:
            before, rules = stage_of(participation), participation.version.rules
            # Somebody else's review is no visit of the author.
            found = settle(participation, rules, now, open_by=open_by, visit=False)
            if before == Stage.WAITING and found.stage == Stage.REVIEWING:
                notices.review_ready(participation, found.done)
