"""One person's grades as a table: every scored item, how it counts, and the grade."""

from django.urls import reverse
from django.utils import timezone

from courses.enrolment.models import Enrolment
from courses.enrolment.progress import other_reasons
from courses.releases.delivery import in_language

from . import grading, words
from .completion import missing, sentences
from .models import scheme_of
from .reckon import passed, shown
from .scheme import scored, text


def sheet(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """Everything the learner's own page and the instructor's page of a person say about grades.

    Reckoned now, so that what has closed since the grade was stored counts as it should.
    """
    scheme, grade = scheme_of(enrolment.run), grading.grade_of(enrolment)
    closed = grading.Closed(scheme, enrolment.run, [enrolment.seat], timezone.now())
    found = grading.reckon_for(scheme, outline, grade, closed.of(enrolment.seat))
    grade.computed = found.value
    if not grade.is_set:
        grade.value = found.value
    categories = {c.key: c for c in scheme.categories}
    rows = []
    for entry in scored(outline):
        rule, score = scheme.of(entry["key"]), grading.score_in(grade, entry["key"])
        category = categories.get(rule.category)
        rows.append(
            {
                "title": in_language(entry["titles"], language),
                "icon": entry["icon"],
                "url": reverse("item", args=[outline["slug"], entry["slug"]]),
                "required": entry["required"],
                "score": shown(score.value),
                "is_set": score.is_set,
                "weight": text(rule.weight),
                "category": words.category_name(category, language) if category else "",
                "pass_mark": shown(rule.pass_mark),
                "below": rule.pass_mark is not None
                and not score.excused
                and (score.value is None or score.value < rule.pass_mark),
                "part": words.part(found.parts[entry["key"]]),
            }
        )
    why = []
    if enrolment.completed_at is None:
        why = sentences(enrolment, outline, missing(enrolment, outline, scheme, grade), language)
        why += other_reasons(enrolment, language)
    return {
        "rows": rows,
        "categories": [
            {
                "name": words.category_name(c, language),
                "weight": text(c.weight),
                "drop": c.drop,
                "grade": shown(found.groups.get(c.key)),
            }
            for c in scheme.categories
        ],
        "grade": shown(grade.value),
        "mark": words.mark(scheme, grade.value),
        "passed": passed(scheme, grade.value),
        "pass_mark": shown(scheme.pass_mark),
        "computed": shown(grade.computed),
        "is_set": grade.is_set,
        "pending": found.pending,
        "missing_counts": scheme.missing == "zero",
        "remark": grade.get_remark_display() if grade.remark else "",
        "why": why,
        "completed_at": enrolment.completed_at,
        "percent": enrolment.percent,
    }


def panel(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """The grade and what is missing, on the page of a person in a run."""
    return {
        "template": "grades/panel.html",
        "sheet": sheet(enrolment, outline, language),
        "url": reverse("teach_grade", args=[enrolment.run_id, enrolment.pk]),
    }
