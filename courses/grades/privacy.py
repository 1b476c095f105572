"""What grades know about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords, register

from .models import Grade, GradeOverride
from .reckon import shown

ERASED = "–"


def export(user) -> list[dict]:
    """Every grade with its history."""
    rows = []
    grades = Grade.objects.filter(enrolment__user=user).select_related("enrolment__run")
    overrides: dict[int, list] = {}
    for made in GradeOverride.objects.filter(enrolment__user=user):
        overrides.setdefault(made.enrolment_id, []).append(made)
    for grade in grades:
        rows.append(
            {
                "run": str(grade.enrolment.run.key),
                "grade": shown(grade.value),
                "computed": shown(grade.computed),
                "scores": {key: entry["s"] for key, entry in grade.scores.items()},
                "set_by_hand": [
                    {
                        "grade": shown(made.value),
                        "reason": made.reason,
                        "at": made.created_at.isoformat(),
                        "taken_back_at": made.taken_back_at and made.taken_back_at.isoformat(),
                    }
                    for made in overrides.get(grade.enrolment_id, [])
                ],
            }
        )
    return rows


def erase(user) -> None:
    """The grade is the agency's training record and stays with the nameless account; the sentences
    about the person go."""
    GradeOverride.objects.filter(enrolment__user=user).update(reason=ERASED)


RECORDS = PersonalRecords("grades", _("Grades"), export, erase)
register(RECORDS)
