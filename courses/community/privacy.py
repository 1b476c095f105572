"""What this app knows about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords, register

from .models import CalendarAddress, LessonFeedback, PutAway, SurveyAnswer


def export(user) -> dict:
    found = {
        "lesson_feedback": [
            {
                "lesson": row.version.title("th"),
                "useful": row.useful,
                "why": row.why,
                "at": row.at.isoformat(),
            }
            for row in LessonFeedback.objects.filter(user=user)
            .select_related("version")
            .order_by("at", "pk")
        ],
        "survey_answers": [
            {
                "course": str(row.enrolment.run.course),
                **{name: getattr(row, name) for name in SurveyAnswer.SCALE},
                "best": row.best,
                "better": row.better,
                "at": row.at.isoformat(),
            }
            for row in SurveyAnswer.objects.filter(enrolment__user=user)
            .select_related("enrolment__run")
            .order_by("at", "pk")
        ],
        "announcements_put_away": [
            {"announcement": row.announcement.title_th, "at": row.at.isoformat()}
            for row in PutAway.objects.filter(user=user)
            .select_related("announcement")
            .order_by("at", "pk")
        ],
        # The secret part of the address stays out: a copy of one's data travels.
        "calendar": [
            {"address_made_at": row.made_at.isoformat()}
            for row in CalendarAddress.objects.filter(user=user)
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    """Everything here is the person's alone and goes with them."""
    SurveyAnswer.objects.filter(enrolment__user=user).delete()
    for model in (LessonFeedback, PutAway, CalendarAddress):
        model.objects.filter(user=user).delete()


def register_records() -> None:
    register(
        PersonalRecords(
            name="community",
            label=_("Opinions, announcements put away, calendar"),
            export=export,
            erase=erase,
        )
    )
