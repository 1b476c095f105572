"""A page with a template's placeholders in it is not published: learners would read them."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages

from activities.core.placeholders import named
from courses.releases.messages import placeholder_message
from courses.releases.wagtail_hooks import course_above

from .fill import OURS, open_places


@hooks.register("before_publish_page")
def refuse_placeholders(request, page):
    """Told with the places and a way to fill them in. The revision has been saved by now."""
    if not isinstance(page, OURS):
        return None
    places = open_places(page)
    if not places:
        return None
    text = placeholder_message(page.title, named(places)) + " " + _("Your draft has been saved.")
    course = course_above(page)
    button = [messages.button(fill_url(page), _("Fill in the places"))] if course else None
    messages.error(request, text, buttons=button)
    if page.live and page.live_revision_id is None:
        # “Create and publish” has put the row into the tree as live before asking.
        page.live = False
        page.has_unpublished_changes = True
        page.save(update_fields=["live", "has_unpublished_changes"], clean=False)
    return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))


def fill_url(page) -> str:
    """The form for the course to which a page belongs, in the page's own language."""
    from courses.catalogue.models import CoursePage

    course = CoursePage.objects.ancestor_of(page, inclusive=True).first()
    return reverse("authoring_fill", args=[course.pk])
