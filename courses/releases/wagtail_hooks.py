"""Telling authors before the fact. What must hold is held by releases, whatever happens here."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from wagtail import hooks
from wagtail.admin import messages

from activities.core.models import ItemPage
from courses.catalogue.models import CoursePage

from .cut import candidate, source_page
from .messages import blocked_message
from .models import CourseState


def course_above(page) -> CoursePage | None:
    """The source course page that a page belongs to, itself included."""
    if isinstance(page, CoursePage):
        key = page.translation_key
    else:
        parent = page.get_ancestors().type(CoursePage).specific().last()
        if parent is None:
            return None
        key = parent.translation_key
    return source_page(key)


@hooks.register("before_publish_page")
def refuse_to_unbalance(request, page):
    """Publishing that would break the rule is refused with the numbers and the shortest fix.

    The revision has been saved by now, so the draft is kept. A course that is being built may have
    its parts published in any order: the refusal concerns the course page itself, and parts of a
    course that is on offer.
    """
    if not isinstance(page, (CoursePage, ItemPage)):
        return None
    course = course_above(page)
    if course is None or course.locale_id != page.locale_id:
        return None
    on_offer = CourseState.objects.filter(
        course=course.translation_key, current__isnull=False
    ).exists()
    if not on_offer and not isinstance(page, CoursePage):
        return None
    result = candidate(course, replace=page)
    if result.passes:
        return None
    language = (get_language() or "th")[:2]
    texts = [problem.get(language) or problem["th"] for problem in result.problems]
    if not result.mix.passes:
        texts.insert(0, blocked_message(result.mix))
    for text in texts:
        messages.error(request, text)
    if page.live and page.live_revision_id is None:
        # “Create and publish” has put the row into the tree as live before asking.
        page.live = False
        page.has_unpublished_changes = True
        page.save(update_fields=["live", "has_unpublished_changes"], clean=False)
    return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
