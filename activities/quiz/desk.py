"""What an instructor sees of a quiz in a run: how hard each question was, and who needs help."""

from collections import Counter, defaultdict
from fractions import Fraction
from math import floor
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.db.models import F
from django.utils.translation import gettext as _

from activities.core.contract import Desk, Outcome, Screen
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Attempt, Participation

from .questions import Told
from .takes import grant

PER_PAGE = 50


def screen(desk: Desk, step: str, submitted=None) -> Screen:
    builders = {"": questions, "learners": learners}
    if step not in builders:
        raise Refused(_("There is no such page."), code="unknown_step", status=404)
    context = builders[step](desk) | {
        "error": submitted.error if submitted else None,
        "tabs": [
            {"label": _("Results by question"), "url": desk.url(), "current": step == ""},
            {"label": _("Learners"), "url": desk.url("learners"), "current": step == "learners"},
        ],
    }
    return Screen(f"activities/quiz/desk_{step or 'questions'}.html", context)


def people(desk: Desk):
    return Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)


def questions(desk: Desk) -> dict:
    """Difficulty from everybody's first attempt (later ones have read the explanations)."""
    rules, told = desk.rules, Told(desk.content, desk.rules)
    points: dict[str, list[Fraction]] = defaultdict(list)
    chosen: dict[str, Counter] = defaultdict(Counter)
    count = 0
    first = Attempt.objects.filter(
        participation__cohort=desk.cohort, participation__item=desk.version.item, number=1
    ).values_list("data", flat=True)
    for data in first.iterator():
        count += 1
        for key, value in data.get("points", {}).items():
            points[key].append(Fraction(value))
        for key, answers in data.get("answers", {}).items():
            chosen[key].update(answers)
    rows = []
    for number, question in enumerate(rules.questions, start=1):
        got = points[question.key]
        wrong = [
            (times, key) for key, times in chosen[question.key].items() if key not in question.right
        ]
        times, key = max(wrong, key=lambda pair: pair[0], default=(0, ""))
        rows.append(
            {
                "number": number,
                "text": told.question(question.key).text,
                "percent": floor(100 * sum(got, Fraction(0)) / len(got) + Fraction(1, 2))
                if got
                else None,
                "fully": sum(value == 1 for value in got),
                "of": len(got),
                "wrong": told.answer(question.key, key) if times else "",
                "wrong_count": times,
            }
        )
    return {"rows": rows, "count": count}


def learners(desk: Desk) -> dict:
    """Who has taken the quiz, with the best score; first those who can go no further."""
    rows = (
        people(desk)
        .select_related("user")
        .order_by(F("score").asc(nulls_last=True), "user__first_name", "user__last_name", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(desk.page)
    return {
        "page_obj": page,
        "entries": [
            {
                "pk": participation.pk,
                "learner": participation.user,
                "score": participation.score,
                "attempts": participation.data.get("attempts", 0),
                "state": State(participation.state).label,
                "stuck": participation.state == State.NEEDS_ATTENTION,
                "key": uuid4(),
            }
            for participation in page
        ],
        "form_url": desk.url("learners"),
        "pass_mark": desk.rules.pass_mark,
    }


def handle(desk: Desk, step: str, action: str, data, files) -> Outcome:
    if action != "grant":
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
    learner = str(data.get("learner", ""))
    participation = (
        people(desk).select_for_update().filter(pk=learner if learner.isdigit() else None).first()
    )
    if participation is None:
        raise Refused(_("There is no such learner here."), code="unknown_learner", status=404)
    if participation.state != State.NEEDS_ATTENTION:
        raise Refused(
            _("This learner has attempts left, or was granted one already."),
            code="not_needed",
            status=409,
        )
    grant(participation, desk.user, key_of(data.get("key")))
    return Outcome(
        step="learners",
        message=_("%(name)s may take the quiz once more.") % {"name": participation.user},
    )


def key_of(text) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
