"""Changing what counts: who is affected, whom it must not reach, and the recalculation after it."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.decisions import reason_of
from activities.core.errors import Refused
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.progress import all_required_done

from . import grading
from .completion import marks_missing
from .models import GradeRules, Recalculation, rules_of
from .reckon import passed
from .scheme import DEFAULT, Scheme, eases, to_json
from .tasks import recalculate_grades

MOST_PEOPLE = 2_000


def latest(course: UUID, run: CourseRun | None) -> GradeRules | None:
    return GradeRules.objects.filter(course=course, run=run).order_by("-number").first()


def begun_runs(course: UUID):
    """The runs of a course in which somebody has done something."""
    begun = Enrolment.objects.filter(run=OuterRef("pk")).exclude(progress={})
    return CourseRun.objects.filter(Exists(begun), course=course).order_by("pk")


def stale() -> Refused:
    return Refused(
        _("Somebody else has changed these rules meanwhile. Look at them and save yours again."),
        code="stale",
        status=409,
    )


def add(course: UUID, run: CourseRun | None, scheme: Scheme, based_on: int, **values) -> GradeRules:
    """The next state of the rules, if `based_on` is the number of the one before. Raises `Refused`."""
    last = latest(course, run)
    if (last.number if last else 0) != based_on:
        raise stale()
    try:
        with transaction.atomic():
            return GradeRules.objects.create(
                course=course, run=run, number=based_on + 1, rules=to_json(scheme), **values
            )
    except IntegrityError as error:  # two saved at the same moment
        raise stale() from error


@transaction.atomic
def change_course(course: UUID, scheme: Scheme, *, by, based_on: int, reason: str = "") -> dict:
    """New rules for a course. Runs in which people have begun go on under theirs, unless the change
    can make nobody worse off. Returns {rules, follow, keep}: the runs that follow and those that do
    not. Raises `Refused`."""
    old = latest(course, None)
    made = add(course, None, scheme, based_on, by=by, reason=reason.strip())
    before = old.scheme if old else DEFAULT
    begun = list(begun_runs(course).select_for_update(of=("self",)))
    follow, keep = [], []
    for run in CourseRun.objects.filter(course=course).order_by("pk"):
        own = latest(course, run)
        if run not in begun and own is None:
            follow.append(run)
        elif own is None and eases(before, scheme):
            follow.append(run)
        elif own is None:
            add(course, run, before, 0, kept=True)
            keep.append(run)
        elif own.kept and eases(own.scheme, scheme):
            add(course, run, scheme, own.number, kept=True, by=by)
            follow.append(run)
        else:
            keep.append(run)
    jobs = [start(run, by=by, reason=reason) for run in follow if run in begun]
    return {"rules": made, "follow": follow, "keep": keep, "jobs": jobs}


@transaction.atomic
def change_run(run: CourseRun, scheme: Scheme, *, by, based_on: int, reason: str) -> Recalculation:
    """Rules of a run's own, from now on apart from the course's. Raises `Refused`."""
    reason = reason_of(reason)
    add(run.course, run, scheme, based_on, by=by, reason=reason)
    return start(run, by=by, reason=reason)


def start(run: CourseRun, *, by, reason: str) -> Recalculation:
    """Reckon a run anew in the background."""
    job = Recalculation.objects.create(
        run=run, by=by, reason=reason.strip(), total=Enrolment.objects.filter(run=run).count()
    )
    transaction.on_commit(lambda: recalculate_grades.delay(job.pk))
    return job


# -- before the fact ----------------------------------------------------------------------------


@dataclass
class Effect:
    """What new rules would do to a run: how many people, before and after."""

    people: int = 0
    changed: int = 0
    passed_before: int = 0
    passed_after: int = 0
    completed_before: int = 0
    completed_after: int = 0
    kept: int = 0
    partial: bool = False
    examples: list[dict] = field(default_factory=list)


def effect(run: CourseRun, outline: dict, scheme: Scheme) -> Effect:
    """Reckoned in memory for the first two thousand people; nothing is saved."""
    now_rules = rules_of(run)
    before = now_rules.scheme if now_rules else DEFAULT
    people = list(
        Enrolment.objects.filter(run=run)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("user")
        .order_by("pk")[: MOST_PEOPLE + 1]
    )
    found = Effect(people=min(len(people), MOST_PEOPLE), partial=len(people) > MOST_PEOPLE)
    people = people[:MOST_PEOPLE]
    grades = grading.grades_of(people)
    now, seats = timezone.now(), [e.seat for e in people]
    closed = {
        rules: grading.Closed(rules_scheme, run, seats, now)
        for rules, rules_scheme in (("before", before), ("after", scheme))
    }
    for enrolment in people:
        grade = grades[enrolment.pk]
        values = {
            name: grade.value
            if grade.is_set
            else grading.reckon_for(rules, outline, grade, closed[name].of(enrolment.seat)).value
            for name, rules in (("before", before), ("after", scheme))
        }
        found.passed_before += bool(passed(before, values["before"]))
        found.passed_after += bool(passed(scheme, values["after"]))
        reached = not marks_missing(scheme, outline, grade, values["after"])
        complete = enrolment.completed_at is not None
        found.completed_before += complete
        found.completed_after += complete or (
            reached and all_required_done(outline, enrolment.progress)
        )
        found.kept += complete and not reached
        if values["before"] != values["after"]:
            found.changed += 1
            if len(found.examples) < 10:
                name = enrolment.user.get_full_name() or enrolment.user.email
                found.examples.append({"name": name, **values})
    return found
