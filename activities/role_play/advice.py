"""How a solo role-play comes to account for the minutes that its author declares."""

from dataclasses import replace

from django.utils.translation import gettext as _

from activities.core.advice import general_advice, least_length, reasonable

from . import graph
from .scenario import Scenario

MOST_PLAYS = 2  # more plays of the same scenes are not credited
LONGEST_REFLECTION = 3000


def advice(scenario: Scenario, declared: int) -> str:
    """Which setting, and at which value, makes a scenario account for `declared` minutes."""
    now = graph.evidence(scenario)
    if not now:
        return general_advice(now)
    longest = max(scenario.reflection, key=lambda question: question.min_chars)

    def with_longest(chars: int) -> int:
        longer = replace(longest, min_chars=chars)
        questions = tuple(longer if one is longest else one for one in scenario.reflection)
        return graph.evidence(replace(scenario, reflection=questions))

    near = min(LONGEST_REFLECTION, reasonable(longest.min_chars))
    chars = least_length(longest.min_chars, near, with_longest, declared)
    twice = (
        chars is None
        and scenario.attempts_required < MOST_PLAYS
        and graph.evidence(replace(scenario, attempts_required=MOST_PLAYS)) >= declared
    )
    if twice:
        return _("Require two plays, or declare %(ceiling)s minutes.") % {"ceiling": now}
    if chars is None:
        chars = least_length(longest.min_chars, LONGEST_REFLECTION, with_longest, declared)
    if chars is not None:
        return _(
            "Raise the least characters of question “%(key)s” to %(chars)s, or declare %(ceiling)s "
            "minutes."
        ) % {"key": longest.key, "chars": chars, "ceiling": now}
    return _("Add scenes with decisions, or declare %(ceiling)s minutes.") % {"ceiling": now}
