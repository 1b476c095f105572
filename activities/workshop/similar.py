"""Works that have much in common, found after they were sent. Nobody is accused: an instructor looks.

Each work keeps a sketch: those of its shingles whose hash falls into one of eight parts, always the
same ones, so that sketches can be compared with one another (the FracMinHash of Irber et al. 2022).
Pairs that seem close by their sketches are then compared letter by letter.
"""

import zlib

from django.utils import timezone

from activities.core import substance
from activities.core.models import Attachment

from .enums import IN_POOL
from .models import SimilarWorks, Submission

ONE_IN = 8
ALIKE = 80
# A sketch is a sample: what seems a little less than alike is looked at exactly too.
SEEMS_ALIKE = 60
LEAST_SHINGLES = 60
LEAST_SKETCH = 4
MOST_PAIRS = 20


def shingles_of(values: dict, rules) -> set[str]:
    """What a work is compared by: its own words, not those of the task."""
    text = substance.normalise("\n".join(str(value) for value in values.values()))
    return substance.shingles(text) - rules.own_shingles


def sketch(values: dict, rules) -> list[int]:
    """A sample of the work's shingles as numbers, always the same ones for the same text."""
    numbers = {zlib.crc32(one.encode()) for one in shingles_of(values, rules)}
    return sorted(number for number in numbers if number % ONE_IN == 0)


def part(own, others) -> int:
    """How much of one stands in the other, in whole per cent rounded down."""
    return 100 * len(own & others) // len(own) if own else 0


def look(submission_id: int) -> int:
    """Compare a work that was sent with the others of its run; how many are alike. Repeatable."""
    work = (
        Submission.objects.select_related("participation__version")
        .filter(pk=submission_id, state__in=IN_POOL)
        .first()
    )
    if work is None:
        return 0
    found = {id: (share, False) for id, share in alike_by_text(work).items()}
    for id in alike_by_file(work):
        found[id] = (found.get(id, (100, True))[0], True)
    for id, (share, same_file) in sorted(found.items(), key=lambda pair: -pair[1][0])[:MOST_PAIRS]:
        SimilarWorks.objects.update_or_create(
            submission=work,
            other_id=id,
            defaults={"share": share, "same_file": same_file},
            create_defaults={"share": share, "same_file": same_file, "found_at": timezone.now()},
        )
    return len(found)


def others(work: Submission):
    return Submission.objects.filter(cohort=work.cohort, item=work.item, state__in=IN_POOL).exclude(
        pk=work.pk
    )


def alike_by_text(work: Submission) -> dict[int, int]:
    """{work: per cent of this one that stands in it}, of those that are alike."""
    own = set(work.sketch)
    if len(own) < LEAST_SKETCH:
        return {}
    near = [
        id
        for id, numbers in others(work).values_list("pk", "sketch").iterator(chunk_size=500)
        if part(own, set(numbers)) >= SEEMS_ALIKE
    ]
    rules = work.participation.version.rules
    mine = shingles_of(work.values, rules)
    if not near or len(mine) < LEAST_SHINGLES:
        return {}
    found = {}
    for id, values in Submission.objects.filter(pk__in=near).values_list("pk", "values"):
        share = part(mine, shingles_of(values, rules))
        if share >= ALIKE:
            found[id] = share
    return found


def alike_by_file(work: Submission) -> list[int]:
    """The works that have the very same file."""
    mine = [id for listed in work.files.values() for id in listed]
    if not mine:
        return []
    stored = Attachment.objects.filter(pk__in=mine).values("stored")
    owners = (
        Attachment.objects.filter(
            stored__in=stored,
            owner__cohort=work.cohort,
            owner__item=work.item,
            purpose__startswith="worksheet-",
            detached_at=None,
        )
        .exclude(owner=work.participation_id)
        .values("owner")
    )
    return list(others(work).filter(participation__in=owners).values_list("pk", flat=True))


def waiting(cohort, item):
    """The pairs that nobody has looked at yet."""
    return SimilarWorks.objects.filter(
        submission__cohort=cohort,
        submission__item=item,
        submission__state__in=IN_POOL,
        decided_at=None,
    )
