"""Progress in minutes, from what learners did in the items of the release that they are served."""

from dataclasses import dataclass
from typing import Protocol

from django.dispatch import Signal
from django.utils import timezone

from activities.core.models import Participation
from courses.releases.delivery import in_language, served_release

from .models import Enrolment

# enrolment: Enrolment. Inside the transaction that completed it.
course_completed = Signal()


class Rule(Protocol):
    """What else completing a course asks for. `courses.grades` stands above this app and says it.

    Everything is called with the enrolment locked; `release` may be None.
    """

    def note(self, enrolment: Enrolment, participation: Participation, release) -> None:
        """Something changed in an item; before the completion is looked at."""

    def rebuild(self, enrolment: Enrolment, release) -> None:
        """Make what is kept of the participations anew."""

    def holds(self, enrolment: Enrolment, release) -> bool:
        """Whether the course may be completed, all required items being done."""


_rules: list[Rule] = []


def register_rule(rule: Rule) -> None:
    _rules.append(rule)


_reasons: list = []


def register_reason(function) -> None:
    """Apps above say what else keeps a course from being complete: `function(enrolment, language)`
    gives rows of {title, text, url, icon} as the learner reads them, at most three queries."""
    _reasons.append(function)


def other_reasons(enrolment: Enrolment, language: str) -> list[dict]:
    return [row for function in _reasons for row in function(enrolment, language)]


def item_minutes(item: dict) -> int:
    """The minutes an outline's item counts with."""
    return item["lecture"] + item["active"] + item["neutral"]


@dataclass(frozen=True)
class Done:
    """Minutes done of minutes in all, by how they count."""

    lecture: int
    active: int
    neutral: int
    lecture_done: int
    active_done: int
    neutral_done: int

    @property
    def total(self) -> int:
        return self.lecture + self.active + self.neutral

    @property
    def done(self) -> int:
        return self.lecture_done + self.active_done + self.neutral_done

    @property
    def left(self) -> int:
        return self.total - self.done


def minutes_done(outline: dict, progress: dict) -> Done:
    """Minutes done in each category; a part-done item counts by its per cent, rounded down."""
    sums = dict.fromkeys(("lecture", "active", "neutral"), 0)
    hundredths = dict.fromkeys(("lecture", "active", "neutral"), 0)
    for item in outline["items"]:
        percent = progress.get(item["key"], 0)
        for category in sums:
            sums[category] += item[category]
            hundredths[category] += item[category] * percent
    return Done(**sums, **{f"{name}_done": value // 100 for name, value in hundredths.items()})


def percent_done(outline: dict, progress: dict) -> int:
    """Per cent of the minutes done, rounded down; 100 only when every required item is complete."""
    if all_required_done(outline, progress):
        return 100
    done = minutes_done(outline, progress)
    return min(99, done.done * 100 // done.total) if done.total else 0


def all_required_done(outline: dict, progress: dict) -> bool:
    return all(progress.get(item["key"], 0) >= 100 for item in outline["items"] if item["required"])


def segments(outline: dict) -> list[dict]:
    """The minute strip of a course as a certificate keeps it: one entry per item that has minutes."""
    return [
        {
            "category": item["category"],
            "minutes": minutes,
            "done": None,
            "title": in_language(item["titles"]),
        }
        for item in outline["items"]
        if (minutes := item_minutes(item))
    ]


def strip(outline: dict, progress: dict | None = None) -> tuple[tuple, ...]:
    """The minute strip of a course for a page: (category, minutes, per cent done or None) of each item
    that has minutes."""
    return tuple(
        (
            item["category"],
            minutes,
            None if progress is None else progress.get(item["key"], 0),
        )
        for item in outline["items"]
        if (minutes := item_minutes(item))
    )


def totals(outline: dict, progress: dict | None = None) -> dict:
    """The legend of a strip: minutes and whole per cents, with what is done when `progress` is given."""
    done = minutes_done(outline, progress or {})
    total = done.total or 1
    result = {"total": done.total}
    for category in ("lecture", "active", "neutral"):
        minutes = getattr(done, category)
        result[category] = minutes
        result[f"{category}_percent"] = (200 * minutes + total) // (2 * total)
        if progress is not None:
            result[f"{category}_done"] = getattr(done, f"{category}_done")
    return result


def next_item(outline: dict, progress: dict) -> dict | None:
    """The first item that is not done: required ones in order, then the others."""
    open_items = [item for item in outline["items"] if progress.get(item["key"], 0) < 100]
    return next((item for item in open_items if item["required"]), None) or next(
        iter(open_items), None
    )


def note_progress(participation: Participation, *, visit: bool = True) -> None:
    """Copy an item's progress to the enrolment, and complete the course when all is done. `visit`: by
    what the learner did, and not somebody else."""
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(seat=participation.seat)
        .first()
    )
    if enrolment is None:  # a participation without a course around it
        return
    percent = 100 if participation.settled else participation.progress
    enrolment.progress[str(participation.item)] = percent
    release = served_release(enrolment.run.course)
    for rule in _rules:
        rule.note(enrolment, participation, release)
    refresh(enrolment, release, visit=visit)


def refresh(enrolment: Enrolment, release=None, *, visit: bool = True) -> None:
    """Recompute the per cent and completion of a (locked) enrolment and save it. `visit`: as a sign of
    life of the learner."""
    release = release or served_release(enrolment.run.course)
    if visit:
        enrolment.last_seen_at = timezone.now()
    completed_now = settle(enrolment, release)
    enrolment.save(update_fields=["progress", "percent", "state", "completed_at", "last_seen_at"])
    if completed_now:
        course_completed.send(sender=Enrolment, enrolment=enrolment)


def reconsider(enrolment: Enrolment) -> bool:
    """Look at the completion of a (locked) enrolment again, after something else than an item has
    changed. Whether it was completed now. When the learner was last seen stays as it is."""
    completed_now = settle(enrolment, served_release(enrolment.run.course))
    if completed_now:
        enrolment.save(update_fields=["percent", "state", "completed_at"])
        course_completed.send(sender=Enrolment, enrolment=enrolment)
    return completed_now


def settle(enrolment: Enrolment, release) -> bool:
    """Set (not save) the per cent and completion; whether it was completed now. What was completed
    stays so."""
    if release is None or enrolment.completed_at is not None:
        return False
    percent = percent_done(release.outline, enrolment.progress)
    completed = percent == 100 and all(rule.holds(enrolment, release) for rule in _rules)
    enrolment.percent = 100 if completed else min(percent, 99)
    if completed:
        enrolment.completed_at = timezone.now()
        enrolment.state = Enrolment.State.COMPLETED
    return completed


def rebuild(enrolment: Enrolment) -> None:
    """Make the copy anew from the participations. The enrolment must be locked."""
    enrolment.progress = {
        str(participation.item): 100 if participation.settled else participation.progress
        for participation in Participation.objects.filter(seat=enrolment.seat).only(
            "item", "progress", "completed_at", "state"
        )
    }
    release = served_release(enrolment.run.course)
    for rule in _rules:
        rule.rebuild(enrolment, release)
    refresh(enrolment, release)
