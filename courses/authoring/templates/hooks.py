"""Templates in the authoring site: buttons, addresses, and the refusal of open places."""

from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from courses.catalogue.models import CatalogPage, CoursePage, SectionPage

from . import refusal, views  # noqa: F401 - the refusal registers itself


@hooks.register("register_admin_urls")
def urls():
    return [
        path(
            "courses/<int:pk>/templates/", views.ItemTemplates.as_view(), name="authoring_templates"
        ),
        path(
            "course-templates/<slug:name>/<slug:code>/",
            views.preview,
            name="authoring_template_preview",
        ),
        path("courses/<int:pk>/new/", views.NewCourse.as_view(), name="authoring_new_course"),
        path("courses/<int:pk>/fill/", views.Fill.as_view(), name="authoring_fill"),
    ]


def buttons(page, user):
    rights = page.permissions_for_user(user)
    page_class = page.specific_class
    if page_class in (CoursePage, SectionPage) and rights.can_add_subpage():
        yield Button(
            _("Add from a template"),
            reverse("authoring_templates", args=[page.pk]),
            icon_name="copy",
            priority=16,
        )
    if page_class is CatalogPage and rights.can_add_subpage():
        yield Button(
            _("New course from a template"),
            reverse("authoring_new_course", args=[page.pk]),
            icon_name="copy",
            priority=16,
        )
    if page_class is CoursePage and rights.can_edit():
        yield Button(
            _("Fill in the places"),
            reverse("authoring_fill", args=[page.pk]),
            icon_name="edit",
            priority=18,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)
