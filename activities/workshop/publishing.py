"""What keeps a workshop from being offered, in words for its author."""

from django.utils.translation import gettext as _

from activities.core.substance import length, normalise

from .content import Workshop
from .enums import Mode, Strategy


def problems(content: Workshop) -> list[str]:
    """Sentences in the current language; empty when the workshop may be offered."""
    found = []
    if reason := not_supported(content.mode, content.team_size):
        found.append(reason)
    if not any(field.required for field in content.fields):
        found.append(_("Add at least one required field: a workshop ends with something made."))
    assessed = content.reviews_per_learner or content.examples or content.self_assessment
    if content.reviews_per_learner and not content.criteria:
        found.append(_("Add at least one criterion before peers can review."))
    elif assessed and not content.criteria:
        found.append(_("Add at least one criterion: without it there is nothing to assess by."))
    if content.criteria and not any(criterion.weight for criterion in content.criteria):
        found.append(_("The weights of the criteria must add up to more than 0."))
    for criterion in content.criteria:
        points = [level.points for level in criterion.levels]
        if content.strategy == Strategy.ACCUMULATIVE and not points:
            if criterion.maximum < 1:
                found.append(
                    _("Give “%(criterion)s” levels, or the most points there are.")
                    % {"criterion": criterion.name}
                )
        elif len(points) < 2 or len(set(points)) != len(points):
            found.append(
                _("“%(criterion)s” needs at least two levels with different points.")
                % {"criterion": criterion.name}
            )
    if not content.max_submission + content.max_assessment:
        found.append(_("The points for the work and for reviewing cannot both be 0."))
    for what, keys in (
        (_("fields"), [field.key for field in content.fields]),
        (_("criteria"), [criterion.key for criterion in content.criteria]),
        (_("examples"), [example.key for example in content.examples]),
        (_("sample works"), [seed.key for seed in content.seeds]),
    ):
        if len(set(keys)) != len(keys):
            found.append(_("Two of the %(what)s have the same key.") % {"what": what})
    for name, work in [
        *((example.key, example) for example in content.examples),
        *((seed.author, seed) for seed in content.seeds),
    ]:
        found += incomplete(content, name, work)
    return found


def incomplete(content: Workshop, name: str, work) -> list[str]:
    """What an example or a sample lacks that is asked of learners' own work."""
    found = []
    for field in content.text_fields:
        if field.required and length(work.values.get(field.key, "")) < field.min_chars:
            found.append(
                _("“%(sample)s” is shorter in “%(field)s” than what learners are asked for.")
                % {"sample": name, "field": field.label}
            )
    for criterion in content.criteria:
        points = work.reference.get(criterion.key)
        if points is None or not criterion.allows(points):
            found.append(
                _("“%(sample)s” needs one of the levels of “%(criterion)s” as a reference.")
                % {"sample": name, "criterion": criterion.name}
            )
    return found


def not_supported(mode: str, team_size: int) -> str | None:
    if mode != Mode.ASYNC_PEER:
        return _("Workshops with live sessions are not available yet. Choose “%(available)s”.") % {
            "available": Mode.ASYNC_PEER.label
        }
    if team_size > 1:
        return _("Workshops in teams are not available yet. Set the people in a team to 1.")
    return None


def fingerprint(content: Workshop) -> str:
    """Two workshops that ask for the same things are the same task."""
    asked = sorted(normalise(field.label) for field in content.fields)
    return "workshop\n" + "\n".join([normalise(content.instructions), *asked])
