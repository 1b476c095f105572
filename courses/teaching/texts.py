"""Ready texts for messages, and the places in them that are filled in for each person."""

import re

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.core.errors import Refused
from courses.enrolment.progress import next_item
from courses.releases.delivery import in_language

PLACE = re.compile(r"\{([^{}\n]{0,40})\}")
PLACES = {
    "name": gettext_lazy("the name of the person"),
    "course": gettext_lazy("the title of the course"),
    "percent": gettext_lazy("how much is done"),
    "next": gettext_lazy("what the person does next"),
    "days": gettext_lazy("days since the person was last here"),
}
TEMPLATES = {
    "nudge": (
        gettext_lazy("A friendly reminder"),
        gettext_lazy(
            "Dear {name},\n\nyou have done {percent} % of “{course}”. Next comes “{next}”. Your place is "
            "kept: you can go on where you were.\n\nIf something holds you up, answer this message."
        ),
    ),
    "welcome": (
        gettext_lazy("Welcome"),
        gettext_lazy(
            "Dear {name},\n\nwelcome to “{course}”. You begin with “{next}”. If there is a question, "
            "answer this message."
        ),
    ),
    "done": (
        gettext_lazy("Well done"),
        gettext_lazy(
            "Dear {name},\n\nyou have completed “{course}”. Thank you for your work. What did you put to "
            "use already? Answer this message if you like to tell."
        ),
    ),
}


def check(text: str) -> None:
    """Raises `Refused` for a place that Sala does not know, naming those that it does."""
    for name in PLACE.findall(text):
        if name not in PLACES:
            message = _("Sala cannot fill in {%(name)s}. It knows %(known)s.") % {
                "name": name,
                "known": ", ".join(f"{{{known}}}" for known in PLACES),
            }
            raise Refused(message, code="unknown_place", fields={"body": message})


def filled(text: str, enrolment, outline: dict) -> str:
    """The text as this person reads it: titles in the person's language."""
    language = enrolment.user.preferred_language
    upcoming = next_item(outline, enrolment.progress)
    seen = enrolment.last_seen_at or enrolment.enrolled_at
    values = {
        "name": enrolment.user.get_full_name() or enrolment.user.email,
        "course": in_language(outline["titles"], language),
        "percent": str(enrolment.percent),
        "next": in_language(upcoming["titles"], language) if upcoming else "–",
        "days": str(max(0, (timezone.now() - seen).days)),
    }
    return PLACE.sub(lambda found: values[found[1]], text)
