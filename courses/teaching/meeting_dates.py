"""Meetings where people look for dates: on the dashboard, in their calendar, in a copy of the run."""

from datetime import datetime

from django.db.models import Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.enrolment.deadlines import Deadline
from courses.enrolment.models import Enrolment
from courses.enrolment.runs import run_copied
from courses.releases.delivery import in_language

from .attendance import reached
from .models import AttendanceRule, Meeting


def dates(pairs: list, language: str, now: datetime, since, until) -> list[Deadline]:
    """The meetings of the runs in these (enrolment, state) pairs. One query."""
    states = {enrolment.run_id: state for enrolment, state in pairs}
    # A meeting that is going on is still of use; a calendar also keeps those that are over.
    wanted = Q(ends_at__gt=now) if since is None else Q(starts_at__gte=since)
    if until is not None:
        wanted &= Q(starts_at__lte=until)
    found = []
    for meeting in Meeting.objects.filter(wanted, run__in=list(states)):
        state = states[meeting.run_id]
        outline = state.served.outline
        found.append(
            Deadline(
                key=f"meeting-{meeting.pk}",
                when=meeting.starts_at,
                ends=meeting.ends_at,
                title=_("Meeting: %(title)s") % {"title": meeting.in_language(language)},
                what="",
                place=", ".join(filter(None, (meeting.place, meeting.link))),
                course_title=in_language(outline["titles"], language),
                course_code=outline["code"],
                url=reverse("my_meetings", args=[state.slug]),
            )
        )
    return found


def why_not(enrolment: Enrolment, language: str) -> list[dict]:
    """What is missing at the meetings until the course is complete."""
    found = reached(enrolment)
    if found is None or found[0] >= found[1]:
        return []
    text = _("You have attended %(percent)d %% of the time; at least %(least)d %% is needed.")
    return [
        {
            "title": _("Meetings"),
            "text": text % {"percent": found[0], "least": found[1]},
            "url": "",
            "icon": "calendar",
        }
    ]


@receiver(run_copied)
def copy_meetings(sender, run, made, days, **kwargs) -> None:
    """The meetings come along, moved by the same whole days; who attended does not."""

    def moved(at):
        return timezone.localtime(at) + days

    Meeting.objects.bulk_create(
        Meeting(
            run=made,
            title=row.title,
            title_en=row.title_en,
            starts_at=moved(row.starts_at),
            ends_at=moved(row.ends_at),
            place=row.place,
            link=row.link,
        )
        for row in Meeting.objects.filter(run=run)
    )
    AttendanceRule.objects.bulk_create(
        AttendanceRule(run=made, least_percent=row.least_percent)
        for row in AttendanceRule.objects.filter(run=run)
    )
