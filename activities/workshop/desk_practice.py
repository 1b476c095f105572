"""How learners did at practising: whether the example teaches what it should."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.utils.translation import gettext as _

from activities.core.contract import Screen

from . import desk as desks
from . import grades, grading, standing
from .enums import ReviewKind
from .models import Review

STEP = "practice"
PARTS = ((0, 50), (50, 70), (70, 85), (85, 101))
# The newest tries tell how clear the levels are; reading all of a large run would cost too much.
MOST_READ = 400
MOST_NAMED = 50


def screen(desk) -> Screen:
    """For each example: how close people came, and by which criteria they differ. Four queries."""
    rules = desk.rules
    tries = list(
        Review.objects.filter(
            kind=ReviewKind.EXAMPLE,
            reviewer__cohort=desk.cohort,
            reviewer__item=desk.version.item,
        )
        .order_by("-pk")
        .values_list("seed_key", "reviewer_id", "accuracy", "scores")[:MOST_READ]
    )[::-1]
    last: dict[str, dict] = defaultdict(dict)
    times: dict[str, Counter] = defaultdict(Counter)
    for key, reviewer, accuracy, scores in tries:
        times[key][reviewer] += 1
        last[key][reviewer] = (accuracy, scores)
    people = desks.people(desk).filter(pk__in={reviewer for _k, reviewer, _a, _s in tries})
    failed = [
        id
        for id, data in people.order_by("pk").values_list("pk", "data")
        if done_with_all(data, rules) and grades.voice(data) == 0
    ]
    named = desks.people(desk).filter(pk__in=failed[:MOST_NAMED]).select_related("user")
    context = {
        **desks.base(desk, STEP),
        "examples": [
            example_row(desk, example, times[example.key], last[example.key])
            for example in rules.examples
        ],
        "failed": [
            {"name": desks.name_of(one.user), "url": desk.url(f"work-{one.pk}")}
            for one in named.order_by("pk")
        ],
        "failed_more": max(0, len(failed) - MOST_NAMED),
        "least": grades.LEAST_ACCURACY_FOR_A_VOICE,
        "passed": standing.PASSED_PRACTICE,
    }
    return Screen(f"{desks.TEMPLATES}desk_practice.html", context)


def done_with_all(data: dict, rules) -> bool:
    practice = data.get("practice") or {}
    return all(standing.practice_done(practice.get(one.key, [])) for one in rules.examples)


def example_row(desk, example, times: Counter, last: dict) -> dict:
    known = [accuracy for accuracy, _scores in last.values() if accuracy is not None]
    total = len(last)
    parts = []
    for low, high in PARTS:
        n = sum(1 for accuracy in known if low <= accuracy < high)
        parts.append(
            {
                "label": _("%(low)d to %(high)d") % {"low": low, "high": min(100, high - 1)},
                "count": n,
                "percent": 100 * n // len(known) if known else 0,
            }
        )
    return {
        "key": example.key,
        "people": total,
        "second": sum(1 for count in times.values() if count > 1),
        "mean": mean(known),
        "parts": parts,
        "criteria": [
            criterion_row(desk, criterion, example, last) for criterion in desk.rules.criteria
        ],
    }


def mean(values: list[Decimal]) -> Decimal | None:
    return grading.rounded(grading.mean_accuracy(values))


def criterion_row(desk, criterion, example, last: dict) -> dict:
    """How many chose which level, the author's own among them."""
    reference = example.reference.get(criterion.key)
    chosen = Counter(
        scores[criterion.key]["points"] for _a, scores in last.values() if criterion.key in scores
    )
    total = sum(chosen.values())
    told = desk.content.criterion(criterion.key) or criterion
    points = sorted({*chosen, *(level.points for level in criterion.levels)} | {reference} - {None})
    return {
        "name": told.name,
        "same": 100 * chosen.get(reference, 0) // total if total else 0,
        "levels": [
            {
                "points": n,
                "count": chosen.get(n, 0),
                "percent": 100 * chosen.get(n, 0) // total if total else 0,
                "reference": n == reference,
            }
            for n in points
        ],
    }
