"""A course as its learners see it, for who teaches it: as somebody new, or as one of the participants.

Whatever a screen writes when it is shown is undone, so nobody begins, reads or attempts anything by
being looked at, and no message is sent. Nothing can be done in a participant's name: there is no
address that takes it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import guard, registry
from activities.core.contract import Download, Visit
from activities.core.errors import Refused
from activities.core.models import Draft
from activities.core.rehearsal import undone
from courses.enrolment import player
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.models import CourseState

from .models import SeenAs

# Leafing to and fro is one look.
ONE_LOOK = timedelta(minutes=10)


@dataclass
class Look:
    """Who looks at a run, at which item, and as whom: `enrolment` None is somebody new."""

    run: CourseRun
    state: CourseState
    by: object
    language: str
    enrolment: Enrolment | None = None
    step: str = ""
    index: int = field(default=0)

    @property
    def items(self) -> list[dict]:
        return self.state.served.outline["items"]

    @property
    def entry(self) -> dict:
        return self.items[self.index]

    def url(self, key: str) -> str:
        if self.enrolment is None:
            return reverse("teach_see", args=[self.run.pk, key])
        return reverse("teach_see_as", args=[self.run.pk, self.enrolment.pk, key])

    @property
    def way_out(self) -> str:
        if self.enrolment is None:
            return reverse("teach_run", args=[self.run.pk])
        return reverse("teach_person", args=[self.run.pk, self.enrolment.pk])


def noted(look: Look) -> None:
    """Put into the record who looked as whom, at what and when."""
    since = timezone.now() - ONE_LOOK
    seen = SeenAs.objects.filter(
        enrolment=look.enrolment, item=UUID(look.entry["key"]), by=look.by, at__gt=since
    )
    if not seen.exists():
        SeenAs.objects.create(enrolment=look.enrolment, item=look.entry["key"], by=look.by)


def shown(request, look: Look):
    """The screen as a response. Raises `Refused`, or `registry.UnknownKind` for a kind that fails."""
    kind = registry.get(look.entry["kind"])
    if look.enrolment is not None:
        noted(look)
    with undone():
        place = player.Place(look.state, learner_of(look), look.entry, look.index)
        participation = player.participation_at(place, place.enrolment.user, lock=True)
        if look.enrolment is not None:
            if not kind.open_to_instructor(participation, look.by):
                raise closed()
            # What was typed and not sent is nobody else's.
            Draft.objects.filter(seat=place.enrolment.seat).delete()
        if guard.implements(kind, "advance"):
            kind.advance(participation)
        visit = Visit(
            participation=participation,
            version=participation.version,
            user=place.enrolment.user,
            language=look.language,
            base_url=look.url(look.entry["key"]),
            windows=player.windows_at(place, participation),
        )
        screen = kind.screen(visit, look.step)
        if isinstance(screen, Download):
            raise Refused(
                _("Files are not opened in this view. You find them at the desk of the activity."),
                code="no_files",
                status=403,
            )
        context = {**around(look, place, visit, kind), **screen.context, "step": look.step}
        context |= {"autosave_url": "", "feedback": None}
        # Rendered before it is undone: templates may still read what was made for it.
        return guard.render(kind, request, screen.template, context, status=screen.status)


def learner_of(look: Look) -> Enrolment:
    """Whose eyes it is seen with; somebody new is made for it, inside what is undone."""
    if look.enrolment is not None:
        return look.enrolment
    user = get_user_model().objects.create(email=f"{look.run.key}@rehearsal.invalid")
    return Enrolment.objects.create(user=user, run=look.run)


def around(look: Look, place, visit, kind) -> dict:
    """The player's frame, with its addresses leading to the same view of the other items."""
    context = player.shell(place, visit, kind)
    addresses = {n: look.url(entry["key"]) for n, entry in enumerate(look.items, start=1)}
    for entry in context["outline"]:
        entry["url"] = addresses[entry["n"]]
    for name in ("previous", "next"):
        if context[name]:
            context[name] = {**context[name], "url": addresses[context[name]["n"]]}
    course = {**context["course"], "url": look.way_out}
    return context | {
        "is_preview": True,
        "view_as": banner(look),
        "ping_url": "",
        "course": course,
    }


def banner(look: Look) -> dict:
    if look.enrolment is None:
        text = _("You see this as somebody who has just enrolled. Nothing is written down.")
        out = _("Back to the run")
    else:
        user = look.enrolment.user
        text = _(
            "You see this as %(name)s sees it. You can only read; that you looked is in the record."
        ) % {"name": user.get_full_name() or user.email}
        out = _("Back to this person")
    return {"text": text, "url": look.way_out, "label": out}


def closed() -> Refused:
    return Refused(
        _(
            "What learners do here is shown to nobody under their name. You can see this activity as "
            "a new learner instead."
        ),
        code="not_open",
        status=403,
    )
