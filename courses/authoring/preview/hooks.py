"""“Preview the course as a learner”: its button and address in the authoring site."""

from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from courses.catalogue.models import CoursePage

from .views import course_as_learner


@hooks.register("register_admin_urls")
def urls():
    return [path("courses/<int:pk>/preview/", course_as_learner, name="authoring_course_preview")]


def buttons(page, user):
    if page.specific_class is not CoursePage:
        return
    rights = page.permissions_for_user(user)
    if rights.can_edit() or rights.can_publish():
        yield Button(
            _("Preview the course as a learner"),
            reverse("authoring_course_preview", args=[page.pk]),
            icon_name="view",
            attrs={"target": "_blank", "rel": "noreferrer"},
            priority=19,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)
