"""A quiz at hand: the demo course's, learners in it, and the forms they send."""

import re

from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from activities.core import registry
from activities.core.contract import Desk, Submitted
from activities.core.errors import Refused
from activities.core.models import Participation
from activities.quiz.course_file import from_course_file
from activities.quiz.models import QuizPage
from tests.factories import files
from tests.factories.items import locale, participation_of, version_of, visit_of
from tests.factories.people import UserFactory

TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="[^"]*">')

kind = registry.get("quiz")


def course_item() -> dict:
    """The item a-q1 of the demo course, fresh for each caller."""
    return files.item("a-q1")


def page_of(language="th", item=None, **values) -> QuizPage:
    item = item or course_item()
    fields = from_course_file(item, language) | {"attempts_max": 0} | values
    return QuizPage(
        title=item["title"][language], minutes=item["minutes"], locale=locale(language), **fields
    )


def learner_in(version=None, *, user=None, cohort=None, **values) -> Participation:
    version = version or version_of(page_of(**values), en=page_of("en", **values))
    return participation_of(version, user or UserFactory(), cohort=cohort)


def right_answers(item=None) -> dict[str, list[str]]:
    return {
        f"question-{q['key']}": [c["key"] for c in q["choices"] if c["correct"]]
        for q in (item or course_item())["questions"]
    }


def wrong_answers(item=None) -> dict[str, list[str]]:
    return {
        f"question-{q['key']}": [next(c["key"] for c in q["choices"] if not c["correct"])]
        for q in (item or course_item())["questions"]
    }


def form(fields: dict) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def fresh(participation) -> Participation:
    return Participation.objects.select_related("version", "user").get(pk=participation.pk)


def hand_in(participation, answers, number=1, *, confirm=False, language="th"):
    data = form({**answers, "attempt": str(number), **({"confirm": "1"} if confirm else {})})
    visit = visit_of(fresh(participation), language=language)
    with translation.override(language), transaction.atomic():
        return kind.handle(visit, "try", "hand_in", data, {})


def look(participation, step="", language="th") -> str:
    with translation.override(language):
        return rendered(kind.screen(visit_of(fresh(participation), language=language), step))


def refusal(participation, answers, number=1, *, action="hand_in", language="en"):
    """(the refusal of a POST, the HTML that shows it)"""
    data = form({**answers, "attempt": str(number)})
    visit = visit_of(fresh(participation), language=language)
    with translation.override(language):
        try:
            with transaction.atomic():
                kind.handle(visit, "try", action, data, {})
        except Refused as error:
            visit = visit_of(fresh(participation), language=language)
            submitted = Submitted(action=action, data=data, error=error)
            return error, rendered(kind.screen(visit, "try", submitted=submitted))
    raise AssertionError("nothing was refused")


def rendered(screen) -> str:
    html = render_to_string(screen.template, screen.context, RequestFactory().get("/"))
    return TOKEN.sub("", html)


def desk_of(participation, page=1, language="th", user=None) -> Desk:
    return Desk(
        version=participation.version,
        cohort=participation.cohort,
        user=user or UserFactory(),
        language=language,
        base_url="/th/teach/run/item/",
        page=page,
    )


def desk_html(desk, step="") -> str:
    with translation.override(desk.language):
        return rendered(kind.desk_screen(desk, step))
