"""Read what people did in a course and have them do it, day by day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from activities.core import notices
from activities.core.errors import Refused
from activities.core.models import PhaseDates
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.models import CourseState

from .acts import ACTS, Life, Untold
from .clock import Clock
from .quiet import Commits, quietly

DATA = Path(__file__).parents[1] / "data"
# How long an act takes, in minutes. Nobody does anything in no time.
MINUTES = {
    "enrol": 1,
    "read": 21,
    "useful": 2,
    "answer": 26,
    "reply": 9,
    "browse": 6,
    "conclude": 8,
    "report": 2,
    "play": 7,
    "reflect": 13,
    "sketch": 24,
    "hand_in": 48,
    "practise": 6,
    "review": 14,
    "assess": 4,
    "react": 3,
    "finish": 9,
    "quiz": 12,
    "opinion": 4,
    "write": 4,
    "write_to": 5,
    "speak": 6,
    "assess_work": 12,
}
# Done once for each of what is listed.
ONE_BY_ONE = ("read", "admit")


def of(code: str) -> dict | None:
    """The story of a course, by its code; None when none is told."""
    file = DATA / f"lives-{code.lower()}.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None


@transaction.atomic
def live(story: dict, state: CourseState, run: CourseRun, people: dict, before: dict) -> int:
    """Have people live a story; returns how many learn in the course.

    `people` are the accounts by name, `before` is `clock.newest()` of before the course was there.
    All of it happens or nothing; where people have been, it is not lived again. Raises `Untold`
    when the story and the course do not fit.
    """
    own = story.get("run")
    known = (
        CourseRun.objects.filter(course=state.course, name=own["name"]).exists() if own else False
    )
    names = {day["who"] for day in story["days"] if any("enrol" in act for act in day["acts"])}
    users = [people[name] for name in names]
    if known or Enrolment.objects.filter(run=run, user__in=users).exists():
        return 0
    today = timezone.localtime()
    clock = Clock(moment(today, story["days"][0]), before)
    with quietly(users), override("th"):
        commits = Commits()
        if own:
            run = make_run(own, state, people["instructor"], today, clock)
        lives = {
            name: Life(user, run, state.slug, people, story.get("reviews", {}))
            for name, user in people.items()
        }
        for day in story["days"]:
            clock.until(moment(today, day))
            notices.mark_read(people[day["who"]])
            for name, said in acts_of(day):
                clock.wait(timedelta(minutes=MINUTES.get(name, 1)))
                act(lives[day["who"]], name, said, day)
                commits.follow()
        clock.finish()
    return Enrolment.objects.filter(run=run).count()


def moment(today: datetime, day: dict) -> datetime:
    """`ago` days before today (after it when negative) at `at`, in the site's time zone."""
    hour, minute = (int(part) for part in day["at"].split("."))
    at = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at - timedelta(days=day["ago"])


def acts_of(day: dict) -> Iterator[tuple]:
    for entry in day["acts"]:
        ((name, said),) = entry.items()
        if name in ONE_BY_ONE:
            yield from ((name, [one]) for one in said)
        elif name == "review":
            yield from ((name, 1) for _n in range(said))
        else:
            yield name, said


def act(life: Life, name: str, said, day: dict) -> None:
    where = f"{day['who']}, {day['ago']} days ago, {name}"
    if name not in ACTS:
        raise Untold(f"{where}: nobody can do this")
    try:
        ACTS[name](life, said)
    except Refused as error:
        raise Untold(f"{where}: {error.message} {error.fields or ''}") from error


def make_run(own: dict, state: CourseState, instructor, today, clock: Clock) -> CourseRun:
    """A cohort with dates; its days count like those of the story."""

    def at(ago: int, time: str) -> datetime:
        return clock.later(moment(today, {"ago": ago, "at": time}))

    run = CourseRun(
        course=state.course,
        name=own["name"],
        name_en=own["name_en"],
        pacing=CourseRun.Pacing.COHORT,
        method=own["method"],
        starts_at=at(own["begins"], "09.00"),
        ends_at=at(own["ends"], "16.30"),
        enrol_until=at(own["enrol_until"], "16.30"),
        access_days_after=30,
        capacity=own["places"],
        least_people=own["least"],
    )
    run.full_clean()
    run.save()
    run.instructors.add(instructor)
    items = {entry["kind"]: entry["key"] for entry in state.current.outline["items"]}
    for kind, phases in own["dates"].items():
        for phase, ago in phases.items():
            PhaseDates.objects.create(
                cohort=run.key, item=items[kind], phase=phase, due_at=at(ago, "16.30")
            )
    return run
