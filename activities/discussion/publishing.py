"""What keeps a discussion from being offered, in words for its author."""

from django.utils.translation import gettext as _

from activities.core.substance import length, normalise

from .content import Discussion
from .enums import Format
from .evidence import LEAST_PROMPT_CHARS


def problems(content: Discussion) -> list[str]:
    """Sentences in the current language; empty when the discussion may be offered."""
    found = []
    if reason := not_supported(content.format):
        found.append(reason)
    if not content.prompts or any(
        length(prompt.text) < LEAST_PROMPT_CHARS for prompt in content.prompts
    ):
        found.append(
            _(
                "A discussion needs at least one prompt (at least 80 characters long), so that its "
                "time can count as activity."
            )
        )
    if not content.required_replies and not content.synthesis:
        found.append(
            _("Require at least one reply or a conclusion: an answer alone is not a discussion.")
        )
    if not 300 <= content.min_chars_initial <= 3000:
        found.append(_("The least length of an answer is 300 to 3,000 characters."))
    if content.required_replies > 5:
        found.append(_("At most five replies can be required."))
    if content.required_replies > content.target_group_size - 1:
        found.append(_("More replies are required than there are others in a group."))
    if content.distinct_authors > content.required_replies:
        found.append(_("The replies cannot go to more people than there are replies."))
    if content.synthesis and not content.synthesis_prompt:
        found.append(_("Write the question for the conclusion."))
    if sum(content.points) != 100:
        found.append(
            _("The points for answer, replies and conclusion make 100 together (now %(sum)d).")
            % {"sum": sum(content.points)}
        )
    if content.graded_by_hand and not content.rubric:
        found.append(_("Write the criteria by which you will grade, or choose another way."))
    if content.graded_by_hand and not any(criterion.weight for criterion in content.rubric):
        found.append(_("At least one criterion needs a weight."))
    for what, keys in (
        (_("prompts"), [prompt.key for prompt in content.prompts]),
        (_("sample voices"), [voice.key for voice in content.seed_voices]),
        (_("criteria"), [criterion.key for criterion in content.rubric]),
    ):
        if len(set(keys)) != len(keys):
            found.append(_("Two of the %(what)s have the same key.") % {"what": what})
    return found


def not_supported(format: str) -> str | None:
    if format == Format.POST_FIRST:
        return None
    return _("The format “%(format)s” is not available yet. Choose “%(available)s”.") % {
        "format": Format(format).label if format in Format.values else format,
        "available": Format.POST_FIRST.label,
    }


def fingerprint(content: Discussion) -> str:
    """Two discussions with the same prompts are the same task."""
    return "discussion\n" + "\n".join(sorted(normalise(prompt.text) for prompt in content.prompts))
