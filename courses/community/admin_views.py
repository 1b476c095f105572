"""What learners say about a course, for its authors: lesson by lesson, and at its end."""

from uuid import UUID

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin.auth import permission_denied

from courses.catalogue.models import CoursePage
from courses.enrolment.rules import runs_for
from courses.releases.delivery import in_language, served_state

from . import feedback, survey
from .forms import TEXTS
from .sheets import as_csv
from .survey_views import book

PER_PAGE = 50
MOST_RUNS = 50


def course_of(request, pk: int) -> CoursePage | None:
    """The course, if this person may edit it."""
    page = get_object_or_404(CoursePage, pk=pk)
    return page if page.permissions_for_user(request.user).can_edit() else None


def titles(course: UUID) -> dict[str, dict]:
    """{item key: {language: title}} of the release that learners are served."""
    state = served_state(course)
    items = state.served.outline["items"] if state else []
    return {entry["key"]: entry["titles"] for entry in items}


def title_of(known: dict, item: UUID) -> str:
    found = known.get(str(item))
    return in_language(found) if found else _("a lesson that is no longer in the course")


@require_GET
def opinions(request, pk: int):
    course = course_of(request, pk)
    if course is None:
        return permission_denied(request)
    key = course.translation_key
    known = titles(key)
    told = Paginator(feedback.summary(key, known), PER_PAGE).get_page(request.GET.get("page"))
    chosen = chosen_item(request.GET.get("lesson", ""))
    written = Paginator(feedback.comments(key, chosen), PER_PAGE).get_page(
        request.GET.get("comments")
    )
    own = runs_for(request.user)
    runs = [] if own is None else own.filter(course=key).order_by("-created_at", "-pk")[:MOST_RUNS]
    context = {
        "page_title": course.get_admin_display_title(),
        "course": course,
        "header_icon": "comment",
        "rows": [{"title": title_of(known, one.item), "told": one} for one in told],
        "page_obj": told,
        "chosen": title_of(known, chosen) if chosen else "",
        "comments": [(title_of(known, item), why) for item, why in written],
        "comments_page": written,
        "result": survey.of_course(key),
        "text_labels": [(str(label), name) for name, label in TEXTS.items()],
        "runs": [(run, reverse("run_survey", args=[run.pk])) for run in runs],
        "least": feedback.LEAST_PEOPLE,
    }
    return render(request, "community/admin/opinions.html", context)


def chosen_item(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


@require_GET
def opinions_csv(request, pk: int):
    """Lessons with their figures, then what was written."""
    course = course_of(request, pk)
    if course is None:
        return permission_denied(request)
    key = course.translation_key
    known = titles(key)
    rows = [[_("Lesson"), _("Answers"), _("Useful"), _("Not useful"), _("Useful, per cent")]]
    for one in feedback.summary(key, known):
        rows.append(
            [title_of(known, one.item), one.people, one.useful, one.not_useful, one.percent]
        )
    rows += [[], [_("Lesson"), _("Comment")]]
    rows += [[title_of(known, item), why] for item, why in feedback.comments(key)]
    return as_csv(f"lessons-{course.slug}", rows)


@require_GET
def survey_csv(request, pk: int):
    course = course_of(request, pk)
    if course is None:
        return permission_denied(request)
    return as_csv(f"survey-{course.slug}", survey.table(survey.of_course(course.translation_key)))


@require_GET
def survey_xlsx(request, pk: int):
    course = course_of(request, pk)
    if course is None:
        return permission_denied(request)
    return book(f"survey-{course.slug}", survey.of_course(course.translation_key))
