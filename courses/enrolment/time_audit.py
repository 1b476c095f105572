"""After the fact: whether activities take learners the minutes that they declare.

What counts towards the rule is what an activity requires, at most what it declares. Once ten people
have completed it, what they took is known: when half of them took less than half of what was declared,
it counts twice their median from the next release on, and its authors are told. What is measured
never holds up a learner.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from activities.core import registry
from activities.core.models import Participation
from courses.releases import notices
from courses.releases.cut import SOURCE_LANGUAGE, caps_of
from courses.releases.delivery import offered
from courses.releases.models import CourseState, MeasuredCap

from .models import MeasuredTime

logger = logging.getLogger("sala.enrolment")

LEAST_PEOPLE = 10


@dataclass(frozen=True)
class Verdict:
    """`people` completed it and were measured; `credited` is what it may count for, in minutes."""

    people: int
    median_seconds: int
    credited: int
    flagged: bool


def judge(declared: int, seconds: Iterable[int]) -> Verdict:
    """What measured times say about declared minutes, in whole numbers: twice the median is the sum
    of the two in the middle."""
    times = sorted(seconds)
    n = len(times)
    twice = times[(n - 1) // 2] + times[n // 2] if times else 0
    flagged = n >= LEAST_PEOPLE and twice < declared * 60
    return Verdict(n, twice // 2, twice // 60 if flagged else declared, flagged)


@dataclass
class Outcome:
    """What an audit found: {item: title} that count less now, and that count in full again."""

    looked_at: int = 0
    limited: dict[str, str] = field(default_factory=dict)
    lifted: dict[str, str] = field(default_factory=dict)


def audit(*, dry_run: bool = False) -> Outcome:
    """Look at every activity on offer. Safe to repeat: a limit is judged again by those only who
    completed the activity after it was set."""
    outcome = Outcome()
    for state in offered().order_by("pk").iterator(chunk_size=20):
        audit_course(state, outcome, dry_run=dry_run)
    return outcome


def audit_course(state: CourseState, outcome: Outcome, *, dry_run: bool) -> None:
    entries = {
        entry["key"]: entry
        for entry in state.current.outline["items"]
        if entry["category"] == "active" and entry["required"]
    }
    caps = {str(item): cap for item, cap in caps_of(entries).items()}
    taken = times_taken(entries, {key: cap.since for key, cap in caps.items()})
    for key, entry in entries.items():
        outcome.looked_at += 1
        verdict = judge(entry["declared"], taken.get(key, ()))
        if verdict.people < LEAST_PEOPLE:
            continue
        title = entry["titles"].get(SOURCE_LANGUAGE) or next(iter(entry["titles"].values()))
        if verdict.flagged:
            outcome.limited[key] = title
            if not dry_run:
                limit(key, entry["declared"], verdict)
        elif key in caps:
            outcome.lifted[key] = title
            if not dry_run:
                caps[key].delete()


def times_taken(keys: Iterable[str], since: dict) -> dict[str, list[int]]:
    """{item: seconds of everybody who completed it (after its limit was set) and was measured}. Who
    learned without JavaScript was not measured and says nothing."""
    keys = list(keys)
    seconds = {
        (seat, item): value
        for seat, item, value in MeasuredTime.objects.filter(item__in=keys).values_list(
            "seat", "item", "seconds"
        )
    }
    taken: dict[str, list[int]] = {}
    done = Participation.objects.filter(item__in=keys, completed_at__isnull=False)
    for seat, item, when in done.values_list("seat", "item", "completed_at"):
        key = str(item)
        if (seat, item) in seconds and (key not in since or when > since[key]):
            taken.setdefault(key, []).append(seconds[seat, item])
    return taken


def limit(key: str, declared: int, verdict: Verdict) -> None:
    cap, _created = MeasuredCap.objects.update_or_create(
        item=key,
        defaults={
            "minutes": verdict.credited,
            "declared": declared,
            "median_minutes": verdict.median_seconds // 60,
            "people": verdict.people,
            "since": timezone.now(),
        },
    )
    logger.warning("Item %s: %s of %s minutes count", key, verdict.credited, declared)
    for model in registry.page_models():
        pages = model.objects.filter(translation_key=key).select_related("latest_revision")
        page = pages.order_by("-locale__language_code").first()
        if page is not None:
            notices.about_measured(page, cap)
            return
