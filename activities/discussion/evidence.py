"""The most minutes that a discussion's requirements account for."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from activities.core.advice import general_advice, least_count, least_length, reasonable
from activities.core.minutes import SLACK, reading, whole, writing
from activities.core.substance import length

from .content import Discussion

LEAST_PROMPT_CHARS = 80
LONGEST_ANSWER = 3000
MOST_REPLIES = 5


def ceiling(
    prompts: Sequence[str],
    *,
    min_chars_initial: int,
    peers_to_read: int,
    required_replies: int,
    min_chars_reply: int,
    min_chars_synthesis: int,
) -> int:
    """Whole minutes, rounded down; 0 when nothing verifiable is asked.

    `min_chars_synthesis` is 0 when no conclusion is asked for. The characters of a prompt are
    counted as those of a post are (letters, marks, digits), so dots and spaces earn nothing.
    """
    lengths = [length(prompt) for prompt in prompts]
    if not lengths or min(lengths) < LEAST_PROMPT_CHARS:
        return 0
    if not required_replies and not min_chars_synthesis:
        return 0
    minutes = sum(reading(chars) + writing(min_chars_initial) for chars in lengths)
    minutes += reading(peers_to_read * min_chars_initial)
    minutes += writing(required_replies * min_chars_reply)
    minutes += writing(min_chars_synthesis)
    return whole(SLACK * minutes)


def ceiling_of(content: Discussion) -> int:
    return ceiling(
        [prompt.text for prompt in content.prompts],
        min_chars_initial=content.min_chars_initial,
        peers_to_read=content.peers_to_read,
        required_replies=content.required_replies,
        min_chars_reply=content.min_chars_reply,
        min_chars_synthesis=content.min_chars_synthesis,
    )


def advice(content: Discussion, declared: int) -> str:
    """Which setting, and at which value, makes a discussion account for `declared` minutes."""
    now = ceiling_of(content)

    def with_answers(chars: int) -> int:
        return ceiling_of(replace(content, min_chars_initial=chars))

    def with_replies(count: int) -> int:
        return ceiling_of(replace(content, required_replies=count))

    if not now:
        return general_advice(now)
    least = content.min_chars_initial
    most_replies = min(MOST_REPLIES, content.target_group_size - 1)
    near = min(LONGEST_ANSWER, reasonable(least))
    chars = least_length(least, near, with_answers, declared)
    replies = None
    if chars is None:
        replies = least_count(content.required_replies, most_replies, with_replies, declared)
    if chars is None and replies is None:
        chars = least_length(least, LONGEST_ANSWER, with_answers, declared)
    if chars is not None:
        return _(
            "Raise the least characters of an answer to %(chars)s, or declare %(ceiling)s minutes."
        ) % {"chars": chars, "ceiling": now}
    if replies is not None:
        return _("Require %(replies)s replies, or declare %(ceiling)s minutes.") % {
            "replies": replies,
            "ceiling": now,
        }
    return general_advice(now)
