"""A course's grade set by hand: with a reason, kept for ever, told to the learner."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from activities.core import holding
from activities.core.decisions import reason_of
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import refresh
from courses.releases.delivery import served_release

from . import grading
from .models import GradeOverride, scheme_of


@holding.once_more
@transaction.atomic
def override(enrolment: Enrolment, value: Decimal, reason: str, by) -> GradeOverride:
    """Set somebody's grade in the course, in the place of an earlier one. What the rules compute is
    kept beside it. Raises `Refused` without a reason, or of somebody who erased the account."""
    reason = reason_of(reason)
    holding.hold_person(enrolment.user_id)
    enrolment = grading.locked(enrolment.pk)
    grade = grading.grade_of(enrolment)
    if grade.pk is None:
        release = served_release(enrolment.run.course)
        if release is not None:
            grading.regrade(enrolment, grade, scheme_of(enrolment.run), release.outline)
        grade.save()
    standing(enrolment).update(taken_back_at=timezone.now(), taken_back_by=by)
    made = GradeOverride.objects.create(
        enrolment=enrolment, value=value, before=grade.value, reason=reason, by=by
    )
    grade.is_set, grade.value = True, value
    settle(enrolment, grade)
    return made


@holding.once_more
@transaction.atomic
def take_back(made: GradeOverride, by) -> bool:
    """Let the computed grade count again. Repeating it changes nothing; whether it did."""
    holding.hold([made.enrolment.user_id])
    enrolment = grading.locked(made.enrolment_id)
    changed = (
        standing(enrolment)
        .filter(pk=made.pk)
        .update(taken_back_at=timezone.now(), taken_back_by=by)
    )
    if changed:
        settle(enrolment, grading.grade_of(enrolment))
    return bool(changed)


def standing(enrolment: Enrolment):
    return GradeOverride.objects.filter(enrolment=enrolment, taken_back_at__isnull=True)


def settle(enrolment: Enrolment, grade) -> None:
    """Reckon, save, tell, and complete the course if nothing else is missing."""
    release = served_release(enrolment.run.course)
    if release is not None:
        grading.regrade(enrolment, grade, scheme_of(enrolment.run), release.outline)
    grade.save()
    grading.tell(enrolment, grade, release)
    # What an instructor does is no sign of life of the learner.
    refresh(enrolment, release, visit=False)
