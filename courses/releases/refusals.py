"""Whether a change would break a course on offer, asked before it is made.

What must hold is held by releases, whatever happens here; these are courtesies to authors.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from activities.core.models import ItemPage
from courses.catalogue.models import CoursePage, SectionPage

from .cut import Candidate, candidate, source_page
from .messages import blocked_message
from .models import CourseState


class RuleBroken(ValidationError):
    """A change that a course on offer cannot bear; `texts` say why, in the author's language."""

    def __init__(self, texts: list[str]):
        super().__init__(texts, code="rule_broken")
        self.texts = texts


def course_above(page: Page) -> CoursePage | None:
    """The source course page that a page belongs to, itself included."""
    if isinstance(page, CoursePage):
        key = page.translation_key
    else:
        parent = page.get_ancestors().type(CoursePage).specific().last()
        if parent is None:
            return None
        key = parent.translation_key
    return source_page(key)


def on_offer(course: CoursePage) -> bool:
    return CourseState.objects.filter(course=course.translation_key, current__isnull=False).exists()


def texts_of(result: Candidate, *, draft_saved: bool) -> list[str]:
    """Why the candidate cannot be offered, in the current language."""
    language = (get_language() or "th")[:2]
    texts = [problem.get(language) or problem["th"] for problem in result.problems]
    if not result.mix.passes:
        texts.insert(0, blocked_message(result.mix, draft_saved=draft_saved))
        texts += [said.get(language) or said["th"] for said in result.measured]
    return texts


def why_not_publish(
    page: Page, *, besides: Iterable[Page] = (), draft_saved: bool = True
) -> list[str]:
    """Why a page (with its unsaved or drafted content) must not go live now; empty when it may.

    `besides` are other drafts that go live in the same breath. A course that is being built may
    have its parts published in any order: only the course page itself is refused then. Parts of a
    course on offer are refused when the course would no longer pass.
    """
    if not isinstance(page, (CoursePage, ItemPage, SectionPage)):
        return []
    course = course_above(page)
    if course is None or course.locale_id != page.locale_id:
        return []
    if not isinstance(page, CoursePage) and not on_offer(course):
        return []
    besides = list(besides)
    result = candidate(course, replace=[*besides, page])
    if result.passes:
        return []
    texts = texts_of(result, draft_saved=draft_saved)
    if isinstance(page, CoursePage) and not result.mix.passes and not besides:
        texts += with_the_drafts(page)
    return texts


def with_the_drafts(page: CoursePage) -> list[str]:
    """What to do about a course that passes as soon as the drafts below it are published too."""
    below = page.get_descendants().not_live().specific()
    drafts = [draft.get_latest_revision_as_object() for draft in below]
    if not drafts or not candidate(page, replace=[page, *drafts]).mix.passes:
        return []
    return [
        _(
            "The pages below are drafts still, and with them the course passes. Publish them "
            "together: choose the course in the list of pages, press Publish and include the pages "
            "below."
        )
    ]


def why_not_remove(page: Page, *, besides: Iterable[Page] = ()) -> list[str]:
    """Why a live page cannot be unpublished, moved away or deleted: the course on offer needs it.

    `besides` are pages that go in the same breath. Taking the whole course off offer is always
    possible.
    """
    if texts := why_not_touch(page):
        return texts
    page = page.specific
    if not page.live or not isinstance(page, (ItemPage, SectionPage)):
        return []
    course = course_above(page)
    if course is None or course.locale_id != page.locale_id or not on_offer(course):
        return []
    result = candidate(course, without=[page, *besides])
    if result.mix.passes:
        return []
    needed = _(
        "“%(title)s” is needed: without it the course on offer would break the rule. Add other "
        "activities first, or unpublish the whole course."
    ) % {"title": page.title}
    return [f"{needed} {blocked_message(result.mix, draft_saved=False)}"]


def of_missing_kind(page: Page) -> list[Page]:
    """Pages from here downwards whose kind's package is not installed. Two queries."""
    here = page.get_descendants(inclusive=True)
    kinds = ContentType.objects.filter(pk__in=here.order_by().values("content_type").distinct())
    gone = [kind.pk for kind in kinds if kind.model_class() is None]
    return list(here.filter(content_type__in=gone).order_by("path")[:5]) if gone else []


def why_not_touch(page: Page) -> list[str]:
    """Why a page cannot be moved or unpublished: its own table is out of reach."""
    if page.content_type.model_class() is not None:
        return []
    return [missing_message(page)]


def why_not_delete(page: Page, *, besides: Iterable[Page] = ()) -> list[str]:
    """Why a page and all below it cannot be deleted."""
    if gone := of_missing_kind(page):
        return [missing_message(one) for one in gone]
    return why_not_remove(page, besides=besides)


def missing_message(page: Page) -> str:
    return _(
        "“%(title)s” belongs to an activity kind that is not installed. Until its package is "
        "installed again it cannot be moved, unpublished or deleted; nothing of it is lost."
    ) % {"title": page.title}


def live_below(page: Page) -> list[Page]:
    return list(page.get_descendants().live().specific())


def why_not_leave(page: Page, destination: Page) -> list[str]:
    """Why a page cannot be moved: within its own course it always can."""
    if texts := why_not_touch(page):
        return texts
    page = page.specific
    course = course_above(page)
    if course is None:
        return []
    there = destination.specific
    home = (
        course_above(there)
        if not isinstance(there, CoursePage)
        else source_page(there.translation_key)
    )
    stays = home is not None and home.pk == course.pk
    hidden = isinstance(there, SectionPage) and not there.live
    if stays and not hidden:
        return []
    return why_not_remove(page)
