"""The most minutes that a discussion's requirements account for."""

from collections.abc import Sequence

from activities.core.minutes import SLACK, reading, whole, writing
from activities.core.substance import length

LEAST_PROMPT_CHARS = 80


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
