"""Copying from another course: its button and addresses in the authoring site."""

from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from courses.catalogue.models import CoursePage, SectionPage

from . import views


@hooks.register("register_admin_urls")
def urls():
    return [
        path("courses/<int:pk>/copy/", views.ChooseCourse.as_view(), name="authoring_duplicate"),
        path(
            "courses/<int:pk>/copy/<int:source>/",
            views.ChooseParts.as_view(),
            name="authoring_duplicate_parts",
        ),
    ]


def buttons(page, user):
    if page.specific_class not in (CoursePage, SectionPage):
        return
    if page.permissions_for_user(user).can_add_subpage():
        yield Button(
            _("Copy from another course"),
            reverse("authoring_duplicate", args=[page.pk]),
            icon_name="copy",
            priority=17,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)
